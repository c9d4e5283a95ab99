"""Draws an invoice as a small PDF: one page or more, standard fonts, the same bytes every time."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.responses import Response

from sandbox.business_central import decimals, read
from sandbox.business_central.call import Call
from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError
from sandbox.business_central.facts import Entity, entities

# Widths of Helvetica and Helvetica-Bold in thousandths (Adobe's font metrics), by width.
_PLAIN = {
    222: "ijl", 278: " .,/:If;t", 333: "-()r", 500: "Jckvsxyz", 611: "FTZ", 667: "ABEKPSVXY",
    722: "CDHNRUw", 778: "GOQ", 833: "Mm", 944: "W",
}  # fmt: skip
_BOLD = {
    278: " .,/Iijl", 333: "-()ft:;", 389: "r", 500: "z", 611: "FLTZbdghnopqu", 667: "EPSVXY",
    722: "ABCDHKNRU", 778: "GOQw", 833: "M", 889: "m", 944: "W",
}  # fmt: skip
_WIDTHS = {
    bold: ({letter: width for width, letters in table.items() for letter in letters}, 556)
    for bold, table in ((False, _PLAIN), (True, _BOLD))
}
_LINES_A_PAGE = 26
_RIGHT = 545


def stream(call: Call, entity: Entity, key: Any) -> Response:
    """Answer a media link: the invoice's PDF; the company's picture is empty."""
    if call.method != "GET":
        raise ApiError(405, "BadRequest_MethodNotAllowed", "A media link is read with GET.")
    if entity.set != "pdfDocument":
        return Response(status_code=204)
    with call.database.reading() as session:
        invoice = read.stored(session, entities()["salesInvoices"], key)
        content = draw(session, invoice)
    return Response(content, media_type="application/pdf")


def draw(session: Session, invoice: sqlite3.Row) -> bytes:
    """The document of an invoice: number, customer, lines and totals, as they are now."""
    company = session.rows("SELECT displayName, addressLine1, city FROM company_information")[0]
    lines = session.rows(
        "SELECT * FROM sales_invoice_line WHERE documentId = ? ORDER BY sequence", (invoice["id"],)
    )
    currency = invoice["currencyCode"] or session.value(
        "SELECT localCurrencyCode FROM general_ledger_setup"
    )
    digits = _digits(session, currency)
    chunks = [lines[at : at + _LINES_A_PAGE] for at in range(0, len(lines), _LINES_A_PAGE)] or [[]]
    pages = []
    for number, chunk in enumerate(chunks, start=1):
        page = _heading(company, invoice)
        page += _rows(chunk, digits)
        if number == len(chunks):
            page += _totals(invoice, currency, digits, top=640 - 18 * len(chunk) - 60)
        page += [_left(50, 40, f"Page {number} of {len(chunks)}", size=8)]
        pages.append("\n".join(page))
    return _file(pages)


def _digits(session: Session, currency: str) -> int:
    row = session.row("SELECT amountDecimalPlaces FROM currency WHERE code = ?", (currency,))
    return int(str(row[0]).partition(":")[0]) if row is not None else 2


def _heading(company: sqlite3.Row, invoice: sqlite3.Row) -> list[str]:
    draft = "" if invoice["posted"] else " (draft)"
    address = [invoice["billToAddressLine1"], invoice["billToCity"], invoice["billToPostCode"]]
    facts = [
        ("Invoice date", invoice["invoiceDate"]),
        ("Due date", invoice["dueDate"]),
        ("Your order", invoice["customerPurchaseOrderReference"]),
        ("Our order", invoice["orderNumber"]),
    ]
    return [
        _left(50, 790, str(company["displayName"]), size=16, bold=True),
        _left(50, 774, f"{company['addressLine1']}, {company['city']}", size=9),
        _right(_RIGHT, 790, f"Invoice {invoice['number']}{draft}", size=16, bold=True),
        _left(50, 735, str(invoice["billToName"]), bold=True),
        *(_left(50, 720 - 14 * row, str(text)) for row, text in enumerate(address)),
        _left(50, 672, f"Customer no.  {invoice['billToCustomerNumber']}"),
        *(_left(400, 735 - 14 * row, label) for row, (label, _) in enumerate(facts)),
        *(_right(_RIGHT, 735 - 14 * row, text) for row, (_, text) in enumerate(facts)),
    ]


def _rows(lines: list[sqlite3.Row], digits: int) -> list[str]:
    found = [
        _left(50, 645, "Item", bold=True),
        _left(120, 645, "Description", bold=True),
        _right(380, 645, "Quantity", bold=True),
        _right(460, 645, "Price", bold=True),
        _right(_RIGHT, 645, "Amount", bold=True),
        "0.5 w 50 639 m 545 639 l S",
    ]
    for row, line in enumerate(lines):
        at = 624 - 18 * row
        quantity = f"{decimals.text(line['quantity'])} {line['unitOfMeasureCode']}"
        found += [
            _left(50, at, str(line["lineObjectNumber"])),
            _left(120, at, str(line["description"])[:44]),
            _right(380, at, quantity),
            _right(460, at, _amount(line["unitPrice"], digits)),
            _right(_RIGHT, at, _amount(line["amountExcludingTax"], digits)),
        ]
    return found


def _totals(invoice: sqlite3.Row, currency: str, digits: int, *, top: int) -> list[str]:
    rows = [
        ("Total excluding tax", invoice["totalAmountExcludingTax"]),
        ("Tax", invoice["totalTaxAmount"]),
        (f"Total {currency}", invoice["totalAmountIncludingTax"]),
    ]
    found = [f"0.5 w 330 {top + 20} m 545 {top + 20} l S"]
    for row, (label, value) in enumerate(rows):
        bold = row == len(rows) - 1
        found.append(_left(330, top - 16 * row, label, bold=bold))
        found.append(_right(_RIGHT, top - 16 * row, _amount(value, digits), bold=bold))
    return found


def _amount(value: int, digits: int) -> str:
    return f"{decimals.decimal(value):,.{digits}f}"


def _left(x: float, y: int, text: str, *, size: int = 10, bold: bool = False) -> str:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F{2 if bold else 1} {size} Tf {x:g} {y} Td ({escaped}) Tj ET"


def _right(x: int, y: int, text: str, *, size: int = 10, bold: bool = False) -> str:
    table, other = _WIDTHS[bold]
    width = sum(table.get(letter, other) for letter in text) * size / 1000
    return _left(round(x - width, 2), y, text, size=size, bold=bold)


def _file(pages: list[str]) -> bytes:
    """Put the pages into a file with its table of objects (PDF 1.4, no date, no random id)."""
    kids = " ".join(f"{5 + 2 * page} 0 R" for page in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        _font("Helvetica"),
        _font("Helvetica-Bold"),
    ]
    for page, text in enumerate(pages):
        content = text.encode("cp1252", "replace")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font"
            b" << /F1 3 0 R /F2 4 0 R >> >> /Contents %d 0 R >>" % (6 + 2 * page)
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(out))
    )


def _font(name: str) -> bytes:
    return (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /%b /Encoding /WinAnsiEncoding >>"
        % name.encode()
    )
