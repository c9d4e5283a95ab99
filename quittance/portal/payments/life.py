"""Says in words where a payment is, what comes next, and whether the page should go on asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from quittance.payments.models import GatewayAttempt, Payment
from quittance.portal.timeline import Event
from quittance.posting.models import ErpPosting
from quittance.transfers.accounts import METHOD as TRANSFER
from quittance.ui.sentences import sentence_for_reason
from quittance.ui.tone import PLAIN, in_tone

P, A, E = Payment.Status, GatewayAttempt.Status, ErpPosting.Status
_FOLLOW_FOR: Final = timedelta(minutes=15)  # then the page no longer asks by itself
_IN_THE_BOOKS: Final = frozenset({E.POSTED, E.CONFIRMED, E.HANDLED})
_BY_PEOPLE: Final = frozenset({E.REJECTED, E.BY_HAND})


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A payment as its payer sees it."""

    status: str  # a key of ui/statuses.py
    headline: str
    subline: str
    symbol: str
    tone: str
    moving: bool  # something is still to come soon
    waits_for_payer: bool
    events: list[Event]


def life_of(
    payment: Payment,
    attempt: GatewayAttempt | None,
    postings: Sequence[ErpPosting],
    *,
    seller: str,
    now: datetime,
    came_back: bool,
    tone: str = PLAIN,
) -> Life:
    """Return the words for a payment, its attempt at the gateway and its postings in the ERP.

    ``tone`` is the brand's. ``came_back``: the payer was just sent back from the gateway's page,
    whose word is on its way.
    """
    status = shown_status(payment.status, attempt.status if attempt else "")
    headline, subline, symbol, shade = _words(payment, status, attempt, seller, tone)
    if status == "waiting" and came_back:
        headline, symbol, shade = _("Almost done"), "progress", "info"
        subline = _("We are waiting for the payment provider’s word; it takes a few seconds.")
    over = payment.status in {P.FAILED, P.CANCELLED} or (
        bool(postings) and all(each.status in _IN_THE_BOOKS | _BY_PEOPLE for each in postings)
    )
    return Life(
        status=status,
        headline=headline,
        subline=subline,
        symbol=symbol,
        tone=shade,
        moving=not over and now - payment.created_at < _FOLLOW_FOR,
        waits_for_payer=status == "waiting",
        events=_events(payment, status, postings, seller),
    )


def shown_status(payment_status: str, attempt_status: str) -> str:
    """Return the one status that a buyer sees: an open hosted page waits for the payer."""
    if payment_status != P.IN_FLIGHT:
        return payment_status
    words: dict[str, str] = {A.OPEN: "waiting", A.UNKNOWN: "unknown"}
    return words.get(attempt_status, payment_status)


def _words(
    payment: Payment, status: str, attempt: GatewayAttempt | None, seller: str, tone: str
) -> tuple[str, str, str, str]:
    """Return headline, the line below the amount, icon and shade."""
    how = payment.method_label or _("the payment page")
    if status == P.SUCCEEDED and not payment.amount_minor:
        line = _("Nothing was charged. %(seller)s applies the credits in its books.")
        return _("Settled with your credits"), line % {"seller": seller}, "check", "good"
    if status == P.SUCCEEDED:
        line = _("From %(how)s to %(seller)s") % {"how": how, "seller": seller}
        return in_tone("paid", tone), line, "check", "good"
    if status in {P.FAILED, P.CANCELLED}:
        return _words_of_an_end(payment, attempt, seller)
    return _words_on_the_way(status, attempt)


def _words_on_the_way(status: str, attempt: GatewayAttempt | None) -> tuple[str, str, str, str]:
    if status == "waiting":
        line = _("The payment provider waits for you, or has not told us yet that you paid.")
        return _("Not finished yet"), line, "clock", "warn"
    if status == "unknown":
        line = _(
            "The payment provider’s answer was lost. We ask until we know, and nothing is taken"
            " twice. The amount stays reserved; do not pay it again."
        )
        return _("We are checking what became of it"), line, "help-circle", "warn"
    if attempt and attempt.status == A.PROCESSING:
        line = _("The bank has it. We tell you by email when the money has arrived.")
        return _("Payment sent"), line, "progress", "info"
    line = _("We are asking the payment provider. The amount stays reserved; do not pay it again.")
    return _("The payment is on its way"), line, "progress", "info"


def _words_of_an_end(
    payment: Payment, attempt: GatewayAttempt | None, seller: str
) -> tuple[str, str, str, str]:
    if attempt and attempt.status == A.SURPLUS:
        line = _("The payment provider took the money after all. %(seller)s sends it back to you.")
        headline = _("Money came after the payment had ended")
        return headline, line % {"seller": seller}, "clock", "warn"
    if payment.status == P.FAILED:
        return _("The payment failed"), sentence_for_reason(payment.reason), "x", "bad"
    return _("The payment was cancelled"), _("Nothing was charged."), "x", "quiet"


def _events(
    payment: Payment, status: str, postings: Sequence[ErpPosting], seller: str
) -> list[Event]:
    started = Event(
        title=_("You confirmed the payment"), at=payment.created_at, icon="check", tone="good"
    )
    money = [each for each in postings if each.source_kind == ErpPosting.Kind.PAYMENT]
    credits_ = [each for each in postings if each.source_kind == ErpPosting.Kind.APPLICATION]
    events = [] if payment.method == TRANSFER else [started]  # the bank told us, nobody clicked
    if payment.gateway_account_id:
        events += [_at_the_provider(payment, status), *_in_the_books(payment, money, seller)]
    if credits_:
        events.append(_credits(credits_, seller))
    return events


def _credits(postings: Sequence[ErpPosting], seller: str) -> Event:
    if all(each.status in _IN_THE_BOOKS for each in postings):
        return Event(
            title=_("Credits applied"), detail=_("The invoices show it."), icon="check", tone="good"
        )
    detail = _("%(seller)s does this by hand. The credits are reserved until then.")
    return Event(
        title=_("Credits are being applied"), detail=detail % {"seller": seller}, icon="clock",
        tone="info",
    )  # fmt: skip


def _at_the_provider(payment: Payment, status: str) -> Event:
    if status == P.SUCCEEDED:
        return Event(
            title=_("Payment received"), detail=payment.method_label, at=payment.succeeded_at,
            icon="check", tone="good",
        )  # fmt: skip
    if status in {P.FAILED, P.CANCELLED}:
        title = _("Payment failed") if status == P.FAILED else _("Payment cancelled")
        detail = _("What was reserved is free again.")
        return Event(title=title, detail=detail, at=payment.ended_at, icon="x", tone="bad")
    if status == "waiting":
        detail = _("Go on to the payment page, or wait for its word.")
        return Event(title=_("At the payment page"), detail=detail, icon="clock", tone="warn")
    return Event(
        title=_("With the payment provider"), detail=_("Nothing for you to do."), icon="progress",
        tone="info",
    )  # fmt: skip


def _in_the_books(payment: Payment, postings: Sequence[ErpPosting], seller: str) -> list[Event]:
    if payment.status in {P.FAILED, P.CANCELLED}:
        return []
    title = _("In the books of %(seller)s") % {"seller": seller}
    if not postings:
        return [Event(title=title, todo=True)]
    if all(each.status in _IN_THE_BOOKS for each in postings):
        numbers = ", ".join(dict.fromkeys(each.document_number for each in postings))
        detail = _("Document %(number)s. The invoices show it.") % {"number": numbers}
        at = max((each.posted_at for each in postings if each.posted_at), default=None)
        return [Event(title=title, detail=detail, at=at, icon="check", tone="good")]
    if any(each.status in _BY_PEOPLE or each.failures for each in postings):
        detail = _("Your payment is safe. The seller is looking at its books; you need do nothing.")
        return [Event(title=title, detail=detail, icon="clock", tone="warn")]
    return [Event(title=title, detail=_("Being posted now."), icon="progress", tone="info")]
