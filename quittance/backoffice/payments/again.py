"""Whether a returned debit may be taken again, and what its return has stopped: for its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quittance.core import clock
from quittance.payments.models import Allocation, Payment, Reversal
from quittance.payments.presenting import Presentation, debits_of, presentation
from quittance.payments.return_codes import Rule
from quittance.payments.returned import rule_for
from quittance.ui.days import format_day
from quittance.wallet.models import KeptMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterReturn:
    """What the AR team reads beside a return."""

    allowed: bool
    sentence: str
    stopped: Sequence[KeptMethod]


def after_return(
    payment: Payment, reversals: Sequence[Reversal], locale: str
) -> AfterReturn | None:
    """Return it for the last return of a payment, in a transaction of the caller."""
    back = [
        each
        for each in reversals
        if each.kind == Reversal.Kind.RETURN and each.status == Reversal.Status.SUCCEEDED
    ]
    if not back:
        return None
    rule = rule_for(back[-1])
    found = _found(payment)
    stopped = KeptMethod.objects.filter(stopped_by__in=[each.pk for each in reversals])
    allowed, sentence = _words(rule, found, payment, locale)
    return AfterReturn(
        allowed=allowed, sentence=sentence, stopped=list(stopped.order_by("created_at", "pk"))
    )


def _found(payment: Payment) -> Sequence[Presentation | None]:
    """Return what holds for each invoice of a payment by a kept method; empty for another one."""
    attempt = payment.attempts.filter(kept_method_id__isnull=False).first()
    if attempt is None or attempt.kept_method_id is None:
        return []
    method = KeptMethod.objects.select_related("consent").get(pk=attempt.kept_method_id)
    invoices = list(
        Allocation.objects.filter(payment=payment).values_list("invoice_id", flat=True).distinct()
    )
    every = debits_of(method, invoices)
    return [presentation(each, agreed_at=method.consent.given_at) for each in every.values()]


def _words(
    rule: Rule, found: Sequence[Presentation | None], payment: Payment, locale: str
) -> tuple[bool, str]:
    if rule.retry == "new_consent":
        return False, _("It may be taken again only after the payer has agreed anew.")
    if rule.retry == "corrected":
        return False, _("It may be taken again only after what was wrong is corrected.")
    if rule.retry == "never":
        return False, _("It may not be taken again from this account.")
    waiting = [each for each in found if each is not None]
    if found and not waiting:
        return False, _("It was taken again, and has not come back.")
    left = min((each.left for each in waiting), default=rule.times)
    until = min((each.until for each in waiting if each.until), default=_last_day(rule, payment))
    if left < 1 or until < clock.now().date():
        return False, _("It was tried as often, or as long, as the rules allow.")
    words = ngettext(
        "It may be taken again %(n)s more time, until %(day)s, for the same amount.",
        "It may be taken again %(n)s more times, until %(day)s, for the same amount.", left,
    )  # fmt: skip
    return True, words % {"n": left, "day": format_day(until, locale)}


def _last_day(rule: Rule, payment: Payment) -> date:
    return payment.created_at.date() + timedelta(days=rule.days)
