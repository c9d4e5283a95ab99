"""The report of an account's transactions: whole until its last refresh, and not in order."""

from __future__ import annotations

import math
from typing import Any, Final

from sandbox.paypal import amounts, books, moments
from sandbox.paypal.errors import ApiError, invalid
from sandbox.paypal.moments import exact
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import Row
from sandbox.serving.clock import now

_MOST_SECONDS: Final = 31 * 86400
Asked = dict[str, str]
_PAGE_SIZE: Final = 500


def refreshed_at(sandbox: Sandbox) -> float:
    """Return the moment until which the report is whole."""
    return now() - float(sandbox.store.setting("report_delay", books.LONGEST_DELAY))


def transactions(sandbox: Sandbox, account_id: str, asked: Asked) -> dict[str, Any]:
    """Return one page of the transactions of at most 31 days. Raises ``ApiError``."""
    start = moments.read(asked.get("start_date"), "start_date")
    end = moments.read(asked.get("end_date"), "end_date")
    if not start <= end <= start + _MOST_SECONDS:
        raise invalid("INVALID_REQUEST", "end_date", "Date range is greater than 31 days")
    if start > refreshed_at(sandbox):  # seen by others at the real service; details are empty
        error = ApiError(400, "INVALID_REQUEST")
        error.message = "Data for the given start date is not available."
        raise error
    size, page = _number(asked, "page_size", 100), _number(asked, "page", 1)
    if size > _PAGE_SIZE:
        raise ApiError(400, "INVALID_REQUEST", "INVALID_PARAMETER_VALUE", field="page_size")
    rows = sandbox.store.all(
        "SELECT * FROM entry WHERE account_id = ? AND CAST(created_at AS INTEGER) BETWEEN ? AND ?"
        " AND (seen_at <= ? OR created_at <= ?) ORDER BY created_at, seq",
        account_id,
        int(start),
        int(end),
        now(),
        refreshed_at(sandbox),
    )
    wanted, kind = asked.get("transaction_id"), asked.get("transaction_type")
    found = [
        row
        for row in rows
        if wanted in {None, row["transaction_id"]} and kind in {None, row["code"]}
    ]
    shown = found[(page - 1) * size : page * size]
    said: dict[str, Any] = {
        "account_number": account_id,
        "start_date": exact(start),
        "end_date": exact(end),
        "last_refreshed_datetime": exact(refreshed_at(sandbox)),
        "page": page,
        "total_items": len(found),
        "total_pages": math.ceil(len(found) / size),
        "links": [sandbox.link("self", "/v1/reporting/transactions")],
    }
    if shown:
        said["transaction_details"] = [{"transaction_info": _info(row)} for row in shown]
    return said


def _number(asked: Asked, name: str, default: int) -> int:
    text = asked.get(name, str(default))
    if not text.isdecimal() or not int(text):
        raise invalid("INVALID_PARAMETER_VALUE", name)
    return int(text)


def _info(row: Row) -> dict[str, Any]:
    said: dict[str, Any] = {
        "transaction_id": row["transaction_id"],
        "transaction_event_code": row["code"],
        "transaction_initiation_date": exact(row["created_at"]),
        "transaction_updated_date": exact(row["updated_at"]),
        "transaction_amount": amounts.shown(row["gross_minor"], row["currency"]),
        "transaction_status": row["status"],
        "protection_eligibility": "02",
    }
    if row["fee_minor"]:
        said["fee_amount"] = amounts.shown(-row["fee_minor"], row["currency"])
    if row["related"]:
        said |= {"paypal_reference_id": row["related"], "paypal_reference_id_type": "TXN"}
    if row["invoice"]:
        said["invoice_id"] = row["invoice"]
    if row["custom"]:
        said["custom_field"] = row["custom"]
    return said


def balances(sandbox: Sandbox, account_id: str) -> dict[str, Any]:
    """Return what the account held at the last refresh."""
    at = refreshed_at(sandbox)
    said = [
        {
            "currency": row["currency"],
            "primary": row["currency"] == "USD",
            "total_balance": amounts.shown(row["minor"], row["currency"]),
            "available_balance": amounts.shown(row["minor"], row["currency"]),
            "withheld_balance": amounts.shown(0, row["currency"]),
        }
        for row in books.held(sandbox.store, account_id, at=at)
    ]
    return {
        "balances": said,
        "account_id": account_id,
        "as_of_time": exact(at),
        "last_refresh_time": exact(at),
    }
