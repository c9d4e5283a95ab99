"""Stripe's own books: what each balance transaction means, payouts and balances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import msgspec

from quittance.core.clock import now
from quittance.core.errors import Unavailable
from quittance.core.money import Money
from quittance.gateways.base import GatewayPayout, Movement, MovementKind, MovementPage
from quittance.gateways.stripe import disputes, shapes
from quittance.gateways.stripe.account import Account
from quittance.gateways.stripe.payments import intent_id
from quittance.gateways.stripe.refunds import of_intent
from quittance.gateways.stripe.translate import moment

if TYPE_CHECKING:
    from stripe.params import BalanceTransactionListParams, ChargeListParams, PayoutListParams

# By Stripe's reporting category. What has no other kind is told as a fee with Stripe's word as its
# code, so that the books always add up: reserves, top-ups, transfers between accounts.
# Source: docs.stripe.com/reports/reporting-categories [docs].
_KINDS: Final = {
    "charge": MovementKind.CHARGE,
    "refund": MovementKind.REFUND,
    "refund_failure": MovementKind.REFUND_FAILED,
    "charge_failure": MovementKind.RETURN,
    "dispute": MovementKind.DISPUTE,
    "dispute_reversal": MovementKind.DISPUTE_WON,
    "payout": MovementKind.PAYOUT,
    "payout_reversal": MovementKind.PAYOUT,
}
_ORDER: Final = list(MovementKind)
_PAYOUT_STATES: Final = {
    "pending": "in_transit",
    "in_transit": "in_transit",
    "paid": "paid",
    "failed": "failed",
    "canceled": "failed",
}
_PAYOUT_DAYS: Final = 60
_FIRST_MOMENT: Final = 1_293_840_000  # the year 2011: no account at Stripe is older
T = TypeVar("T")
Source = shapes.Charge | shapes.Refund | shapes.Dispute | shapes.Payout | None


def movements(account: Account, cursor: str) -> MovementPage:
    """See ``ReportsMovements.movements``. The cursor is the last entry's id.

    Stripe lists the newest first, so the next page is the one before the cursor. Where a list of
    more than a page begins is looked for by the time of the first entry.
    """
    if cursor:
        said, more = _page(account, ending_before=cursor)
    else:
        said, more = _page(account)
        if more:
            said = _all(account, created={"lte": _beginning(account)})
    if len({cursor, *(entry.id for entry in said)}) <= len(said):
        raise Unavailable("Its list has an entry twice.", cursor=cursor)
    said.reverse()
    return MovementPage(
        movements=[_told(account, entry, _source(entry)) for entry in said],
        cursor=said[-1].id if said else cursor,
        more=more,
    )


def of_payment(account: Account, gateway_object: str) -> Sequence[Movement]:
    """See ``ReportsMovements.movements_of``: its charges, refunds and disputes, each with its own.

    Stripe's filter by source shows the first entry only [docs], so each object is asked for all.
    """
    intent = intent_id(account, gateway_object)
    if not intent:
        return []
    charges = account.calls.all(
        shapes.Charge,
        lambda api, page: api.v1.charges.list(cast("ChargeListParams", page)),
        payment_intent=intent,
        expand=["data.balance_transaction", "data.failure_balance_transaction"],
    )
    sources: list[shapes.Charge | shapes.Refund] = [
        *reversed(charges), *of_intent(account, intent)
    ]  # fmt: skip
    found = [
        _told(account, entry, source)
        for source in sources
        for entry in (source.balance_transaction, source.failure_balance_transaction)
        if isinstance(entry, shapes.Transaction)
    ]
    found += [
        _told(account, entry, dispute)
        for dispute in disputes.of_intent(account, intent)
        for entry in dispute.balance_transactions
    ]
    return sorted(found, key=lambda one: (one.happened_at, _ORDER.index(one.kind)))


def payouts(account: Account) -> Sequence[GatewayPayout]:
    """See ``ReportsMovements.payouts``."""
    start = int((now() - timedelta(days=_PAYOUT_DAYS)).timestamp())
    said = account.calls.all(
        shapes.Payout,
        lambda api, page: api.v1.payouts.list(cast("PayoutListParams", page)),
        created={"gte": start},
    )
    return [_payout(account, each) for each in reversed(said)]


def in_payout(account: Account, payout_id: str) -> Sequence[Movement]:
    """See ``ReportsMovements.movements_in``. Stripe's list has the payout itself too."""
    said = _all(account, payout=payout_id)
    found = [_told(account, entry, _source(entry)) for entry in reversed(said)]
    return [one for one in found if one.subject != payout_id]


def balances(account: Account) -> Mapping[str, Money]:
    """See ``ReportsMovements.balances``: what is available and what is still on its way."""
    said = account.calls.ask(shapes.Balance, lambda api: api.v1.balance.retrieve())
    found: dict[str, Money] = {}
    for held in (*said.available, *said.pending):
        money = account.money(held.amount, held.currency)
        found[money.currency] = found.get(money.currency, Money(0, money.currency)) + money
    return found


def _list(api: Any, page: dict[str, Any]) -> Any:
    return api.v1.balance_transactions.list(cast("BalanceTransactionListParams", page))


def _page(account: Account, **params: Any) -> tuple[list[shapes.Entry], bool]:
    return account.calls.page(shapes.Entry, _list, **{"expand": ["data.source"], **params})


def _all(account: Account, **params: Any) -> list[shapes.Entry]:
    return list(account.calls.all(shapes.Entry, _list, expand=["data.source"], **params))


def _beginning(account: Account) -> int:
    """Return the second of the first entry, by halving the time since there is Stripe."""
    low, high = _FIRST_MOMENT, int(now().timestamp()) + 86400
    while low < high:
        middle = (low + high) // 2
        said, _ = account.calls.page(shapes.Entry, _list, limit=1, created={"lte": middle})
        low, high = (low, middle) if said else (middle + 1, high)
    return low


def _source(entry: shapes.Entry) -> Source:
    """Return what moved the money, if it is something that we know."""
    if not isinstance(entry.source, dict):
        return None
    match entry.source.get("object"):
        case "charge":
            return _read(entry.source, shapes.Charge)
        case "refund":
            return _read(entry.source, shapes.Refund)
        case "dispute":
            return _read(entry.source, shapes.Dispute)
        case "payout":
            return _read(entry.source, shapes.Payout)
    return None


def _read(told: object, shape: type[T]) -> T:
    try:
        return msgspec.convert(told, shape)
    except msgspec.ValidationError as error:
        raise Unavailable("Its books make no sense.", problem=str(error)) from error


def _told(account: Account, entry: shapes.Transaction, source: Source) -> Movement:
    """Translate an entry. Raises ``Unavailable`` for one that does not add up."""
    if entry.net != entry.amount - entry.fee:
        raise Unavailable("An entry of its books does not add up.", entry=entry.id)
    kind = _KINDS.get(entry.reporting_category, MovementKind.FEE)
    code, subject = "", ""
    if isinstance(source, shapes.Dispute):
        code, subject = source.reason, source.id
        if disputes.is_return(source) and kind is MovementKind.DISPUTE:
            kind, subject = MovementKind.RETURN, ""
            code = disputes.return_code(source.reason, source.network_reason_code)
    elif isinstance(source, shapes.Charge):
        if kind is MovementKind.RETURN:
            network = source.outcome.network_decline_code if source.outcome else None
            code = disputes.return_code(source.failure_code, network)
    elif source is not None:
        subject = source.id
    is_fee = kind is MovementKind.FEE
    amount = account.money(entry.amount, entry.currency)
    fee = account.money(entry.fee, entry.currency)
    return Movement(
        movement_id=entry.id,
        kind=kind,
        gateway_object=_object_of(account, source),
        subject="" if is_fee else subject,
        gross=Money(0, amount.currency) if is_fee else amount,
        fee=fee - amount if is_fee else fee,
        code=entry.type if is_fee else code,
        happened_at=moment(entry.created),
    )


def _object_of(account: Account, source: Source) -> str:
    if source is None or isinstance(source, shapes.Payout) or not source.payment_intent:
        return ""
    metadata = source.metadata if isinstance(source, shapes.Charge) else None
    return account.object_of(source.payment_intent, metadata)


def _payout(account: Account, said: shapes.Payout) -> GatewayPayout:
    state = _PAYOUT_STATES.get(said.status)
    if state is None:
        raise Unavailable("It says a word that we do not know.", status=said.status)
    return GatewayPayout(
        payout_id=said.id,
        state=state,
        amount=account.money(said.amount, said.currency),
        created_at=moment(said.created),
    )
