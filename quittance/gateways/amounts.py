"""Our whole minor units and a gateway's way to write an amount; nothing is rounded.

Gateways differ from ISO 4217: one counts HUF without decimals, another ISK with two that must be
zero, a third wants three decimals of which the last is zero. ``Capabilities.minor_units`` says so.
An answer whose amount raises ``InexactAmount`` makes no sense: the adapter says ``OutcomeUnknown``
after a deed and ``Unavailable`` after a question.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from quittance.core.currency import minor_unit_digits
from quittance.core.errors import Refused
from quittance.core.money import InexactAmount, Money
from quittance.gateways.base import Capabilities, MinorUnits


def units_of(currency: str, facts: Capabilities) -> MinorUnits:
    """Return how this gateway counts ``currency``."""
    return facts.minor_units.get(currency) or MinorUnits(digits=minor_unit_digits(currency))


def whole_number(amount: Money, facts: Capabilities) -> int:
    """Return ``amount`` in the gateway's own minor units.

    Raises ``Refused`` for a currency it does not take, or an amount that it can not write.
    """
    if facts.currencies and amount.currency not in facts.currencies:
        raise Refused(f"The gateway takes no {amount.currency}.", currency=amount.currency)
    units = units_of(amount.currency, facts)
    there = Decimal(amount.minor).scaleb(units.digits - minor_unit_digits(amount.currency))
    if there != there.to_integral_value() or int(there) % units.step:
        raise Refused(f"The gateway can not take exactly {amount}.", currency=amount.currency)
    return int(there)


def decimal_text(amount: Money, facts: Capabilities) -> str:
    """Return ``amount`` as a decimal with a point, such as "10.50". Raises as ``whole_number``."""
    digits = units_of(amount.currency, facts).digits
    return f"{Decimal(whole_number(amount, facts)).scaleb(-digits):f}"


def from_whole_number(number: int, currency: str, facts: Capabilities) -> Money:
    """Read the gateway's own minor units. Raises ``InexactAmount`` for what we can not hold."""
    digits = units_of(currency, facts).digits
    return Money.from_decimal(Decimal(number).scaleb(-digits), currency)


def from_decimal_text(text: str, currency: str) -> Money:
    """Read a decimal with a point. Raises ``InexactAmount`` for what is no amount."""
    try:
        return Money.from_decimal(Decimal(text), currency)
    except InvalidOperation as error:
        raise InexactAmount("This is not a number.", currency=currency) from error
