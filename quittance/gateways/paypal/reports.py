"""PayPal's report of transactions: late, in any order, and whole only until some moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec

from quittance.core.errors import Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.paypal.calls import Calls
from quittance.gateways.paypal.shapes import Amount, Capture, Moment, Refund, Text, link_in
from quittance.gateways.paypal.translate import money_of
from quittance.httpclient.answers import part

LONGEST: Final = timedelta(days=31)  # of one question. Source: reporting v1, end_date
HISTORY: Final = timedelta(days=3 * 365)  # what PayPal still shows. Source: the same, "Notes"
_SHORTEST: Final = timedelta(seconds=2)
_PAGE_SIZE: Final = 500
_AHEAD: Final = timedelta(days=1)  # how far a question reaches beyond our own clock
_NOT_YET: Final = "start date is not available"  # what PayPal says of what it has not loaded
_KEPT: Final = 20_000  # transactions of which we remember the payment


class Info(msgspec.Struct, frozen=True):
    """One transaction of the report, as far as we read it."""

    transaction_id: Text
    transaction_event_code: Annotated[str, msgspec.Meta(pattern="^T[0-9]{4}$")]
    transaction_initiation_date: Moment
    transaction_amount: Amount
    transaction_status: Annotated[str, msgspec.Meta(pattern="^[DPSVF]$")]
    fee_amount: Amount | None = None
    paypal_reference_id: str = ""
    custom_field: str = ""

    @property
    def gross(self) -> Money:
        """What came (above zero) or went."""
        return money_of(self.transaction_amount, Unavailable)

    @property
    def is_income(self) -> bool:
        """Whether it is a payment to us; T00 is PayPal's group for payments."""
        return self.transaction_event_code.startswith("T00") and self.gross.minor > 0


class Detail(msgspec.Struct, frozen=True):
    """What a line of the report holds."""

    transaction_info: Info


class Report(msgspec.Struct, frozen=True):
    """One answer of the report."""

    last_refreshed_datetime: Moment | None = None
    total_pages: int = 1
    transaction_details: list[Detail] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the report: every transaction from ``start`` up to, not including, ``end``."""

    infos: list[Info]  # in the order of their dates
    end: datetime
    reached: datetime  # until then the report is whole

    @property
    def sure(self) -> list[Info]:
        """Those that stand where nothing can be added any more."""
        return [one for one in self.infos if one.transaction_initiation_date < self.reached]


class Reports:
    """The report of one account; remembers to which payment a transaction belongs."""

    def __init__(self, calls: Calls, lag_minutes: int) -> None:
        self._calls = calls
        self._lag = timedelta(minutes=lag_minutes)
        self._orders: dict[str, str] = {}

    def window(self, start: datetime, **filters: str) -> Window:
        """Read the report from ``start`` on: as far as one answer reaches.

        One answer and no second page: between two pages a late line could push another one from
        one page to the next. Raises ``OutsideError``.
        """
        length = min(LONGEST, max(datetime.now(UTC), start) + _AHEAD - start)
        while True:
            try:
                said = self._asked(start, start + length, filters)
            except Refused as error:
                if error.facts.get("issue") != "RESULTSET_TOO_LARGE":
                    raise
                said = None
            if said is not None and said.total_pages <= 1:
                break
            length /= 2
            if length < _SHORTEST:
                raise Unavailable("PayPal's report has too much in one moment.", start=str(start))
        infos = [one.transaction_info for one in said.transaction_details]
        infos.sort(key=lambda one: (one.transaction_initiation_date, one.transaction_id))
        end = start + length
        inside = [one for one in infos if start <= one.transaction_initiation_date < end]
        return Window(inside, end, self._reached(said))

    def whole(self, start: datetime, **filters: str) -> Iterator[Info]:
        """Yield every transaction that PayPal shows from ``start`` on, also the latest."""
        while True:
            window = self.window(start, **filters)
            yield from window.infos
            start = window.end
            if start >= window.reached and start >= datetime.now(UTC):
                return

    def one(self, info: Info) -> Info:
        """Read a transaction again: a pending one may have come to its end."""
        day = timedelta(days=1)
        start = info.transaction_initiation_date - day
        said = self._asked(start, start + 2 * day, {"transaction_id": info.transaction_id})
        for detail in said.transaction_details:
            found = detail.transaction_info
            if found.transaction_event_code == info.transaction_event_code:
                return found
        return info

    def payment_of(self, transaction_id: str) -> str:
        """Return the order that a captured payment came from; its own id when there is none."""
        if transaction_id not in self._orders:
            said = self._calls.find(f"/v2/payments/captures/{part(transaction_id)}", Capture)
            order_id = said.supplementary_data.related_ids.order_id or _up(said) if said else ""
            found = order_id or transaction_id
            if len(self._orders) > _KEPT:
                self._orders.clear()
            self._orders[transaction_id] = found
        return self._orders[transaction_id]

    def capture_of_refund(self, refund_id: str) -> str | None:
        """Return the captured payment of a refund; ``None`` for what is no refund."""
        said = self._calls.find(f"/v2/payments/refunds/{part(refund_id)}", Refund)
        return (_up(said) or None) if said else None

    def _asked(self, start: datetime, end: datetime, filters: dict[str, str]) -> Report:
        query = {
            "start_date": _text(start), "end_date": _text(end), "fields": "transaction_info",
            "page_size": str(_PAGE_SIZE), **filters,
        }  # fmt: skip
        try:
            return self._calls.read("/v1/reporting/transactions", Report, **query)
        except Refused as error:
            if _NOT_YET not in str(error):
                raise
            return Report(last_refreshed_datetime=start)

    def _reached(self, said: Report) -> datetime:
        """Return until when the report is whole: what PayPal promises, and what it says itself.

        Source: reporting v1, "It takes a maximum of three hours for executed transactions to
        appear".
        """
        latest = datetime.now(UTC) - self._lag
        told = said.last_refreshed_datetime
        if told is None:
            return latest
        return min(told, latest) if self._lag else told


def _up(said: Capture | Refund) -> str:
    """Return the id at the end of the link to what an object came from."""
    return link_in(said.links, "up").rstrip("/").rpartition("/")[2]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
