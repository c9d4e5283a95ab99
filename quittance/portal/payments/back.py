"""Says in a buyer's words what went back of a payment: refunds, returns, disputes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from quittance.core.money import Money
from quittance.payments.given_back import ends_a_return
from quittance.payments.models import Payment, Reversal
from quittance.portal.money_back import advice_of, event_of
from quittance.portal.payments.life import Life
from quittance.ui.amounts import format_money
from quittance.ui.days import day_of, format_long_day

K, R = Reversal.Kind, Reversal.Status


def with_what_went_back(
    life: Life, payment: Payment, reversals: Sequence[Reversal], *, seller: str, locale: str
) -> Life:
    """Return ``life`` with what went back, the earliest first, and a headline that fits."""
    events = [
        replace(event, detail=f"{event.detail} {advice_of(each, reversals)}".strip())
        for each in reversals
        if (event := event_of(each, reversals, seller, locale))
    ]
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
            ended = ends_a_return(each, reversals)
            word = _("Paid by the bank after all") if ended else words[K(each.kind)]
            rows.append((word, f"{format_money(each.amount, locale)}, {day}"))
    return rows
