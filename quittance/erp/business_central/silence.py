"""Notices what Business Central leaves out without a word.

Without read on Sales Invoice Header all posted invoices are missing from ``salesInvoices``, without
read on Sales Header all drafts; neither is an error (business-central.md, 1.2). So the books are
asked whether there must be some.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from quittance.core.errors import Refused
from quittance.erp.business_central import ledger
from quittance.erp.business_central.odata import Api
from quittance.erp.business_central.rights import cure

_INVOICES: Final = "salesInvoices"
_POSTED: Final = "status eq 'Open' or status eq 'Paid' or status eq 'Canceled'"
_DRAFTS: Final = "status eq 'Draft' or status eq 'In_x0020_Review'"
_LOOKED_AT: Final = 200  # of each, at most


class Doubt(Refused):
    """It works, and there is something that somebody should look at."""


class _Id(msgspec.Struct):
    id: UUID


class _Owing(msgspec.Struct, rename="camel"):
    number: str
    balance_due: Decimal


def notice_what_is_left_out(api: Api) -> str:
    """Return what is seen of invoices. Raises ``Doubt`` when some must be there and are not."""
    if _any(api, _POSTED):
        if _any(api, _DRAFTS):
            return "Posted invoices and drafts are both seen"
        return (
            "Posted invoices are seen. No draft is: there is none, or read on Sales Header is "
            "missing, which hides drafts only"
        )
    owing = _who_owes(api)
    if owing or _invoices_in_the_ledger(api):
        whose = f"customer {owing} owes something" if owing else "the ledger has invoices"
        raise Doubt(
            f"No posted invoice is seen although {whose}. Business Central leaves posted invoices "
            f"out without a word where read on Sales Invoice Header is missing. {cure(_INVOICES)}",
            entity=_INVOICES,
        )
    return "There are no invoices yet, and nobody owes anything"


def _any(api: Api, wanted: str) -> bool:
    query = {"$filter": wanted, "$select": "id", "$top": "1"}
    return bool(api.page(f"{api.company}/{_INVOICES}", _Id, entity=_INVOICES, query=query).rows)


def _who_owes(api: Api) -> str:
    rows = api.page(
        f"{api.company}/customers",
        _Owing,
        entity="customers",
        query={"$select": "id,number,balanceDue", "$top": str(_LOOKED_AT)},
    ).rows
    return next((row.number for row in rows if row.balance_due > 0), "")


def _invoices_in_the_ledger(api: Api) -> bool:
    """A purchase's entries are of type Invoice too: so this alone would be a weak sign."""
    rows = api.page(
        f"{api.company}/{ledger.ENTITY}",
        ledger.Entry,
        entity=ledger.ENTITY,
        query={"$select": ledger.Entry.SELECT, "$orderby": "entryNumber desc",
               "$top": str(_LOOKED_AT)},
    ).rows  # fmt: skip
    numbers = {row.document_number for row in rows if row.document_type == "Invoice"}
    return len(numbers) > _LOOKED_AT // 10
