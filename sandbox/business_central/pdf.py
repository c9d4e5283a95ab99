"""Draws documents as small PDFs: one page or more, standard fonts, the same bytes every time."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from sandbox.business_central import decimals, ledger, printed_words
from sandbox.business_central.database import Session
from sandbox.business_central.printed_words import Words

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


@dataclass(frozen=True, slots=True)
class _Print:
    """How a kind of document is printed."""

    title: str
    table: str
    date: str
    lines: str = ""
    priced: bool = True


_PRINTS = {
    "Sales_x0020_Invoice": _Print("Invoice", "sales_invoice", "invoiceDate", "sales_invoice_line"),
    "Sales_x0020_Credit_x0020_Memo": _Print(
        "Credit memo", "sales_credit_memo", "creditMemoDate", "sales_credit_memo_line"
    ),
    "Sales_x0020_Order": _Print(
        "Order confirmation", "sales_order", "orderDate", "sales_order_line"
    ),
    "Sales_x0020_Shipment": _Print(
        "Shipment", "sales_shipment", "postingDate", "sales_shipment_line", priced=False
    ),
}


def draw(session: Session, kind: str, key: str, *, language: str = "") -> bytes:
    """The document of a kind and id: number, customer, lines and totals, as they are now.

    ``language`` is an ``Accept-Language``: English, German and French are there.
    """
    words = printed_words.words(language)
    if kind == "Customer_x0020_Statement":
        return _statement(session, key, words)
    form = _PRINTS[kind]
    row = session.rows(f"SELECT * FROM {form.table} WHERE id = ?", (key,))[0]  # noqa: S608
    lines = session.rows(
        f"SELECT * FROM {form.lines} WHERE documentId = ? ORDER BY sequence",  # noqa: S608
        (key,),
    )
    currency = row["currencyCode"] or ledger.local_currency(session)
    digits = _digits(session, currency)
    chunks = [lines[at : at + _LINES_A_PAGE] for at in range(0, len(lines), _LINES_A_PAGE)] or [[]]
    pages = []
    for number, chunk in enumerate(chunks, start=1):
        page = _heading(session, form, row, words)
        page += _rows(chunk, digits if form.priced else None, words)
        if form.priced and number == len(chunks):
            top = 640 - 18 * len(chunk) - 60
            page += _totals(row, currency, digits, words, top=top)
        foot = f"{words('Page')} {number} {words('of')} {len(chunks)}"
        page += [_left(50, 40, foot, size=8)]
        pages.append("\n".join(page))
    return _file(pages)


def _statement(session: Session, contact: str, words: Words) -> bytes:
    """What is open of a contact's customer, the oldest first; one page."""
    customer = session.rows(
        "SELECT c.* FROM customer AS c JOIN contact AS p ON p.relatedId = c.id WHERE p.id = ?",
        (contact,),
    )
    page = [*_letterhead(session), _right(_RIGHT, 790, words("Statement"), size=16, bold=True)]
    if not customer:
        return _file(["\n".join(page)])
    digits = _digits(session, customer[0]["currencyCode"])
    page.append(_left(50, 735, str(customer[0]["displayName"]), bold=True))
    entries = session.rows(
        "SELECT * FROM customer_ledger_entry WHERE customerNumber = ? AND open = 1"
        " ORDER BY dueDate LIMIT 30",
        (customer[0]["number"],),
    )
    for place, entry in enumerate(entries):
        left = ledger.remaining(session, entry["entryNumber"])[0]
        page += [
            _left(50, 680 - 18 * place, f"{entry['documentNumber']}  {entry['dueDate']}"),
            _right(_RIGHT, 680 - 18 * place, _amount(left, digits)),
        ]
    return _file(["\n".join(page)])


def _digits(session: Session, currency: str) -> int:
    row = session.row("SELECT amountDecimalPlaces FROM currency WHERE code = ?", (currency,))
    return int(str(row[0]).partition(":")[0]) if row is not None else 2


def _letterhead(session: Session) -> list[str]:
    company = session.rows("SELECT displayName, addressLine1, city FROM company_information")[0]
    return [
        _left(50, 790, str(company["displayName"]), size=16, bold=True),
        _left(50, 774, f"{company['addressLine1']}, {company['city']}", size=9),
    ]


def _heading(session: Session, form: _Print, row: sqlite3.Row, words: Words) -> list[str]:
    there = set(row.keys())
    draft = "" if "posted" not in there or row["posted"] else f" ({words('draft')})"
    address = [row["billToAddressLine1"], row["billToCity"], row["billToPostCode"]]
    facts = [
        (words(label), row[column])
        for label, column in (
            ("Date", form.date),
            ("Due date", "dueDate"),
            ("Your order", "customerPurchaseOrderReference"),
            ("Our order", "orderNumber"),
            ("For invoice", "invoiceNumber"),
        )
        if column in there
    ]
    return [
        *_letterhead(session),
        _right(_RIGHT, 790, f"{words(form.title)} {row['number']}{draft}", size=16, bold=True),
        _left(50, 735, str(row["billToName"]), bold=True),
        *(_left(50, 720 - 14 * place, str(text)) for place, text in enumerate(address)),
        _left(50, 672, f"{words('Customer no.')}  {row['billToCustomerNumber']}"),
        *(_left(400, 735 - 14 * place, label) for place, (label, _) in enumerate(facts)),
        *(_right(_RIGHT, 735 - 14 * place, text) for place, (_, text) in enumerate(facts)),
    ]


def _rows(lines: list[sqlite3.Row], digits: int | None, words: Words) -> list[str]:
    """The lines; without ``digits`` no prices are shown."""
    found = [
        _left(50, 645, words("Item"), bold=True),
        _left(120, 645, words("Description"), bold=True),
        _right(380, 645, words("Quantity"), bold=True),
        *_prices(645, words("Price"), words("Amount"), bold=True, shown=digits is not None),
        "0.5 w 50 639 m 545 639 l S",
    ]
    for row, line in enumerate(lines):
        at = 624 - 18 * row
        quantity = f"{decimals.text(line['quantity'])} {line['unitOfMeasureCode']}"
        found += [
            _left(50, at, str(line["lineObjectNumber"])),
            _left(120, at, str(line["description"])[:44]),
            _right(380, at, quantity),
        ]
        if digits is not None:
            price = _amount(line["unitPrice"], digits)
            found += _prices(at, price, _amount(line["amountExcludingTax"], digits))
    return found


def _prices(
    at: int, price: str, amount: str, *, bold: bool = False, shown: bool = True
) -> list[str]:
    if not shown:
        return []
    return [_right(460, at, price, bold=bold), _right(_RIGHT, at, amount, bold=bold)]


def _totals(
    invoice: sqlite3.Row, currency: str, digits: int, words: Words, *, top: int
) -> list[str]:
    rows = [
        (words("Total excluding tax"), invoice["totalAmountExcludingTax"]),
        (words("Tax"), invoice["totalTaxAmount"]),
        (f"{words('Total')} {currency}", invoice["totalAmountIncludingTax"]),
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
