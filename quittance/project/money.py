"""``quittance check money``, ``reconcile`` and ``ledger``: say in words how the books stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from quittance.core.errors import OutsideError
from quittance.core.money import Money
from quittance.reconciliation.apart import keep_all_apart
from quittance.reconciliation.books import accounts_with_books, read_books
from quittance.reconciliation.catalogue import CATALOGUE, Sort
from quittance.reconciliation.checking import AT_ONCE, NOW, Row, Unchecked, look
from quittance.reconciliation.compare import ErpDay, GatewayDay, days_of_erps, days_of_gateways
from quittance.reconciliation.findings import look_and_keep
from quittance.reconciliation.healing import heal
from quittance.reconciliation.payouts import read_balance, read_payouts
from quittance.reconciliation.standing import AtGateway, InErp, standing
from quittance.reconciliation.unknown import KIND, resolve_unknown
from quittance.tenancy.hosts import organization_ids
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for

_ACTOR = "operator"
_CHECKED = (Sort.NEVER, Sort.NOT_FOR_LONG)


def check_money(
    *, organizations: Collection[UUID] = (), older_than: timedelta
) -> Iterator[tuple[int, str]]:
    """Yield lines for people, each with how many things it says are not as they must be."""
    for organization_id in _chosen(organizations):
        with working_for(organization_id, actor=_ACTOR):
            yield from _check(older_than)


def reconcile(*, since: date, organizations: Collection[UUID] = ()) -> Iterator[tuple[int, str]]:
    """Read every gateway's books and payouts, mend what is safe to mend, say what differs since.

    After a restore of our database: what we do not know any more is found in the gateway's books,
    which are read on from where our restored cursor stands.
    """
    for organization_id in _chosen(organizations):
        with working_for(organization_id, actor=_ACTOR):
            yield 0, f"\n{_name()}"
            yield from _read()
            woken = resolve_unknown() + heal(older_than=NOW)
            keep_all_apart()
            change = look_and_keep(older_than=timedelta(hours=1))
            yield 0, f"  {woken} payments are asked about again"
            yield 0, f"  {change.opened} findings opened, {change.healed} healed"
            yield from _days(since)
            for row in look(KIND, older_than=NOW):
                yield 1, f"  {row.sentence} {row.entry.cure}"
    yield 0, "\nThere is no autopay yet, so none was held back."


def ledger(*, before: datetime | None, organizations: Collection[UUID] = ()) -> Iterator[str]:
    """Yield lines for people: where the money is by our ledger, of what was recorded ``before``."""
    for organization_id in _chosen(organizations):
        with working_for(organization_id, actor=_ACTOR):
            yield f"\n{_name()}"
            with reading():
                found = standing(before)
        if not found.sums:
            yield "  Nothing was recorded."
        for each in found.gateways:
            yield f"  At {each.gateway}, in {each.owed.currency}"
            yield from _amounts(_at_gateway(each))
        for entity in found.entities:
            yield f"  For the ERP of {entity.legal_entity}, in {entity.posted.currency}"
            yield from _amounts(_in_erp(entity))
        for sum_ in found.sums:
            yield f"  All accounts sum to {sum_}; they must sum to zero."


def _at_gateway(each: AtGateway) -> dict[str, Money]:
    return {
        "owed to us": each.owed, "held by a dispute": each.disputed,
        "surplus, to give back": each.surplus, "kept apart, undecided": each.kept_apart,
        "fees that it kept": each.fees,
        "paid out to our bank": each.paid_out, "refunded or returned": each.refunded,
        "surplus given back": each.surplus_returned, "lost in disputes": each.lost,
    }  # fmt: skip


def _in_erp(each: InErp) -> dict[str, Money]:
    return {
        "came, not yet posted": each.not_posted, "posted, less taken back": each.posted,
        "went back, not yet posted": each.reversals_not_posted,
        "fees charged to payers": each.fees_charged,
    }  # fmt: skip


def _amounts(amounts: Mapping[str, Money]) -> Iterator[str]:
    for words, amount in amounts.items():
        yield f"    {words:<26}{amount!s:>20}"


def _chosen(organizations: Collection[UUID]) -> list[UUID]:
    found = organization_ids()
    return [each for each in found if not organizations or each in organizations]


def _check(older_than: timedelta) -> Iterator[tuple[int, str]]:
    yield 0, f"\n{_name()}"
    for key, entry in CATALOGUE.items():
        if entry.sort not in _CHECKED:
            continue
        try:
            rows = look(key, older_than=older_than)
        except Unchecked as error:
            yield 1, f"  NOT CHECKED  {key}: {error}"
            continue
        more = " or more" if len(rows) == AT_ONCE else ""
        yield len(rows), f"  {len(rows):>5}{more}  {key}: {entry.title}"
        yield from ((0, line) for line in _words(rows))


def _words(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield f"         {row.sentence} [{row.subject_kind} {row.subject}]"
    if rows:
        yield f"         What to do: {rows[0].entry.cure}"


def _read() -> Iterator[tuple[int, str]]:
    with reading():
        found = accounts_with_books()
    for account_id in found:
        try:
            new, open_ = len(read_books(account_id)), read_payouts(account_id)
            read_balance(account_id)
        except OutsideError as error:
            yield 1, f"  gateway {account_id} does not answer: {error}"
        else:
            yield 0, f"  gateway {account_id}: {new} new entries, {open_} payouts not reconciled"


def _days(since: date) -> Iterator[tuple[int, str]]:
    with reading():
        gateways, erps = days_of_gateways(since), days_of_erps(since)
    rows: list[GatewayDay | ErpDay] = [*gateways, *erps]
    for row in rows:
        mark = "agrees  " if row.agrees else "DIFFERS "
        yield int(not row.agrees), f"  {mark}{row.sentence}"


def _name() -> str:
    with reading():
        organization = Organization.objects.get()
    return f"{organization.name} ({organization.pk})"
