"""GoCardless's books, from the three places where it tells of them.

It has no list of entries. What money did is told by *events*: a debit was confirmed, failed
afterwards, was charged back; a refund was made, came back; a payout was paid. What it cost is told
by the *payout* alone, so fees come with it. That a payout came back from our bank, or that a refund
was cancelled, is told by its *status* alone, without an event [docs].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from quittance.core import clock
from quittance.core.money import Money
from quittance.gateways.base import GatewayPayout, Movement, MovementKind, MovementPage
from quittance.gateways.gocardless import refunds, shapes
from quittance.gateways.gocardless.calls import Calls
from quittance.gateways.gocardless.debits import debit_of, history, object_of
from quittance.httpclient.answers import part

_MOST: Final = 50  # events at once: each payment among them is two more questions
_PAYOUT_DAYS: Final = 60
_LATELY: Final = timedelta(days=60)  # a refund is on its way for some days
_NOT_SENT: Final = "cancelled"  # a refund that was never sent; what it took is ours again
_STATES: Final = {"pending": "in_transit", "paid": "paid", "bounced": "failed"}
_ORDER: Final = list(MovementKind)
_CANCELLED: Final = "chargeback_cancelled"  # its item is told as one of a payment that came in [?]
_ITEMS: Final = {
    "payment_paid_out": MovementKind.CHARGE,
    "payment_failed": MovementKind.RETURN,
    "payment_charged_back": MovementKind.RETURN,
    "payment_refunded": MovementKind.REFUND,
    "refund": MovementKind.REFUND,
    "refund_funds_returned": MovementKind.REFUND_FAILED,
}


def movements(calls: Calls, cursor: str) -> MovementPage:
    """See ``ReportsMovements.movements``.

    The cursor is the last event's id, and after it what came back without an event and was told.
    """
    last, _, told = cursor.partition(" ")
    if last:
        events, more = calls.newer("events", shapes.Event, than=last, most=_MOST)
    else:
        events, more = calls.oldest("events", shapes.Event, most=_MOST)
    found = [one for event in events for one in _of_event(calls, event)]
    last = events[-1].id if events else last
    if more or not last:
        return MovementPage(movements=found, cursor=f"{last} {told}".rstrip(), more=more)
    known = set(told.split(","))
    silent = _without_event(calls)
    found += [one for each in silent if each.id not in known for one in _back(calls, each)]
    place = f"{last} {','.join(each.id for each in silent)}".rstrip()
    return MovementPage(movements=found, cursor=place, more=False)


def of_payment(calls: Calls, gateway_object: str) -> Sequence[Movement]:
    """See ``ReportsMovements.movements_of``."""
    debit = debit_of(calls, gateway_object)
    if debit is None:
        return []
    found = _of_debit(calls, debit)
    for said in refunds.of_debit(calls, debit):
        found += _of_refund(said, gateway_object, history(calls, refund=said.id))
    return sorted(found, key=lambda one: (one.happened_at, _ORDER.index(one.kind)))


def payouts(calls: Calls) -> Sequence[GatewayPayout]:
    """See ``ReportsMovements.payouts``."""
    return [
        GatewayPayout(
            payout_id=said.id,
            state=_STATES[said.status],
            amount=Money(said.amount, said.currency),
            created_at=said.created_at,
        )
        for said in _payouts(calls)
    ]


def in_payout(calls: Calls, payout_id: str) -> Sequence[Movement]:
    """See ``ReportsMovements.movements_in``: its items, each as the entry that it pays out.

    What no entry was told of is left out: then the payout does not add up, and is shown so.
    """
    payout = calls.read("payouts", f"/payouts/{part(payout_id)}", shapes.Payout)
    entries: dict[str, Sequence[Movement]] = {}
    found: list[Movement] = []
    for item in calls.all("payout_items", shapes.PayoutItem, payout=payout.id):
        if item.type not in _ITEMS:
            continue  # a fee: see ``_fees``
        about = item.links.payment or item.links.refund
        if about not in entries:
            entries[about] = _entries(calls, item.links)
        one = _entry(entries[about], item, payout, found)
        found += [one] if one else []
    return [*found, *_fees(payout)]


def balances(calls: Calls) -> Mapping[str, Money]:
    """See ``ReportsMovements.balances``.

    What lies there is told after fees of which it tells us later, with the payout. So a currency
    is named only while all of it was paid out: then nothing is left, and our entries must say so.
    """
    lying: dict[str, bool] = {}
    for creditor in calls.all("creditors", shapes.Creditor):
        for said in calls.all("balances", shapes.Balance, creditor=creditor.id):
            if said.balance_type in {"confirmed_funds", "pending_payouts"}:
                lying[said.currency] = lying.get(said.currency, False) or bool(said.amount)
    return {currency: Money(0, currency) for currency, lies in lying.items() if not lies}


def _of_event(calls: Calls, event: shapes.Event) -> Sequence[Movement]:
    """Return the entries that one event tells of."""
    match event.resource_type, event.action:
        case "payments", "confirmed" | "failed" | "charged_back" | "chargeback_cancelled":
            path = f"/payments/{part(event.links.payment)}"
            debit = calls.read("payments", path, shapes.Payment)
            return [one for one in _of_debit(calls, debit) if one.movement_id == event.id]
        case "refunds", "created" | "funds_returned":
            path = f"/refunds/{part(event.links.refund)}"
            said = calls.read("refunds", path, shapes.Refund)
            found = _of_refund(said, refunds.payment_of(calls, said), [event])
            is_old = event.created_at < clock.now() - _LATELY  # else ``_without_event`` tells it
            return [one for one in found if is_old or one.movement_id == event.id]
        case "payouts", "paid":
            path = f"/payouts/{part(event.links.payout)}"
            return _of_payout(calls, calls.read("payouts", path, shapes.Payout), event)
    return []


def _of_debit(calls: Calls, debit: shapes.Payment) -> list[Movement]:
    """Walk through what happened to a debit: only what was confirmed can be taken back."""
    found: list[Movement] = []
    money, object_, is_ours = Money(debit.amount, debit.currency), object_of(debit), False
    taken = ""  # the event by which the bank took it last
    for event in history(calls, payment=debit.id):
        code = event.details.reason_code or event.details.cause
        match event.resource_type, event.action:
            case "payments", "confirmed":
                found.append(_movement(event, MovementKind.CHARGE, object_, money))
                is_ours = True
            case "payments", "failed" | "charged_back" if is_ours:
                found.append(_movement(event, MovementKind.RETURN, object_, -money, code=code))
                is_ours, taken = False, event.id
            case "payments", action if action == _CANCELLED and taken:
                kind = MovementKind.DISPUTE_WON
                found.append(_movement(event, kind, object_, money, subject=taken, code=action))
                is_ours, taken = True, ""
    return found


def _of_refund(
    said: shapes.Refund, gateway_object: str, events: Iterable[shapes.Event]
) -> list[Movement]:
    money, found = Money(said.amount, said.currency), []
    for event in events:
        match event.action:
            case "created":
                kind, gross = MovementKind.REFUND, -money
            case "funds_returned":
                kind, gross = MovementKind.REFUND_FAILED, money
            case _:
                continue
        found.append(_movement(event, kind, gateway_object, gross, subject=said.id))
    if said.status == _NOT_SENT and found:
        back = replace(found[0], kind=MovementKind.REFUND_FAILED, gross=money, code=_NOT_SENT)
        found.append(replace(back, movement_id=_cancelled(said)))
    return found


def _of_payout(calls: Calls, payout: shapes.Payout, event: shapes.Event) -> Sequence[Movement]:
    """Return its fees and itself. One that bounced is paid again, but its fees are taken once."""
    gross = -Money(payout.amount, payout.currency)
    paid = _movement(event, MovementKind.PAYOUT, "", gross, subject=payout.id)
    is_first = [each.id for each in _paid(calls, payout)][:1] == [event.id]
    return [*(_fees(payout) if is_first else []), paid]


def _movement(
    event: shapes.Event,
    kind: MovementKind,
    gateway_object: str,
    gross: Money,
    *,
    subject: str = "",
    code: str = "",
) -> Movement:
    return Movement(
        movement_id=event.id,
        kind=kind,
        gateway_object=gateway_object,
        subject=subject,
        gross=gross,
        fee=Money(0, gross.currency),
        code=code,
        happened_at=event.created_at,
    )


def _without_event(calls: Calls) -> list[shapes.Payout | shapes.Refund]:
    """Return what came back to us lately and of which only its status tells."""
    lately = {"created_at[gte]": (clock.now() - _LATELY).isoformat()}
    cancelled = calls.all("refunds", shapes.Refund, **lately)
    bounced = [each for each in _payouts(calls) if each.status == "bounced"]
    return [*bounced, *(each for each in cancelled if each.status == _NOT_SENT)]


def _back(calls: Calls, said: shapes.Payout | shapes.Refund) -> Sequence[Movement]:
    """Return that a payout came back, when is not told, or that a refund was cancelled."""
    if isinstance(said, shapes.Refund):
        events = history(calls, refund=said.id)
        told = _of_refund(said, refunds.payment_of(calls, said), events)
        return [one for one in told if one.movement_id == _cancelled(said)]
    money = Money(said.amount, said.currency)
    # A payout may be paid once more, and bounce again.
    return [Movement(
        movement_id=f"{said.id}:bounced-{len(_paid(calls, said))}", kind=MovementKind.PAYOUT,
        gateway_object="", subject=said.id, gross=money, fee=Money(0, money.currency),
        code="bounced", happened_at=clock.now(),
    )]  # fmt: skip


def _cancelled(refund: shapes.Refund) -> str:
    """Return the name of the entry that a cancelled refund makes, for it has no event."""
    return f"{refund.id}:{_NOT_SENT}"


def _paid(calls: Calls, payout: shapes.Payout) -> list[shapes.Event]:
    return [each for each in history(calls, payout=payout.id) if each.action == "paid"]


def _payouts(calls: Calls) -> list[shapes.Payout]:
    since = (clock.now() - timedelta(days=_PAYOUT_DAYS)).isoformat()
    said = calls.all("payouts", shapes.Payout, **{"created_at[gte]": since})
    said.reverse()
    return sorted(said, key=lambda each: each.created_at)


def _fees(payout: shapes.Payout) -> list[Movement]:
    """Return what a payout costs, as one entry: fees have fractions, and only their sum is paid."""
    if not payout.deducted_fees:
        return []
    return [
        Movement(
            movement_id=f"{payout.id}:fees", kind=MovementKind.FEE, gateway_object="", subject="",
            gross=Money(0, payout.currency), fee=Money(payout.deducted_fees, payout.currency),
            code="fees", happened_at=payout.created_at,
        )
    ]  # fmt: skip


def _entries(calls: Calls, links: shapes.EventLinks) -> Sequence[Movement]:
    """Return all entries of the payment or refund that an item names."""
    if links.payment:
        return of_payment(calls, links.payment)
    said = calls.read("refunds", f"/refunds/{part(links.refund)}", shapes.Refund)
    return _of_refund(said, "", history(calls, refund=said.id))


def _entry(
    entries: Sequence[Movement],
    item: shapes.PayoutItem,
    payout: shapes.Payout,
    used: Sequence[Movement],
) -> Movement | None:
    """Return the latest entry before a payout that an item can be; ``None`` when none was told."""
    amount = Money(int(Decimal(item.amount)), payout.currency)
    found = [
        one
        for one in entries
        if (one.kind is _ITEMS[item.type] or one.code == _CANCELLED)
        and one.net == amount
        and one.happened_at <= payout.created_at
        and item.links.refund in {"", one.subject}
        and one not in used
    ]
    return max(found, key=lambda one: one.happened_at) if found else None
