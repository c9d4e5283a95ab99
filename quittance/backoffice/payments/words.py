"""The AR team's words for a payment: its track, what it pays, its ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.backoffice.payments.records import Whole
from quittance.backoffice.payments.returns import fate_of
from quittance.core.money import Money, total
from quittance.ledger.models import LedgerEntry
from quittance.payments.models import Allocation, BasketItem, GatewayAttempt, Payment
from quittance.posting.models import ErpPosting
from quittance.ui.statuses import STATUSES

P, A, E, L = Payment.Status, GatewayAttempt.Status, ErpPosting.Status, Allocation.Status
_IN_THE_BOOKS: Final = frozenset({E.POSTED, E.CONFIRMED, E.HANDLED})
_ACCOUNTS: Final = {
    "gateway": noop("At the gateway"),
    "disputed": noop("Taken for a dispute"),
    "gateway_fees": noop("The gateway’s fees"),
    "paid_out": noop("Paid out to the bank"),
    "surplus": noop("Surplus, to be refunded"),
    "quarantine": noop("Kept apart, undecided"),
    "unposted": noop("Received, not in the ERP"),
    "posted": noop("In the ERP"),
    "unposted_reversals": noop("Gone back, not in the ERP"),
    "fees_charged": noop("Fees that payers paid"),
}
_POSTINGS: Final = {
    ErpPosting.Kind.PAYMENT: noop("Payment"),
    ErpPosting.Kind.REVERSAL: noop("Taken back"),
    ErpPosting.Kind.APPLICATION: noop("Credit applied"),
}
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


def track_of(whole: Whole) -> list[Step]:
    """Return the stations: checkout, gateway, ERP, mirror."""
    payment, posting = whole.payment, standing_posting(whole)
    checkout = Step(
        title=_("Checkout"), detail=whole.user.name if whole.user else _by_link(whole),
        at=payment.created_at,
        state="done", symbol="circle-check", tone="good",
    )  # fmt: skip
    return [checkout, _gateway(whole), _erp(payment, posting), _mirror(whole, posting)]


def _by_link(whole: Whole) -> str:
    if not whole.link:
        return ""
    return _("%(name)s, by pay link") % {"name": whole.payment.payer_name}


def standing_posting(whole: Whole) -> ErpPosting | None:
    """Return the posting that says how far the payment is in the ERP: the least far of several."""
    found = [
        each
        for each in whole.postings
        if each.source_kind == ErpPosting.Kind.PAYMENT and each.status != E.REPLACED
    ]
    found.sort(key=lambda each: each.status in _IN_THE_BOOKS)
    return next(iter(found), None)


def posting_of(posting: ErpPosting) -> dict[str, Any]:
    """Return one line of "In the ERP"."""
    return {
        "number": posting.document_number,
        "kind": _(_POSTINGS[ErpPosting.Kind(posting.source_kind)]),
        "amount": posting.amount,
        "status": posting.status,
        "entries": posting.erp_entries,
        "note": posting.note,
        "steps": posting.steps if posting.status == E.BY_HAND else [],
        "waits": posting.status in {E.REJECTED, E.BY_HAND} or bool(posting.remark),
        "id": posting.pk,
    }


def money_of(whole: Whole) -> list[tuple[str, Money, str]]:
    """Return what the payment is made of: word, amount, and how it is shown."""
    payment = whole.payment
    zero = Money(0, payment.currency)
    living = [each for each in whole.allocations if each.status != L.RELEASED]
    invoices = total((Money(each.settles_minor, each.currency) for each in living), zero.currency)
    discount = total((Money(each.discount_minor, each.currency) for each in living), zero.currency)
    credit = total((Money(each.credit_minor, each.currency) for each in living), zero.currency)
    charge = next((each for each in whole.movements if each.kind == "charge"), None)
    rows = [
        (_("Invoices"), invoices, ""),
        (_("On account"), Money(payment.on_account_minor, payment.currency), ""),
        (_("Discount"), -discount, "minus"),
        (_("Credit"), -credit, "minus"),
        (_("Fee"), Money(payment.fee_minor, payment.currency), ""),
        (_("Charged"), payment.amount, "total"),
    ]
    if charge:
        rows.append((_("Gateway’s fee"), -Money(charge.fee_minor, charge.currency), "soft"))
    if whole.reversals:
        rows.append((_("Can still go back"), whole.refundable, "soft"))
    return [row for row in rows if row[1].minor or row[2] in {"total", "soft"}]


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
        "discount": Money(allocation.discount_minor, allocation.currency),
        "credit": Money(allocation.credit_minor, allocation.currency),
        "owed": _owed_of_discount(allocation),
        "released": allocation.status == L.RELEASED,
        "reason": _(_REASONS.get(BasketItem.Reason(allocation.reason), ""))
        if allocation.reason
        else "",
    }


def _owed_of_discount(allocation: Allocation) -> Money | None:
    """What the payer took off and the ERP did not grant: it is owed still."""
    if not allocation.discount_missed:
        return None
    return Money(allocation.open_after_minor or 0, allocation.currency)


def entry_of(entry: LedgerEntry) -> dict[str, Any]:
    """Return a row of the ledger; the account by its kind, not by its id."""
    return {
        "account": _(_ACCOUNTS.get(entry.account.partition(":")[0], entry.account)),
        "description": entry.transaction.description,
        "amount": Money(entry.amount_minor, entry.currency),
    }


def shown_status(whole: Whole) -> str:
    """Return the status in the page's head: what went back; an open page waits for the payer."""
    fate = fate_of(whole) if whole.payment.status == P.SUCCEEDED else ""
    if fate:
        return fate
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
    living = [each for each in whole.allocations if each.status != L.RELEASED]
    if living and all(each.status == L.REFLECTED for each in living):
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
