"""Reads open credit into the mirror: credit notes, and money that pays no invoice yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from quittance.erp.base import CreditRecord, Erp, ReportsCredits
from quittance.receivables.models import Contact, Credit, CustomerAccount
from quittance.tenancy.rows import reading, writing

CUSTOMERS_AT_ONCE: Final = 50


def read_credits(erp: Erp, customer_erp_ids: Collection[str]) -> Sequence[CreditRecord] | None:
    """Return all open credit of these customers; ``None`` from an ERP that shows none.

    Raises ``OutsideError``.
    """
    if not isinstance(erp, ReportsCredits) or not customer_erp_ids:
        return None
    return erp.open_credits(sorted(customer_erp_ids))


def apply_credits(
    records: Sequence[CreditRecord],
    *,
    legal_entity_id: UUID,
    customer_erp_ids: Collection[str],
    read_at: datetime,
) -> int:
    """Bring all open credit of these customers into the mirror, inside a transaction.

    Credit of theirs that is not among ``records`` is used up. ``read_at`` is the moment before the
    ERP was asked: what the mirror heard later stays. Returns how many credits changed.
    """
    accounts = {
        account.erp_id: account
        for account in CustomerAccount.objects.filter(
            legal_entity_id=legal_entity_id, erp_id__in=customer_erp_ids
        )
    }
    locked = Credit.objects.filter(customer_account__in=accounts.values())
    locked = locked.order_by("pk").select_for_update()
    known = {credit.erp_id: credit for credit in locked}
    said = {each.erp_id: each for each in records if each.customer_erp_id in accounts}
    new = sorted(said.keys() - known.keys())
    if new:
        # Somebody else may bring one in at this moment: that row stays, and is held to ``records``.
        rows = [_row(said[each], accounts[said[each].customer_erp_id], read_at) for each in new]
        Credit.objects.bulk_create(rows, ignore_conflicts=True)
        known |= {credit.erp_id: credit for credit in locked.filter(erp_id__in=new)}
    open_now = {erp_id: said[erp_id].open.minor if erp_id in said else 0 for erp_id in known}
    older = [credit for credit in known.values() if credit.synced_at <= read_at]
    changed = [credit for credit in older if credit.open_minor != open_now[credit.erp_id]]
    for credit in changed:
        _set_open(credit, open_now[credit.erp_id], read_at)
    same = {credit.pk for credit in older if credit.erp_id in said} - {each.pk for each in changed}
    Credit.objects.filter(pk__in=same).update(synced_at=read_at)
    return len({*new, *(credit.erp_id for credit in changed)})


def pull_credits(
    erp: Erp, legal_entity_id: UUID, customer_erp_ids: Sequence[str], *, read_at: datetime
) -> int:
    """Read the open credit of these customers; return how many rows.

    Raises ``OutsideError``; what was read before stays.
    """
    rows = 0
    for start in range(0, len(customer_erp_ids), CUSTOMERS_AT_ONCE):
        customers = customer_erp_ids[start : start + CUSTOMERS_AT_ONCE]
        records = read_credits(erp, customers)
        if records is None:
            return 0
        with writing():
            apply_credits(
                records, legal_entity_id=legal_entity_id, customer_erp_ids=customers,
                read_at=read_at,
            )  # fmt: skip
        rows += len(records)
    return rows


def customers_with_people(legal_entity_id: UUID) -> Sequence[str]:
    """Return the ERP's ids of the customers for whom somebody may sign in."""
    with reading():
        people = Contact.objects.values("customer_account_id")
        accounts = CustomerAccount.objects.filter(
            legal_entity_id=legal_entity_id, pk__in=people, gone_at=None
        ).order_by("erp_id")
        return list(accounts.values_list("erp_id", flat=True))


def _row(record: CreditRecord, account: CustomerAccount, read_at: datetime) -> Credit:
    return Credit(
        legal_entity_id=account.legal_entity_id, customer_account=account, erp_id=record.erp_id,
        kind=record.kind.value, number=record.number[:40], issued_date=record.issued_date,
        currency=record.total.currency, total_minor=record.total.minor,
        open_minor=record.open.minor, synced_at=read_at,
    )  # fmt: skip


def _set_open(known: Credit, open_minor: int, read_at: datetime) -> None:
    known.open_minor, known.synced_at = open_minor, read_at
    known.version += 1
    known.save(update_fields=["open_minor", "synced_at", "version"])
