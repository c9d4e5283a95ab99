"""Finds out whether a journal numbers its lines by itself: no field of the API says so.

A line that is made without a document number gets the next of the batch's No. Series, or the one
of the line beside it (business-central.md, 2.4). Ours has no amount, so it can never be posted,
and is removed at once; what a killed run left is removed first.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec

from quittance.erp.business_central.journals import LINES, path_of
from quittance.erp.business_central.odata import Api

_NAME: Final = "Quittance looks for a No. Series"


class _Line(msgspec.Struct, rename="camel"):
    id: UUID
    document_number: str
    description: str


class _Id(msgspec.Struct):
    id: UUID


def number_of_its_own(api: Api, journal_id: UUID) -> str:
    """Return the number that a line got by itself; "" when it got none, or its neighbour's."""
    path = f"{path_of(api, journal_id)}/{LINES}"
    query = {"$select": "id,documentNumber,description"}
    there = api.all(path, _Line, entity=LINES, query=query)
    for line in there:
        if line.description == _NAME:
            api.delete(f"{path}({line.id})", entity=LINES)
    some = {"$select": "id", "$top": "1"}
    customers = api.page(f"{api.company}/customers", _Id, entity="customers", query=some).rows
    if not customers:
        return ""
    body = {"customerId": str(customers[0].id), "description": _NAME}
    made = api.post(path, body, _Line, entity=LINES)
    api.delete(f"{path}({made.id})", entity=LINES)
    neighbours = {line.document_number for line in there}
    return "" if made.document_number in neighbours else made.document_number
