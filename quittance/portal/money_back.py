"""One line of a timeline for money that went back, and what its payer can do about it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from quittance.payments.given_back import ends_a_return, is_given_back
from quittance.payments.models import Reversal
from quittance.payments.returned import rule_for
from quittance.portal.timeline import Event
from quittance.tenancy.rows import reading
from quittance.ui.amounts import format_money
from quittance.wallet.models import KeptMethod
from quittance.wallet.stopping import company_id_of

K, R = Reversal.Kind, Reversal.Status


def event_of(
    reversal: Reversal, among: Sequence[Reversal], seller: str, locale: str
) -> Event | None:
    """Return what a timeline says of one, ``among`` those of its payment; ``None``: nothing yet."""
    amount = {"amount": format_money(reversal.amount, locale), "seller": seller}
    if reversal.kind == K.REFUND:
        return _refund(reversal, amount)
    if reversal.status != R.SUCCEEDED:
        return None
    owed = _("The invoices are owed again.") if reversal.reopens else ""
    title, detail, tone = _("%(amount)s was returned by your bank") % amount, "", "warn"
    if reversal.kind == K.RETURN:
        why = _(rule_for(reversal).words)
        detail = f"{why[:1].upper()}{why[1:]} {'' if is_given_back(reversal, among) else owed}"
    elif reversal.kind == K.DISPUTE:
        title = _("%(amount)s was disputed at your bank") % amount
        won = is_given_back(reversal, among)
        detail = owed or ("" if won else _("Your bank has the money until it is decided."))
    elif ends_a_return(reversal, among):
        title, tone = _("Your bank paid %(amount)s after all") % amount, "good"
    else:
        title, tone = _("The dispute was decided: %(amount)s is paid again") % amount, "good"
    return Event(title=title, detail=detail, at=reversal.succeeded_at, icon="refresh", tone=tone)


def advice_of(reversal: Reversal, among: Sequence[Reversal]) -> str:
    """Return what a payer can do about a return, outside of any transaction; "" for the rest."""
    if reversal.kind != K.RETURN or reversal.status != R.SUCCEEDED:
        return ""
    if is_given_back(reversal, among):
        return ""
    with reading():
        rule = rule_for(reversal)
        number = company_id_of(reversal.attempt.gateway_account_id)
        stopped = list(KeptMethod.objects.filter(stopped_by=reversal.pk).order_by("pk"))
    parts = [_(rule.deed)]
    if rule.names_company_id and number:
        parts.append(_("The company ID that your bank must let pass is %(id)s.") % {"id": number})
    labels = ", ".join(each.name or each.label for each in stopped)
    if labels:
        parts.append(_("%(label)s is charged no more.") % {"label": labels})
    return " ".join(parts)


def _refund(reversal: Reversal, amount: dict[str, str]) -> Event | None:
    if reversal.status == R.FAILED and reversal.succeeded_at is None:
        return None  # it never left; the seller has been told
    if reversal.status == R.FAILED:
        title = _("%(amount)s could not be sent back to you") % amount
        detail = _("Your bank did not take it. %(seller)s has been told.") % amount
        return Event(title=title, detail=detail, at=reversal.ended_at, icon="clock", tone="warn")
    if reversal.status != R.SUCCEEDED:
        title = _("%(amount)s is being sent back to you") % amount
        return Event(title=title, icon="progress", tone="info")
    title = _("%(amount)s was sent back to you") % amount
    detail = _("The way it came. Your bank may take some days to show it.")
    if reversal.reopens:
        detail = f"{detail} {_('The invoices are owed again.')}"
    return Event(title=title, detail=detail, at=reversal.succeeded_at, icon="refresh", tone="info")
