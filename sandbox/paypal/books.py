"""The account's own books: what each movement brought, and when the report shows it."""

from __future__ import annotations

import zlib
from typing import Final

from sandbox.paypal.store import Row, Store, Thing, new_id
from sandbox.serving.clock import now

_PER_MYRIAD, _FIXED_MINOR = 349, 49  # PayPal Checkout in the US: 3.49 % and 0.49 USD
LONGEST_DELAY: Final = 3 * 3600  # seconds. Source: reporting v1, "a maximum of three hours"
DISPUTE_FEE_MINOR: Final = 2000


def fee_of(minor: int) -> int:
    """Return the fee of a captured payment in minor units, rounded half up."""
    return min(minor, (minor * _PER_MYRIAD + 5000) // 10000 + _FIXED_MINOR)


def enter(
    store: Store,
    account_id: str,
    code: str,
    *,
    gross_minor: int,
    currency: str,
    transaction_id: str = "",
    fee_minor: int = 0,
    related: str = "",
    status: str = "S",
    invoice: str = "",
    custom: str = "",
) -> str:
    """Write one movement and return its id; the report shows it some time later, in any order."""
    id_ = transaction_id or new_id()
    delay = float(store.setting("report_delay", LONGEST_DELAY))
    store.insert(
        "entry",
        account_id=account_id,
        transaction_id=id_,
        code=code,
        status=status,
        gross_minor=gross_minor,
        fee_minor=fee_minor,
        currency=currency,
        related=related,
        invoice=invoice,
        custom=custom,
        created_at=now(),
        updated_at=now(),
        seen_at=now() + delay * (zlib.crc32(id_.encode()) % 100) / 100,
    )
    return id_


def enter_capture(store: Store, capture: Thing, *, status: str) -> None:
    """Write the movement of a captured payment; a pending one moves nothing yet."""
    enter(
        store,
        capture.account_id,
        "T0006",
        gross_minor=capture.hidden["minor"],
        fee_minor=capture.hidden["fee_minor"] if status == "S" else 0,
        currency=capture.hidden["currency"],
        transaction_id=capture.id,
        status=status,
        invoice=capture.shown.get("invoice_id", ""),
        custom=capture.shown.get("custom_id", ""),
    )


def change(store: Store, transaction_id: str, *, status: str, fee_minor: int | None = None) -> None:
    """Say how a movement ended: a pending one succeeded or was denied, another was reversed."""
    store.run(
        "UPDATE entry SET status = ?, fee_minor = coalesce(?, fee_minor), updated_at = ?"
        " WHERE transaction_id = ?",
        status,
        fee_minor,
        now(),
        transaction_id,
    )


def held(store: Store, account_id: str, *, at: float) -> list[Row]:
    """Return for each currency what the account held at a moment."""
    return store.all(
        "SELECT currency, sum(gross_minor - fee_minor) AS minor FROM entry"
        " WHERE account_id = ? AND status IN ('S', 'V') AND updated_at <= ?"
        " GROUP BY currency ORDER BY currency",
        account_id,
        at,
    )
