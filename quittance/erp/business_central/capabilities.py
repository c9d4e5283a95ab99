"""Finds out what this tenant and this permission set can do; nothing of it is assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from quittance.core.errors import Misconfigured, OutsideError, Refused, Unavailable
from quittance.erp.business_central.check import (
    check_account,
    check_customer_ledger,
    check_readable,
    subscriptions,
)
from quittance.erp.business_central.credentials import Credentials
from quittance.erp.business_central.odata import Api
from quittance.erp.business_central.rights import cure
from quittance.erp.business_central.translate import Invoice
from quittance.erp.connecting import Capability

# What can be read, and what the portal shows with it.
_READ: Final = {
    "customers": "Customers",
    "contacts": "Contacts",
    "customerFinancialDetails": "Balances",
    "salesInvoices": "Invoices",
    "salesCreditMemos": "Credit memos",
    "salesOrders": "Orders",
    "salesShipments": "Shipments",
    "generalLedgerEntries": "Proof of posting",
    "accounts": "G/L accounts",
    "bankAccounts": "Bank accounts",
    "dimensions": "Dimensions",
}
_NOT_THERE: Final = 501
_NOT_OFFERED: Final = "This version of Business Central does not offer {}."
_NO_SERVICE: Final = (
    "Without it there are no open credits and no discounts, and the statement is drawn from "
    "invoices and our own payments. In Business Central, page Web Services, publish Object Type "
    "Page, Object ID 25, and name its Service Name in the settings."
)


_NO_DISPUTES: Final = (
    "This version does not say of an invoice whether it is disputed, so none is kept from being "
    "paid for that."
)


class _Id(msgspec.Struct):
    id: UUID


class _AnyKey(msgspec.Struct):
    """A row whose key is not called id."""


def capabilities(api: Api, credentials: Credentials) -> Sequence[Capability]:
    """See ``Connects.capabilities``. Only that nobody answers at all is raised."""
    return list(_all(api, credentials))


def _all(api: Api, credentials: Credentials) -> Iterator[Capability]:
    for entity, title in _READ.items():
        yield _can(entity, title, partial(check_readable, api, entity))
    yield _can("documentAttachments", "Attachments", partial(_attachments, api))
    yield _can("agedAccountsReceivables", "Aged balances", partial(_aged, api))
    yield _can("disputeStatus", "Disputes", partial(_disputes, api))
    yield _can("customerLedger", "Customer ledger", partial(_ledger, api, credentials))
    yield _can("webhooks", "Webhooks", partial(subscriptions, api))
    yield _can("clearing", "Clearing account", partial(check_account, api, credentials))


def _can(name: str, title: str, look: Callable[[], object]) -> Capability:
    try:
        look()
    except Unavailable as error:
        if error.facts.get("status") != _NOT_THERE:
            raise  # nobody knows: keep what was found before
        return Capability(name=name, title=title, can=False, sentence=_NOT_OFFERED.format(name))
    except OutsideError as error:
        return Capability(name=name, title=title, can=False, sentence=_why(name, error))
    return Capability(name=name, title=title, can=True)


def _why(name: str, error: OutsideError) -> str:
    allowed = not isinstance(error, Misconfigured) or error.facts.get("status") != 403
    return str(error) if allowed else f"The application may not read {name}. {cure(name)}"


def _attachments(api: Api) -> None:
    """They are found by their document only; without any invoice nothing can be told."""
    query = {"$select": "id", "$top": "1"}
    rows = api.page(f"{api.company}/salesInvoices", _Id, entity="salesInvoices", query=query).rows
    for row in rows:
        path = f"{api.company}/salesInvoices({row.id})/documentAttachments"
        api.page(path, _Id, entity="documentAttachments", query=query)


def _aged(api: Api) -> None:
    """It is computed for each call, so one customer's is asked for and no more."""
    query = {"$select": "id", "$top": "1"}
    for row in api.page(f"{api.company}/customers", _Id, entity="customers", query=query).rows:
        wanted = {"$filter": f"customerId eq {row.id}"}
        entity = "agedAccountsReceivables"
        api.page(f"{api.company}/{entity}", _AnyKey, entity=entity, query=wanted)


def _disputes(api: Api) -> None:
    query = {"$select": f"id,{Invoice.DISPUTE}", "$top": "1"}
    try:
        api.page(f"{api.company}/salesInvoices", _Id, entity="salesInvoices", query=query)
    except Refused as error:
        if Invoice.DISPUTE in str(error):
            raise Refused(_NO_DISPUTES) from error
        raise


def _ledger(api: Api, credentials: Credentials) -> None:
    name = credentials.ledger_service
    if not name:
        raise Refused(_NO_SERVICE)
    check_customer_ledger(api, credentials, name)
