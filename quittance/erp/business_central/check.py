"""Finds out which part of the settings is wrong, before money depends on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

import msgspec

from quittance.core.errors import Misconfigured, Refused
from quittance.erp.business_central import ledger
from quittance.erp.business_central.credentials import Credentials
from quittance.erp.business_central.customer_ledger import Service, check_service
from quittance.erp.business_central.odata import Api

# What we read. What we write (journals, lines, posts) shows only when it is written.
READ: Final = (
    "customers",
    "salesInvoices",
    "customerPaymentJournals",
    "generalLedgerEntries",
)


class _Company(msgspec.Struct, rename="camel"):
    id: UUID
    name: str
    display_name: str


class _Setup(msgspec.Struct, rename="camel"):
    local_currency_code: str


class _Id(msgspec.Struct):
    id: UUID


def check(api: Api, credentials: Credentials, customer_ledger: Callable[[], Service | None]) -> str:
    """Return the company's name. Raises ``Misconfigured`` naming the wrong setting (``field``).

    Asks in the order in which things depend on each other: the sign-in, the environment, the
    company, the permission to read, the clearing account, the local currency, and the web service
    over the customer ledger if one is named.
    """
    api.sign_in()
    company = find_company(api, credentials)
    for entity in READ:
        check_readable(api, entity)
    ledger.clearing_account_id(api, credentials.clearing_account)
    check_currency(api, credentials.local_currency)
    page = customer_ledger()
    if page is not None:
        check_service(page)
    return company.display_name or company.name


def check_readable(api: Api, entity: str) -> None:
    """Read one record. Raises ``Misconfigured`` when that is not allowed."""
    try:
        api.page(
            f"{api.company}/{entity}", _Id, entity=entity, query={"$select": "id", "$top": "1"}
        )
    except Refused as error:
        raise Misconfigured(
            f"Business Central does not let us read {entity}: {error}",
            field="permission",
            entity=entity,
        ) from error


def find_company(api: Api, credentials: Credentials) -> _Company:
    """Return our company. Raises ``Misconfigured`` with the names of those that there are."""
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


def check_currency(api: Api, local_currency: str) -> None:
    """Raise ``Misconfigured`` for another local currency.

    The ledger is compared in the local currency, so a wrong one would raise false alarms.
    """
    found = api.all(
        f"{api.company}/generalLedgerSetup",
        _Setup,
        entity="generalLedgerSetup",
        query={"$select": "id,localCurrencyCode"},
    )
    for setup in found:
        if setup.local_currency_code != local_currency:
            raise Misconfigured(
                f"The company's local currency is {setup.local_currency_code or 'not set'}, not "
                f"{local_currency}.",
                field="local_currency",
            )
