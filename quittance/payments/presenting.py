"""Whether a debit that came back may be presented to the bank again: how often, and until when.

A debit that its bank returned for want of money may be tried again a few times, within some months,
for the same amount (Nacha: two times, 180 days; features 5.1). What was not agreed to, or cannot be
debited at all, may not; a new agreement is a new debit. The figures are data: see ``return_codes``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.core import clock
from quittance.gateways.charges import StartedBy
from quittance.payments.given_back import still_returned
from quittance.payments.models import Allocation, GatewayAttempt, Reversal
from quittance.payments.return_codes import (
    Presenting,
    Rule,
    holidays_of,
    presenting_of,
    rule_of,
)
from quittance.payments.return_windows import banking_days_after
from quittance.payments.returned import rule_for
from quittance.receivables.models import Invoice
from quittance.wallet.charging import MethodNotUsable
from quittance.wallet.models import KeptMethod

A = GatewayAttempt.Status
# No bank has seen these: the gateway, or we, ended them before.
_NEVER_PRESENTED: Final = frozenset({A.PREPARED, A.CANCELLED})
_BANKS_SAY: Final = frozenset({"insufficient_funds", "account_closed"})  # of an attempt that failed


class DebitNotAgain(MethodNotUsable):
    """Its bank returned this debit, and it may not be taken again. Nothing was charged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit:
    """One time that an account was debited for an invoice, and how it came back if it did."""

    at: datetime
    amount_minor: int  # of the invoice
    back_at: datetime | None
    rule: Rule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """Whether a returned debit may be taken again."""

    allowed: bool
    left: int  # how often, now
    until: date | None  # the last day; ``None`` when it may not
    amount_minor: int  # the same as the first time
    rule: Rule  # of the last return
    back_on: date  # when it came


def check_again(kept_method_id: UUID, shares: Mapping[UUID, int], *, started_by: StartedBy) -> str:
    """Raise ``DebitNotAgain`` where a bank account may not be debited again for these invoices.

    Returns what the entry is called where it is the same debit once more ("RETRY PYMT"), else "".
    ``shares``: minor units of each invoice. Call it in the transaction that writes the charge down,
    with the method locked. What a payer agreed to after the last return is a new debit; only what
    is charged without him must be the same amount, and some banking days later.
    """
    method = KeptMethod.objects.select_related("consent").filter(pk=kept_method_id).first()
    if method is None or method.method != "bank_debit":
        return ""
    entry, same = "", 0
    for invoice_id, debits in debits_of(method, shares).items():
        found = presentation(debits, agreed_at=method.consent.given_at)
        if found is None:
            continue
        number = Invoice.objects.values_list("number", flat=True).get(pk=invoice_id)
        if not found.allowed:
            raise DebitNotAgain(_refusal(found, number))
        if started_by is StartedBy.SELLER and shares[invoice_id] != found.amount_minor:
            raise DebitNotAgain(
                _(
                    "A returned debit for invoice %(number)s may be taken again until %(until)s,"
                    " for the same amount only. Nothing was charged."
                )
                % {"number": number, "until": found.until}
            )
        how = presenting_of(method.currency, found.back_on)
        if how is None:
            continue
        first_day = _first_day(how, found.back_on)
        if started_by is StartedBy.SELLER and clock.now().date() < first_day:
            raise DebitNotAgain(
                _(
                    "A returned debit for invoice %(number)s may be taken again by itself from"
                    " %(day)s on: %(days)s banking days after it came back. Nothing was charged."
                )
                % {"number": number, "day": first_day, "days": how.banking_days}
            )
        if shares[invoice_id] == found.amount_minor:
            entry, same = how.description, same + 1
    return entry if same == len(shares) else ""


def debits_of(method: KeptMethod, invoice_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Debit]]:
    """Return how often an account was debited for each of these invoices, the first time first.

    The same account that the customer keeps twice is one account. In a caller's transaction.
    """
    same = KeptMethod.objects.filter(pk=method.pk)
    if method.fingerprint:
        same |= KeptMethod.objects.filter(
            customer_account_id=method.customer_account_id, fingerprint=method.fingerprint,
            gateway_account_id=method.gateway_account_id,
        )  # fmt: skip
    attempts = GatewayAttempt.objects.filter(
        kept_method_id__in=list(same.values_list("pk", flat=True)),
        payment__allocations__invoice_id__in=invoice_ids,
    ).exclude(status__in=_NEVER_PRESENTED)
    found = {each.pk: each for each in attempts.order_by("created_at")}
    back = {
        each.attempt_id: each
        for each in still_returned(Reversal.objects.filter(attempt_id__in=found))
    }
    shares = Allocation.objects.filter(
        payment_id__in={each.payment_id for each in found.values()}, invoice_id__in=invoice_ids
    ).values_list("payment_id", "invoice_id", "amount_minor")
    debits: dict[UUID, list[Debit]] = {}
    for attempt in found.values():
        if attempt.status == A.FAILED and attempt.reason not in _BANKS_SAY:
            continue
        for payment_id, invoice_id, minor in shares:
            if payment_id == attempt.payment_id:
                debits.setdefault(invoice_id, []).append(
                    _debit(attempt, back.get(attempt.pk), minor)
                )
    return debits


def presentation(debits: Sequence[Debit], *, agreed_at: datetime) -> Presentation | None:
    """Return whether the last debit may be taken again; ``None``: it did not come back.

    ``agreed_at``: what the payer agreed to after the last return needs no leave, but for an account
    that takes no debits at all.
    """
    chain: list[tuple[Debit, datetime, Rule]] = []
    for each in debits:
        if each.back_at is None or each.rule is None:
            chain = []  # it was paid in between, or is on its way
        else:
            chain.append((each, each.back_at, each.rule))
    if not chain:
        return None
    first, (_, back_at, rule) = chain[0][0], chain[-1]
    if agreed_at > back_at and rule.retry != "never":
        return None
    left = max(0, rule.times - (len(chain) - 1)) if rule.retry == "again" else 0
    last_day = first.at.date() + timedelta(days=rule.days)
    allowed = left > 0 and clock.now().date() <= last_day
    return Presentation(
        allowed=allowed, left=left if allowed else 0, until=last_day if allowed else None,
        amount_minor=first.amount_minor, rule=rule, back_on=back_at.date(),
    )  # fmt: skip


def _first_day(how: Presenting, back_on: date) -> date:
    """Return the first day on which we take a returned debit again by ourselves."""
    return banking_days_after(back_on, how.banking_days, holidays_of(how.of_scheme, back_on))


def _debit(attempt: GatewayAttempt, back: Reversal | None, minor: int) -> Debit:
    at = attempt.word_at or attempt.created_at
    if back is not None:
        return Debit(
            at=at, amount_minor=minor, back_at=back.succeeded_at or back.created_at,
            rule=rule_for(back),
        )  # fmt: skip
    if attempt.status == A.FAILED:
        rule = rule_of(attempt.reason, at.date())
        return Debit(at=at, amount_minor=minor, back_at=at, rule=rule)
    return Debit(at=at, amount_minor=minor, back_at=None, rule=None)


_HOW: Final = {
    "again": noop(
        "It was tried as often, or as long, as the rules allow. Add the account anew to agree to a"
        " new debit, or pay another way. Nothing was charged."
    ),
    "new_consent": noop(
        "It may be debited again once you have agreed anew: add the account anew, or pay another"
        " way. Nothing was charged."
    ),
    "corrected": noop(
        "It may be debited again once what was wrong is corrected: add the account anew, or pay"
        " another way. Nothing was charged."
    ),
    "never": noop(
        "It may not be debited again for it. Pay with another account or another way. Nothing was"
        " charged."
    ),
}


def _refusal(found: Presentation, number: str) -> str:
    why = _(found.rule.words).rstrip(".")
    begin = _("The bank returned the debit of this account for invoice %(number)s: %(why)s.")
    return f"{begin % {'number': number, 'why': why}} {_(_HOW[found.rule.retry])}"
