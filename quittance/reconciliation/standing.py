"""Says where the money is by our ledger alone, now or at the end of a day that is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from quittance.connections.models import GatewayAccount
from quittance.core.money import Money
from quittance.ledger import accounts
from quittance.ledger.standing import Balances, balances_before, gone_back_before
from quittance.tenancy.models import LegalEntity


@dataclass(frozen=True, slots=True, kw_only=True)
class AtGateway:
    """One gateway account in one currency. Amounts are above zero as their names say."""

    gateway: str
    owed: Money  # clearing: what it owes us
    disputed: Money
    surplus: Money  # to give back
    kept_apart: Money  # nobody has decided yet what it is
    fees: Money  # that it kept
    paid_out: Money
    refunded: Money  # refunds and returns, less refunds that came back
    surplus_returned: Money
    lost: Money  # in disputes


@dataclass(frozen=True, slots=True, kw_only=True)
class InErp:
    """What one legal entity's ERP knows, in one currency, and what it does not know yet."""

    legal_entity: str
    not_posted: Money
    posted: Money  # less what was taken back
    reversals_not_posted: Money  # below zero: taken back for a dispute that is not decided
    fees_charged: Money  # that payers paid on top, less what they were given back


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the money is. ``sums``: of all accounts, for each currency; each must be zero."""

    gateways: Sequence[AtGateway]
    entities: Sequence[InErp]
    sums: Sequence[Money]


def standing(before: datetime | None = None) -> Standing:
    """Return what the ledger holds of all that was recorded ``before``, in a transaction."""
    held = balances_before(before)
    gone = gone_back_before(before)
    names = dict(GatewayAccount.objects.values_list("pk", "name"))
    entities = dict(LegalEntity.objects.values_list("pk", "name"))
    return Standing(
        gateways=[
            _at_gateway(name, pk, currency, {**held, **gone})
            for name, pk, currency in _places(names, held, _OF_GATEWAYS)
        ],
        entities=[
            _in_erp(name, pk, currency, held)
            for name, pk, currency in _places(entities, held, _OF_ENTITIES)
        ],
        sums=_sums(held),
    )


def end_of(text: str) -> datetime:
    """Return the moment before which all counts that ``text`` names. Raises ``ValueError``.

    A day, "2026-03-31", is meant with its end, in UTC; so is a moment without a zone.
    """
    if len(text) == len("2026-03-31"):
        return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) + timedelta(microseconds=1)


_OF_GATEWAYS: Final = (
    accounts.gateway_clearing, accounts.disputed, accounts.surplus, accounts.quarantine,
    accounts.gateway_fees, accounts.paid_out,
)  # fmt: skip
_OF_ENTITIES: Final = (
    accounts.unposted_receipts, accounts.posted_receipts, accounts.unposted_reversals,
    accounts.fees_charged,
)  # fmt: skip


def _places(
    names: Mapping[UUID, str], held: Balances, kinds: Sequence[Callable[[UUID], str]]
) -> list[tuple[str, UUID, str]]:
    """Return every place that has an entry, with each of its currencies, by name."""
    owners = {kind(pk): pk for pk in names for kind in kinds}
    found = {(names[owners[at]], owners[at], currency) for at, currency in held if at in owners}
    return sorted(found)


def _at_gateway(name: str, pk: UUID, currency: str, held: Balances) -> AtGateway:
    def of(account: str, sign: int = 1) -> Money:
        return Money(sign * held.get((account, currency), 0), currency)

    return AtGateway(
        gateway=name, owed=of(accounts.gateway_clearing(pk)), disputed=of(accounts.disputed(pk)),
        surplus=of(accounts.surplus(pk), -1), kept_apart=of(accounts.quarantine(pk), -1),
        fees=of(accounts.gateway_fees(pk)),
        paid_out=of(accounts.paid_out(pk)), refunded=of(f"refunded:{pk}"),
        surplus_returned=of(f"surplus_returned:{pk}"), lost=of(f"lost:{pk}"),
    )  # fmt: skip


def _in_erp(name: str, pk: UUID, currency: str, held: Balances) -> InErp:
    def of(account: str, sign: int) -> Money:
        return Money(sign * held.get((account, currency), 0), currency)

    return InErp(
        legal_entity=name,
        not_posted=of(accounts.unposted_receipts(pk), -1),
        posted=of(accounts.posted_receipts(pk), -1),
        reversals_not_posted=of(accounts.unposted_reversals(pk), 1),
        fees_charged=of(accounts.fees_charged(pk), -1),
    )


def _sums(held: Balances) -> list[Money]:
    sums: dict[str, int] = {}
    for (_, currency), minor in held.items():
        sums[currency] = sums.get(currency, 0) + minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]
