"""Finds out which column holds the invoice numbers, and which the amounts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from quittance.core.errors import RuleBroken
from quittance.portal.amounts import looks_like_one
from quittance.portal.remittance.grid import MOST_LINES, Grid, TooManyLines, is_date

# How columns are called, in the languages of the portal; of two, what stands earlier counts.
_NUMBERS: Final = (
    "invoicenumber", "invoiceno", "invoicenr", "invoiceid", "invoice", "rechnungsnummer",
    "rechnungsnr", "rechnung", "numérodefacture", "nfacture", "nºfactura", "facture",
    "númerodefactura", "nfactura", "factura", "رقمالفاتورة", "الفاتورة", "فاتورة", "documentnumber",
    "documentno", "document", "belegnummer", "belegnr", "beleg", "number", "nummer", "numéro",
    "número", "no", "nr", "reference", "référence", "referencia", "ref", "رقم",
)  # fmt: skip
_ORDERS: Final = (
    "purchaseorder", "purchaseordernumber", "purchaseorderno", "ponumber", "pono", "po",
    "yourreference", "bestellnummer", "bestellnr", "bestellung", "ihrereferenz",
    "bondecommande", "numérodecommande", "commande", "ordendecompra", "númerodepedido", "pedido",
    "أمرالشراء", "رقمأمرالشراء",
)  # fmt: skip
_AMOUNTS: Final = (
    "amountpaid", "paymentamount", "amounttopay", "topay", "paid", "payment", "amount",
    "zahlbetrag", "zahlung", "betrag", "montantpayé", "montant", "paiement", "importepagado",
    "importe", "monto", "pago", "المبلغ", "مبلغ", "balance", "open", "offen", "solde", "saldo",
    "total", "gesamt", "الرصيد",
)  # fmt: skip
_CURRENCIES: Final = ("currency", "währung", "devise", "moneda", "divisa", "العملة", "عملة")
_LOOKED_AT: Final = 20  # rows, for what has no names


class WhichAmount(RuleBroken):
    """Several columns may be the amount. Name them in the first line, like: number, amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One line as it was sent: text, nothing checked."""

    place: int  # of the line in the list, from 1
    number: str
    amount: str
    currency: str = ""
    dropped: bool = False
    purchase_order: str = ""  # where the list has a column of them besides the numbers


def typed_lines(
    grid: Grid, known: Callable[[Collection[str]], Collection[str]]
) -> tuple[list[Typed], bool]:
    """Return the lines, and whether there are amounts in them.

    ``known`` tells which of some texts are numbers or orders of invoices. Raises ``WhichAmount``.
    """
    names = [_word(cell) for cell in grid[0]]
    number, amount = _named(names, _NUMBERS), _named(names, _AMOUNTS)
    currency, order = _named(names, _CURRENCIES), _named(names, _ORDERS)
    has_names = any(each is not None for each in (number, amount, currency, order))
    if has_names and any(looks_like_one(cell) for cell in grid[0]):
        has_names, number, amount, currency, order = False, None, None, None, None
    rows = grid[1:] if has_names else grid
    if len(rows) > MOST_LINES:
        raise TooManyLines
    if number is None:
        number, order = (order, None) if order is not None else (None, None)
    if number is None:
        number = _numbers(rows, known, besides=amount)
    if amount is None and not has_names:
        amount = _amounts(rows, number)
    lines = [
        Typed(
            place=place, number=_cell(row, number), currency=_cell(row, currency).upper()[:3],
            amount=_amount(row, amount, len(names) if has_names else 0),
            purchase_order=_cell(row, order),
        )
        for place, row in enumerate(rows, start=1)
    ]  # fmt: skip
    return lines, amount is not None


def _word(cell: str) -> str:
    return "".join(each for each in cell.lower() if each.isalpha() or each == "º")


def _named(names: Sequence[str], words: Sequence[str]) -> int | None:
    return next((names.index(word) for word in words if word in names), None)


def _cell(row: Sequence[str], column: int | None) -> str:
    return row[column] if column is not None and column < len(row) else ""


def _amount(row: Sequence[str], column: int | None, named: int) -> str:
    """A comma before decimals cuts an unquoted last column in two: it is put together again."""
    text = _cell(row, column)
    if column is not None and named and column == named - 1 and len(row) > named:
        return ",".join(row[column:])
    return text


def _numbers(
    rows: Grid, known: Callable[[Collection[str]], Collection[str]], *, besides: int | None
) -> int:
    """The column with the most numbers that we know; else the first that is no amount."""
    some = rows[:_LOOKED_AT]
    width = max((len(row) for row in some), default=0)
    found = known({cell for row in some for cell in row if cell})
    hits = [sum(_cell(row, column) in found for row in some) for column in range(width)]
    if any(hits):
        return hits.index(max(hits))
    for column in range(width):
        cells = [cell for row in some if (cell := _cell(row, column))]
        if column != besides and cells and not all(_is_value(cell) for cell in cells):
            return column
    return 1 if besides == 0 else 0


def _amounts(rows: Grid, number: int) -> int | None:
    """The one column, besides the numbers', where amounts stand; ``None`` where there is none."""
    width = max(len(row) for row in rows)
    able = []
    for column in range(width):
        cells = [cell for row in rows if (cell := _cell(row, column))]
        fit = [cell for cell in cells if looks_like_one(cell) and not is_date(cell)]
        if column != number and cells and 2 * len(fit) > len(cells):
            able.append(column)
    if len(able) > 1:
        raise WhichAmount
    return able[0] if able else None


def _is_value(cell: str) -> bool:
    return looks_like_one(cell) or is_date(cell)
