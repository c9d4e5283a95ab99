"""Draws the lines of an invoice so that they come to a given total, to the cent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from sandbox.business_central import decimals
from sandbox.business_central.documents import Line
from sandbox.business_central.seed.words import ITEMS, Item

_TAX_PERCENT = Decimal("8.5")

# INV-204391, line by line, as the guides show it; its tax is spread over the lines.
_SHOWN = (("NW-1042", 48), ("NW-1107", 24), ("NW-2210", 18), ("NW-3305", 10), ("NW-4418", 12))
_SHOWN_FREIGHT, _SHOWN_TAX = decimals.scaled("148.50"), decimals.scaled("111.60")


def lines_for(random: Random, total: int, *, precision: int, rate: Decimal) -> list[Line]:
    """Draw one to nine lines that sum to ``total`` with tax.

    The last is freight and takes what is left; ``rate`` turns prices into the invoice's currency.
    """
    lines: list[Line] = []
    left = total
    for item in random.sample(ITEMS, random.randint(1, 8)):
        price = decimals.rounded(
            int(decimals.scaled(item.price) / rate), max(precision, decimals.scaled("0.01"))
        )
        percent = _TAX_PERCENT if item.taxable and rate == 1 else Decimal(0)
        most = int(left * Decimal("0.9") / (price * (1 + percent / 100)))
        if most < 1:
            continue
        line = _line(item, random.randint(1, min(most, 48)), price, percent, precision)
        lines.append(line)
        left -= line.net + line.tax
    lines.append(_freight(left))
    return lines


def shown_lines() -> list[Line]:
    """The lines of INV-204391: 3,958.50 of goods, 148.50 of freight, 111.60 of tax."""
    items = {item.number: item for item in ITEMS}
    goods = [
        _line(items[number], quantity, decimals.scaled(items[number].price), Decimal(0), 1000)
        for number, quantity in _SHOWN
    ]
    lines = [*goods, _freight(_SHOWN_FREIGHT)]
    net = sum(line.net for line in lines)
    taxes = [decimals.times(line.net, Decimal(_SHOWN_TAX) / net, 1000) for line in lines]
    taxes[0] += _SHOWN_TAX - sum(taxes)
    percent = decimals.scaled(Decimal(_SHOWN_TAX) * 100 / net)
    return [_taxed(line, tax, percent) for line, tax in zip(lines, taxes, strict=True)]


def _line(item: Item, quantity: int, price: int, percent: Decimal, precision: int) -> Line:
    net = quantity * price
    return Line(
        item=item.number,
        description=item.description,
        quantity=decimals.scaled(quantity),
        unit=item.unit,
        unit_price=price,
        net=net,
        tax=decimals.times(net, percent / 100, precision),
        tax_percent=decimals.scaled(percent),
    )


def _freight(amount: int) -> Line:
    return Line(
        item="",
        description="Freight and handling",
        quantity=decimals.scaled(1),
        unit="",
        unit_price=amount,
        net=amount,
        tax=0,
        tax_percent=0,
    )


def _taxed(line: Line, tax: int, percent: int) -> Line:
    return replace(line, tax=tax, tax_percent=percent)
