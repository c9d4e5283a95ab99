"""How PayPal writes amounts: decimals as text, and three currencies without any."""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.paypal.errors import invalid, unprocessable

WHOLE: Final = frozenset({"HUF", "JPY", "TWD"})  # source: "Currency codes", note 1
CURRENCIES: Final = frozenset(
    {
        "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY",
        "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD",
    }
)  # fmt: skip
_VALUE: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?", re.ASCII)


def read(money: object, field: str) -> tuple[int, str]:
    """Return minor units (PayPal's) and currency of an amount above zero. Raises ``ApiError``."""
    if not isinstance(money, dict) or not isinstance(money.get("value"), str):
        raise invalid("MISSING_REQUIRED_PARAMETER", f"{field}/value")
    code, value = money.get("currency_code"), money["value"]
    if code not in CURRENCIES:
        raise unprocessable("INVALID_CURRENCY_CODE", field=f"{field}/currency_code")
    if not _VALUE.fullmatch(value):
        raise invalid("INVALID_PARAMETER_SYNTAX", f"{field}/value")
    whole, _, part = value.partition(".")
    digits = digits_of(code)
    if len(part.rstrip("0")) > digits or (part and not digits and int(part)):
        raise unprocessable("DECIMAL_PRECISION", field=f"{field}/value")
    minor = int(whole + part[:digits].ljust(digits, "0"))
    if minor <= 0:
        raise unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE", field=f"{field}/value")
    return minor, code


def shown(minor: int, currency: str) -> dict[str, Any]:
    """Return an amount as the API shows it."""
    digits = digits_of(currency)
    sign, text = ("-" if minor < 0 else ""), str(abs(minor)).rjust(digits + 1, "0")
    value = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return {"currency_code": currency, "value": sign + value}


def minor_of(money: dict[str, Any]) -> int:
    """Return the minor units of an amount that this server wrote."""
    return int(money["value"].replace(".", ""))


def digits_of(currency: str) -> int:
    """Return the decimals of a currency at PayPal."""
    return 0 if currency in WHOLE else 2
