"""The AR team's words for a payment: its track, its timeline, its ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.audit.models import AuditEvent, StatusChange
from quittance.backoffice.payments.records import Whole
from quittance.core.money import Money
from quittance.ledger.models import LedgerEntry
from quittance.payments.models import Allocation, BasketItem, GatewayAttempt, Payment
from quittance.posting.models import ErpPosting
from quittance.ui.statuses import STATUSES

P, A, E, L = Payment.Status, GatewayAttempt.Status, ErpPosting.Status, Allocation.Status
_IN_THE_BOOKS: Final = frozenset({E.POSTED, E.CONFIRMED})
_SUBJECTS: Final = {
    "payment": noop("Payment"),
    "attempt": noop("Gateway"),
    "posting": noop("ERP"),
    "allocation": noop("Invoice"),
}
# The timeline tells apart what a list may call by one word.
_WORDS: Final = {
    "drafted": noop("Lines written"),
    "confirmed": noop("Posted and read back"),
    "in_flight": noop("Under way"),
}
_ICONS: Final = {"payment": "coin", "attempt": "webhook", "posting": "database"}
_REASONS: Final = {
    BasketItem.Reason.IN_PARTS: noop("Paying in parts"),
    BasketItem.Reason.SHORT_SHIPMENT: noop("Short shipment"),
    BasketItem.Reason.PRICE: noop("Wrong price"),
    BasketItem.Reason.DAMAGED: noop("Damaged goods"),
    BasketItem.Reason.OTHER: noop("Another reason"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station between the checkout and the books."""

    title: str
    detail: str
    state: str = ""  # "done", "now" or "" for what is to come
    at: datetime | None = None
    symbol: str = ""
    tone: str = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the timeline."""

    title: str
    detail: str
    at: datetime
    icon: str
    tone: str


def track_of(whole: Whole) -> list[Step]:
    """Return the stations: checkout, gateway, ERP, mirror."""
    payment, posting = whole.payment, next(iter(whole.postings), None)
    checkout = Step(
        title=_("Checkout"), detail=whole.user.name if whole.user else "", at=payment.created_at,
        state="done", symbol="circle-check", tone="good",
    )  # fmt: skip
    return [checkout, _gateway(whole), _erp(payment, posting), _mirror(whole, posting)]


def timeline_of(whole: Whole) -> list[Event]:
    """Return every change of a status and everything that somebody did, the newest first."""
    events = [_change(each, whole.names) for each in whole.changes]
    events += [_deed(each, whole.names) for each in whole.events]
    order = {id(each): place for place, each in enumerate(events)}
    return sorted(events, key=lambda each: (each.at, -order[id(each)]), reverse=True)


def line_of(allocation: Allocation) -> dict[str, Any]:
    """Return a row of "Applied to"."""
    word, symbol, tone = _allocation_words(allocation)
    before = allocation.open_seen_minor - allocation.in_flight_seen_minor
    return {
        "number": allocation.invoice.number,
        "word": word,
        "symbol": symbol,
        "tone": tone,
        "before": Money(before, allocation.currency),
        "amount": allocation.amount,
        "reason": _(_REASONS.get(BasketItem.Reason(allocation.reason), ""))
        if allocation.reason
        else "",
    }


def entry_of(entry: LedgerEntry) -> dict[str, Any]:
    """Return a row of the ledger; the account by its kind, not by its id."""
    kinds = {
        "gateway": _("At the gateway"),
        "unposted": _("Received, not in the ERP"),
        "posted": _("In the ERP"),
        "surplus": _("Surplus, to be refunded"),
    }
    return {
        "account": kinds.get(entry.account.partition(":")[0], entry.account),
        "description": entry.transaction.description,
        "amount": Money(entry.amount_minor, entry.currency),
    }


def shown_status(whole: Whole) -> str:
    """Return the status in the page's head: an open hosted page waits for the payer."""
    last = whole.attempts[-1].status if whole.attempts else ""
    waiting = whole.payment.status == P.IN_FLIGHT and last == A.OPEN
    return "waiting" if waiting else whole.payment.status


def _gateway(whole: Whole) -> Step:
    payment = whole.payment
    title = _("Gateway")
    if payment.status == P.SUCCEEDED:
        return Step(
            title=title, detail=payment.method_label or _("Accepted"), at=payment.succeeded_at,
            state="done", symbol="circle-check", tone="good",
        )  # fmt: skip
    if payment.status in {P.FAILED, P.CANCELLED}:
        detail = payment.reason.replace("_", " ") or payment.get_status_display()
        return Step(
            title=title, detail=detail, at=payment.ended_at, state="now", symbol="circle-x",
            tone="bad",
        )  # fmt: skip
    last = whole.attempts[-1].status if whole.attempts else A.PREPARED
    return Step(
        title=title, detail=_(STATUSES[last].word), state="now", symbol="progress", tone="info"
    )


def _erp(payment: Payment, posting: ErpPosting | None) -> Step:
    title = _("ERP")
    if posting is None:
        over = payment.status in {P.FAILED, P.CANCELLED}
        return Step(title=title, detail=_("Nothing to post") if over else _("Not due yet"))
    if posting.status in _IN_THE_BOOKS:
        detail = _("Posted as %(number)s") % {"number": posting.document_number}
        return Step(
            title=title, detail=detail, at=posting.posted_at, state="done", symbol="circle-check",
            tone="good",
        )  # fmt: skip
    known = STATUSES[posting.status]
    return Step(title=title, detail=_(known.word), state="now", symbol=known.icon, tone=known.tone)


def _mirror(whole: Whole, posting: ErpPosting | None) -> Step:
    title = _("Invoices")
    if whole.allocations and all(each.status == L.REFLECTED for each in whole.allocations):
        return Step(
            title=title, detail=_("The ERP shows them applied"), state="done",
            symbol="circle-check", tone="good",
        )  # fmt: skip
    if posting and posting.status in _IN_THE_BOOKS:
        return Step(
            title=title, detail=_("Being read back"), state="now", symbol="progress", tone="info"
        )
    return Step(title=title, detail=_("Not applied yet"))


def _allocation_words(allocation: Allocation) -> tuple[str, str, str]:
    if allocation.status == L.RELEASED:
        return _("Released"), "circle-x", "quiet"
    if allocation.status != L.REFLECTED:
        return _("Reserved"), "progress", "info"
    if allocation.open_after_minor:
        return _("Partly settled"), "half", "info"
    return _("Settled in full"), "circle-check", "good"


def _change(change: StatusChange, names: dict[str, str]) -> Event:
    known = STATUSES.get(change.to_status)
    word = _(_WORDS.get(change.to_status) or (known.word if known else change.to_status))
    subject = _(_SUBJECTS.get(change.subject_kind, change.subject_kind))
    return Event(
        title=f"{subject}: {word}",
        detail=_detail(change.cause, change.actor, names),
        at=change.happened_at,
        icon=_ICONS.get(change.subject_kind, "activity"),
        tone=known.tone if known else "quiet",
    )


def _deed(event: AuditEvent, names: dict[str, str]) -> Event:
    return Event(
        title=event.what[:1].upper() + event.what[1:],
        detail=_detail("", event.actor, names),
        at=event.happened_at,
        icon="user",
        tone="accent",
    )


def _detail(cause: str, actor: str, names: dict[str, str]) -> str:
    by = _("by %(name)s") % {"name": names.get(actor, actor)} if actor else ""
    return " · ".join(each for each in (cause[:1].upper() + cause[1:], by) if each)
