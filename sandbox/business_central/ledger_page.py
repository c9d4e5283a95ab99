"""The OData V4 web service that an administrator may publish over page 25, Customer Ledger Entries.

It hangs at ``ODataV4/Company('NAME')/SERVICE``, beside API v2.0, and is read-only here. Field names
are those of BCApps, page 25. That names of an enum travel as in API v2.0 is not known for sure.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from functools import cache
from urllib.parse import unquote

from starlette.responses import Response

from sandbox.business_central import routing
from sandbox.business_central.call import Call
from sandbox.business_central.errors import ApiError
from sandbox.business_central.facts import BLANK, Entity, Field
from sandbox.business_central.odata import options
from sandbox.business_central.odata.paths import segments
from sandbox.business_central.shapes import LEDGER_PAGE

_TYPES = (
    BLANK, "Payment", "Invoice", "Credit_x0020_Memo", "Finance_x0020_Charge_x0020_Memo",
    "Reminder", "Refund",
)  # fmt: skip
_FIELDS = {
    "Entry_No": "Int32",
    "Posting_Date": "Date",
    "Document_Date": "Date",
    "Document_Type": "String",
    "Document_No": "Code",
    "Customer_No": "Code",
    "Description": "String",
    "Currency_Code": "Code",
    "Original_Amount": "Decimal",
    "Amount": "Decimal",
    "Remaining_Amount": "Decimal",
    "Bal_Account_No": "Code",
    "Due_Date": "Date",
    "Pmt_Discount_Date": "Date",
    "Pmt_Disc_Tolerance_Date": "Date",
    "Original_Pmt_Disc_Possible": "Decimal",
    "Remaining_Pmt_Disc_Possible": "Decimal",
    "Open": "Boolean",
    "Closed_at_Date": "Date",
    "On_Hold": "Code",
    "Reversed": "Boolean",
    "External_Document_No": "Code",
}
# Sums over the detailed entries. Whether they can be filtered is not known: here they cannot.
_SUMS = {"Original_Amount", "Amount", "Remaining_Amount"}


@dataclass(slots=True)
class Published:
    """Under which name the page is published; "" when it is not."""

    name: str = LEDGER_PAGE
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rename(self, name: str) -> None:
        """Publish it under another name, or with "" not at all."""
        with self._lock:
            self.name = name


@cache
def entity() -> Entity:
    """The page's fields."""
    return Entity(
        set=LEDGER_PAGE,
        name=LEDGER_PAGE,
        key="Entry_No",
        methods=("GET",),
        navigation={},
        actions=(),
        fields={name: _field(name, kind) for name, kind in _FIELDS.items()},
    )


def respond(call: Call, name: str) -> Response:
    """Answer one request below ``ODataV4/``. Raises ``ApiError``."""
    steps = segments(call.path)
    if len(steps) != 2 or steps[0].name != "Company" or steps[0].key is None:
        raise ApiError(404, "BadRequest_NotFound", "Bad Request - Error in query syntax.")
    with call.database.reading() as session:
        company = session.row("SELECT name FROM company WHERE name = ?", (steps[0].key,))
    if company is None:
        raise ApiError(
            404, "Internal_CompanyNotFound", f'The company "{steps[0].key}" does not exist.'
        )
    if not name or steps[1].name != name or steps[1].key is not None:
        raise ApiError(
            404,
            "BadRequest_ResourceNotFound",
            f"Resource not found for the segment '{steps[1].name}'.",
        )
    routing.check_permission(call)
    if call.method != "GET":
        raise ApiError(
            405, "BadRequest_MethodNotAllowed", f"Entity does not support {call.method} requests."
        )
    query = options.read(entity(), call.options)
    return routing.page(replace(call, path=unquote(call.path)), query, [])


def _field(name: str, kind: str) -> Field:
    return Field(
        name=name,
        type="String" if kind == "Code" else kind,
        max_length=0,
        code=kind == "Code",
        read_only=True,
        page_variable=name in _SUMS,
        wire=_TYPES if name == "Document_Type" else (),
    )
