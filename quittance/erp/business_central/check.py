"""Finds out which part of the settings is wrong, before money depends on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

import msgspec

from quittance.core.errors import Misconfigured, Refused
from quittance.erp.business_central import accounts
from quittance.erp.business_central.credentials import Credentials
from quittance.erp.business_central.customer_ledger import Service, check_service, service
from quittance.erp.business_central.odata import Api

# What we read. What we write (journals, lines, posts) shows only when it is written.
READ: Final = (
    "customers",
    "salesInvoices",
    "customerPaymentJournals",
    "generalLedgerEntries",
)


class Company(msgspec.Struct, rename="camel"):
    """A row of ``companies``."""

    id: UUID
    name: str
    display_name: str


class _Setup(msgspec.Struct, rename="camel"):
    local_currency_code: str


class _Id(msgspec.Struct):
    id: UUID


class _Coded(msgspec.Struct):
    code: str


class _Anything(msgspec.Struct):
    """A row of which only that it is there matters."""


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
    check_account(api, credentials)
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


def companies(api: Api) -> Sequence[Company]:
    """Return the companies of the environment that the application may see."""
    query = {"$select": "id,name,displayName"}
    return api.all("/companies", Company, entity="companies", query=query)


def find_company(api: Api, credentials: Credentials) -> Company:
    """Return our company. Raises ``Misconfigured`` with the names of those that there are."""
    try:
        found = companies(api)
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
    for found in local_currencies(api):
        if found != local_currency:
            raise Misconfigured(
                f"The company's local currency is {found or 'not set'}, not {local_currency}.",
                field="local_currency",
            )


def local_currencies(api: Api) -> Sequence[str]:
    """Return the local currency of the books; "" where none is set."""
    found = api.all(
        f"{api.company}/generalLedgerSetup",
        _Setup,
        entity="generalLedgerSetup",
        query={"$select": "id,localCurrencyCode"},
    )
    return [setup.local_currency_code for setup in found]


def check_account(api: Api, credentials: Credentials) -> None:
    """Raise ``Misconfigured`` when payments cannot be balanced on the clearing account."""
    accounts.clearing_account_id(api, credentials.clearing_account)


def check_customer_ledger(api: Api, credentials: Credentials, name: str) -> None:
    """Raise ``Misconfigured`` when no web service of this name shows us the customer ledger."""
    check_service(service(api, name=name, company_id=UUID(credentials.company_id)))


def check_settled(api: Api, credentials: Credentials) -> None:
    """Raise ``Misconfigured`` for a dispute status that the company does not have."""
    query = {"$select": "id,code"}
    rows = api.all(f"{api.company}/disputeStatus", _Coded, entity="disputeStatus", query=query)
    known = {row.code for row in rows}
    if wrong := sorted(credentials.settled - known):
        raise Misconfigured(
            f"There is no dispute status {', '.join(wrong)}. There is: "
            f"{', '.join(sorted(known)) or 'none'}.",
            field="settled_disputes",
        )


def subscriptions(api: Api) -> int:
    """Return how many subscriptions there are. Raises ``OutsideError`` when we may not ask."""
    return len(api.all("/subscriptions", _Anything, entity="subscriptions", query={}))
