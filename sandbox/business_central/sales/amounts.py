"""Computes what a draft comes to: its lines, its discount spread over them, its totals."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

from sandbox.business_central import decimals, ledger
from sandbox.business_central.database import Session
from sandbox.business_central.sales.kinds import Kind

_HUNDRED = Decimal(100)


def line_amounts(line: dict[str, Any], precision: int) -> dict[str, Any]:
    """The amounts of one line before the document's discount. ``discountPercent`` decides.

    All numbers are scaled; prices are without tax, as everywhere in this company.
    """
    gross = decimals.times(line["unitPrice"], decimals.decimal(line["quantity"]), precision)
    percent = decimals.decimal(line["discountPercent"]) / _HUNDRED
    discount = decimals.times(gross, percent, precision)
    net = gross - discount
    tax = _tax(net, line, precision)
    return {
        "discountAmount": discount,
        "amountExcludingTax": net,
        "totalTaxAmount": tax,
        "amountIncludingTax": net + tax,
    }


def discount_percent(line: dict[str, Any], discount: int, precision: int) -> int:
    """The percentage that a discount amount is of a line, scaled."""
    gross = decimals.times(line["unitPrice"], decimals.decimal(line["quantity"]), precision)
    return decimals.scaled(Decimal(discount) * 100 / gross) if gross else 0


def add_up(session: Session, kind: Kind, document: str) -> None:
    """Spread the document's discount over its lines and write its totals."""
    row = session.rows(f"SELECT * FROM {kind.table} WHERE id = ?", (document,))[0]  # noqa: S608
    lines = session.rows(
        f"SELECT * FROM {kind.line_table} WHERE documentId = ? ORDER BY sequence",  # noqa: S608
        (document,),
    )
    precision = ledger.precision(session, row["currencyCode"])
    shares = _shares(row["discountAmount"], lines, precision)
    net = tax = 0
    for line, share in zip(lines, shares, strict=True):
        amounts = _net(line, share, precision)
        session.update(kind.line_table, amounts, key="id", is_=line["id"])
        net += amounts["netAmount"]
        tax += amounts["netTaxAmount"]
    totals = {
        "discountAmount": sum(shares),
        "totalAmountExcludingTax": net,
        "totalTaxAmount": tax,
        "totalAmountIncludingTax": net + tax,
    }
    session.update(kind.table, totals, key="id", is_=document)


def _shares(discount: int, lines: list[sqlite3.Row], precision: int) -> list[int]:
    """Each line's part of the document's discount; the last takes what rounding leaves."""
    total = sum(line["amountExcludingTax"] for line in lines)
    if not discount or total <= 0:
        return [0] * len(lines)
    wanted = min(discount, total)
    shares = [
        decimals.times(wanted, Decimal(line["amountExcludingTax"]) / total, precision)
        for line in lines
    ]
    shares[-1] += wanted - sum(shares)
    return shares


def _net(line: sqlite3.Row, share: int, precision: int) -> dict[str, int]:
    net = line["amountExcludingTax"] - share
    tax = _tax(net, line, precision) if share else line["totalTaxAmount"]
    return {
        "invoiceDiscountAllocation": share,
        "netAmount": net,
        "netTaxAmount": tax,
        "netAmountIncludingTax": net + tax,
    }


def _tax(net: int, line: dict[str, Any] | sqlite3.Row, precision: int) -> int:
    return decimals.times(net, decimals.decimal(line["taxPercent"]) / _HUNDRED, precision)
