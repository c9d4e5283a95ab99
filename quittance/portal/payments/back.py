"""Says in a buyer's words what went back of a payment: refunds, returns, disputes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from quittance.core.money import Money
from quittance.payments.models import Payment, Reversal
from quittance.payments.return_codes import meaning_of
from quittance.portal.payments.life import Life
from quittance.portal.timeline import Event
from quittance.ui.amounts import format_money
from quittance.ui.days import day_of, format_long_day

K, R = Reversal.Kind, Reversal.Status


def with_what_went_back(
    life: Life, payment: Payment, reversals: Sequence[Reversal], *, seller: str, locale: str
) -> Life:
    """Return ``life`` with what went back, the earliest first, and a headline that fits."""
    events = [event for each in reversals if (event := _event(each, reversals, seller, locale))]
    if not events:
        return life
    headline, tone = life.headline, life.tone
    back = went_back(payment, reversals)
    if payment.status == Payment.Status.SUCCEEDED and back.minor >= payment.amount_minor:
        headline, tone = _("Paid, and sent back"), "info"
        if reversals[-1].kind == K.RETURN:
            headline, tone = _("Your bank returned the payment"), "warn"
    return replace(life, headline=headline, tone=tone, events=[*life.events, *events])


def went_back(payment: Payment, reversals: Sequence[Reversal]) -> Money:
    """Return how much has gone back to the payer for now."""
    done = [each for each in reversals if each.status == R.SUCCEEDED]
    signs = [-1 if each.kind == K.DISPUTE_WON else 1 for each in done]
    minor = sum(sign * each.amount_minor for sign, each in zip(signs, done, strict=True))
    return Money(max(0, minor), payment.currency)


def facts_of(reversals: Sequence[Reversal], *, locale: str, zone: str) -> list[tuple[str, str]]:
    """Return the rows of a receipt that say what went back, each with its day."""
    words = {K.REFUND: _("Sent back"), K.RETURN: _("Returned by the bank")}
    words |= {K.DISPUTE: _("Disputed"), K.DISPUTE_WON: _("Dispute decided, paid again")}
    rows = []
    for each in reversals:
        if each.status == R.SUCCEEDED and each.succeeded_at:
            day = format_long_day(day_of(each.succeeded_at, zone), locale)
            rows.append((words[K(each.kind)], f"{format_money(each.amount, locale)}, {day}"))
    return rows


def _event(reversal: Reversal, among: Sequence[Reversal], seller: str, locale: str) -> Event | None:
    amount = {"amount": format_money(reversal.amount, locale), "seller": seller}
    if reversal.kind == K.REFUND:
        return _refund(reversal, amount)
    if reversal.status != R.SUCCEEDED:
        return None
    owed = _("The invoices are owed again.") if reversal.reopens else ""
    title, detail, tone = _("%(amount)s was returned by your bank") % amount, "", "warn"
    if reversal.kind == K.RETURN:
        why = _(meaning_of(reversal.code).words)
        detail = f"{why[:1].upper()}{why[1:]} {owed}"
    elif reversal.kind == K.DISPUTE:
        title = _("%(amount)s was disputed at your bank") % amount
        won = any(each.kind == K.DISPUTE_WON and each.gateway_object == reversal.gateway_object
                  for each in among)  # fmt: skip
        detail = owed or ("" if won else _("Your bank has the money until it is decided."))
    else:
        title, tone = _("The dispute was decided: %(amount)s is paid again") % amount, "good"
    return Event(title=title, detail=detail, at=reversal.succeeded_at, icon="refresh", tone=tone)


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
