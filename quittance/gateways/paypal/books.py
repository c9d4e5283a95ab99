"""Movements, payouts and balances: what PayPal's report says, in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec

from quittance.core.errors import Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.base import GatewayPayout, Movement, MovementKind, MovementPage
from quittance.gateways.paypal import disputes
from quittance.gateways.paypal.calls import Calls
from quittance.gateways.paypal.orders import fetch_known
from quittance.gateways.paypal.reports import HISTORY, Info, Reports
from quittance.gateways.paypal.shapes import Amount
from quittance.gateways.paypal.translate import money_of

# Source: PayPal, "Transaction event codes". What is not here is the gateway's own charge.
_REFUND, _REVERSAL, _GENERAL_REVERSAL = "T1107", "T1106", "T1100"
_TAKEN: Final = {"T1201", "T1110"}  # a chargeback; a hold while a dispute is looked at
_GIVEN_BACK: Final = {"T1202", "T1111"}  # the chargeback, or the hold, is undone
_WITHDRAWALS: Final = ("T0400", "T0401", "T0403")  # to our bank: asked for, by itself, by card
_WITHDRAWAL_BACK: Final = "T1101"
_DONE: Final = {"S", "V", "F"}  # "V": later reversed, by a transaction of its own
_PAYOUT_DAYS: Final = timedelta(days=60)
_MARGIN: Final = timedelta(minutes=5)  # between our clock's payment and PayPal's
K = MovementKind


class Waiting(msgspec.Struct, frozen=True):
    """A transaction that was pending when we passed it."""

    info: Info


class Place(msgspec.Struct, frozen=True):
    """How far we have read: everything before ``since`` but what still is pending."""

    since: datetime
    waiting: list[Waiting] = msgspec.field(default_factory=list)


class Held(msgspec.Struct, frozen=True):
    """What PayPal holds of one currency."""

    currency: str
    total_balance: Amount


class Balances(msgspec.Struct, frozen=True):
    """What PayPal holds for us."""

    account_id: Annotated[str, msgspec.Meta(min_length=1)] = ""
    balances: list[Held] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Books:
    """One account's books."""

    calls: Calls
    reports: Reports

    def page(self, cursor: str) -> MovementPage:
        """Return the movements of the next part of the report.

        Each line is passed once: only lines older than the moment until which the report is whole
        are taken, so a late one can not have been missed. A pending one is kept in the cursor and
        asked for again, until it is done or denied.
        """
        place = _place(cursor)
        window = self.reports.window(place.since)
        end = max(place.since, min(window.end, window.reached))
        more = window.end < window.reached
        found = [one for one in window.sure if one.transaction_status in _DONE]
        waiting = [one.info for one in place.waiting]
        if not more:
            now = [self.reports.one(info) for info in waiting]
            found += [one for one in now if one.transaction_status in _DONE]
            waiting = [one for one in now if one.transaction_status == "P"]
        waiting += [one for one in window.sure if one.transaction_status == "P"]
        said = msgspec.json.encode(Place(end, [Waiting(one) for one in waiting])).decode()
        return MovementPage(movements=self._told(found), cursor=said, more=more)

    def of(self, gateway_object: str) -> Sequence[Movement]:
        """Return what the report has of one payment. It may be three hours behind."""
        order, captures = fetch_known(self.calls, gateway_object)
        start = min((one.create_time for one in captures if one.create_time), default=None)
        ids = {one.id for one in captures}
        if order is not None:
            ids |= {one.id for one in order.unit.payments.refunds}
        if not captures or start is None:
            return []
        infos = [
            one
            for one in self.reports.whole(start - _MARGIN)
            if one.transaction_status in _DONE
            and ids & {one.transaction_id, one.paypal_reference_id}
        ]
        return [one for one in self._told(infos) if one.gateway_object == gateway_object]

    def payouts(self) -> Sequence[GatewayPayout]:
        """Return what went to our bank in the last 60 days."""
        start = datetime.now(UTC) - _PAYOUT_DAYS
        back = {one.paypal_reference_id for one in self._of_codes(start, _WITHDRAWAL_BACK)}
        made = [_payout(one, back) for one in self._of_codes(start, *_WITHDRAWALS)]
        return sorted(made, key=lambda one: (one.created_at, one.payout_id))

    def inside(self, payout_id: str) -> Sequence[Movement]:
        """Return what a payout pays out: all of its currency since the one before it.

        PayPal does not say it. It is so when each time all is withdrawn, as PayPal's automatic
        transfers do; else the sum differs, and the difference shows.
        """
        made = {one.payout_id: one for one in self.payouts()}
        if payout_id not in made:
            raise Refused("PayPal has no such withdrawal in the last 60 days.", payout=payout_id)
        payout = made[payout_id]
        before = [
            one.created_at
            for one in made.values()
            if one.amount.currency == payout.amount.currency
            and one.state != "failed"
            and one.created_at < payout.created_at
        ]
        start = max(before, default=payout.created_at - _PAYOUT_DAYS)
        infos = [
            one
            for one in self.reports.whole(start)
            if start <= one.transaction_initiation_date < payout.created_at
            and one.transaction_status in _DONE
            and one.transaction_amount.currency_code == payout.amount.currency
        ]
        return [one for one in self._told(infos) if one.kind is not K.PAYOUT]

    def balances(self) -> Mapping[str, Money]:
        """Return what PayPal held at the report's last refresh."""
        said = self.read_balances().balances
        found = {held.currency: money_of(held.total_balance, Unavailable) for held in said}
        if len(found) < len(said):
            raise Unavailable("Its balance has a currency twice.")
        return found

    def read_balances(self) -> Balances:
        """Return PayPal's own answer; it also says whose account it is."""
        return self.calls.read("/v1/reporting/balances", Balances)

    def _of_codes(self, start: datetime, *codes: str) -> Iterator[Info]:
        for code in codes:
            yield from self.reports.whole(start, transaction_type=code)

    def _told(self, infos: Sequence[Info]) -> list[Movement]:
        found = {_id(one): self._movement(one) for one in infos}
        if len(found) < len(infos):
            raise Unavailable("Its report has a transaction twice.")
        return list(found.values())

    def _movement(self, said: Info) -> Movement:
        related = said.paypal_reference_id
        match said.transaction_event_code:
            case code if code in _WITHDRAWALS:
                told = _entry(said, K.PAYOUT, "", subject=said.transaction_id)
            case code if code == _WITHDRAWAL_BACK:
                told = _entry(said, K.PAYOUT, "", subject=related)
            case _ if said.is_income:
                told = _entry(said, K.CHARGE, self.reports.payment_of(said.transaction_id))
            case _ if not related:
                told = _own_charge(said, "")
            case _:
                told = self._of_payment(said, related)
        return told

    def _of_payment(self, said: Info, related: str) -> Movement:
        """Tell what happened to a payment later; ``related`` is its capture, or its refund."""
        code, subject = said.transaction_event_code, ""
        if code == _GENERAL_REVERSAL and said.gross.minor > 0:
            capture = self.reports.capture_of_refund(related)
            if capture is not None:
                subject, related = related, capture
        object_ = self.reports.payment_of(related)
        if subject:
            return _entry(said, K.REFUND_FAILED, object_, subject=subject)
        if code == _REFUND:
            return _entry(said, K.REFUND, object_, subject=said.transaction_id)
        if code == _REVERSAL:
            return _entry(said, K.RETURN, object_, code=code)
        if code in _TAKEN | _GIVEN_BACK:
            about = disputes.about(self.calls, related, abs(said.gross.minor))
            kind = K.DISPUTE if code in _TAKEN else K.DISPUTE_WON
            return _entry(said, kind, object_, subject=about.id, code=about.reason)
        return _own_charge(said, object_)


def _place(cursor: str) -> Place:
    if not cursor:
        return Place(datetime.now(UTC) - HISTORY)
    try:
        return msgspec.json.decode(cursor, type=Place)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Refused("This is no place in PayPal's books.") from error


def _entry(
    said: Info, kind: MovementKind, gateway_object: str, *, subject: str = "", code: str = ""
) -> Movement:
    fee = money_of(said.fee_amount, Unavailable) if said.fee_amount else None
    return Movement(
        movement_id=_id(said),
        kind=kind,
        gateway_object=gateway_object,
        subject=subject,
        gross=said.gross,
        fee=-fee if fee else Money(0, said.gross.currency),
        code=code,
        happened_at=said.transaction_initiation_date,
    )


def _own_charge(said: Info, gateway_object: str) -> Movement:
    """PayPal's own charge, or what we have no word for: the balance moved by it all the same."""
    entry = _entry(said, K.FEE, gateway_object, code=said.transaction_event_code)
    return replace(entry, gross=Money(0, said.gross.currency), fee=entry.fee - said.gross)


def _id(said: Info) -> str:
    """A transaction's id can stand on two lines. Source: reporting v1, transaction_id."""
    return f"{said.transaction_id}:{said.transaction_event_code}"


def _payout(said: Info, back: set[str]) -> GatewayPayout:
    states = {"P": "in_transit", "D": "failed", "S": "paid"}
    state = states.get(said.transaction_status, "failed")
    return GatewayPayout(
        payout_id=said.transaction_id,
        state="failed" if said.transaction_id in back else state,
        amount=-said.gross,
        created_at=said.transaction_initiation_date,
    )
