"""Finds out which part of the settings is wrong, before money depends on it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec

from quittance.core.errors import Misconfigured, Refused
from quittance.erp.business_central import ledger
from quittance.erp.business_central.credentials import Credentials
from quittance.erp.business_central.odata import Api

# What we read. What we write (journals, lines, posts) shows only when it is written.
_READ: Final = (
    "customers",
    "salesInvoices",
    "customerPaymentJournals",
    "generalLedgerEntries",
)


class _Company(msgspec.Struct, rename="camel"):
    id: UUID
    name: str
    display_name: str


class _Id(msgspec.Struct):
    id: UUID


def check(api: Api, credentials: Credentials) -> str:
    """Return the company's name. Raises ``Misconfigured`` naming the wrong setting (``field``).

    Asks in the order in which things depend on each other: the sign-in, the environment, the
    company, the permission to read, the clearing account.
    """
    api.sign_in()
    company = _company(api, credentials)
    for entity in _READ:
        try:
            api.page(
                f"{api.company}/{entity}",
                _Id,
                entity=entity,
                query={"$select": "id", "$top": "1"},
            )
        except Refused as error:
            raise Misconfigured(
                f"Business Central does not let us read {entity}: {error}",
                field="permission",
                entity=entity,
            ) from error
    ledger.clearing_account_id(api, credentials.clearing_account)
    return company.display_name or company.name


def _company(api: Api, credentials: Credentials) -> _Company:
    try:
        found = api.all(
            "/companies",
            _Company,
            entity="companies",
            query={"$select": "id,name,displayName"},
        )
    except Refused as error:
        raise Misconfigured(
            f"Business Central refused to list its companies: {error}", field="environment"
        ) from error
    for company in found:
        if company.id == UUID(credentials.company_id):
            return company
    raise Misconfigured(
        "This environment has no company with our company id, or the application may not see it. "
        f"It has: {', '.join(company.name for company in found) or 'none'}.",
        field="company_id",
    )
