"""Exact amounts of one currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from quittance.core.currency import minor_unit_digits
from quittance.core.errors import RuleBroken

_LARGEST: Final = 2**63 - 1  # what a bigint column holds
_DIGITS: Final = 18  # before or after the point; nobody means more


class InexactAmount(RuleBroken):
    """The amount has more decimals than its currency."""


class CurrencyMismatch(RuleBroken):
    """Amounts of two currencies cannot be added or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency.

    Units: ``minor`` counts the smallest unit, so ``Money(1050, "EUR")`` is 10.50 euro
    and ``Money(1050, "JPY")`` is 1050 yen. Source: ISO 4217, column "minor unit".
    """

    minor: int
    currency: str

    @classmethod
    def from_decimal(cls, amount: Decimal, currency: str) -> Money:
        """Read a decimal. Raises ``InexactAmount`` instead of rounding 10.505 EUR.

        Raises it too for what is no amount: infinity, or more digits than any sum of money has.
        """
        exponent = amount.as_tuple().exponent
        if (
            not isinstance(exponent, int)  # infinity, or no number
            or exponent < -_DIGITS
            or amount.adjusted() > _DIGITS
        ):
            raise InexactAmount("This is not an amount.", amount=str(amount), currency=currency)
        # Whole numbers, because a Decimal's own arithmetic rounds silently after 28 digits.
        above, below = amount.as_integer_ratio()
        minor, rest = divmod(above * 10 ** minor_unit_digits(currency), below)
        if rest:
            raise InexactAmount(amount=str(amount), currency=currency)
        if abs(minor) > _LARGEST:
            raise InexactAmount("This amount is too large.", amount=str(amount), currency=currency)
        return cls(minor, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount with its currency's decimals: ``Decimal("10.50")``."""
        return Decimal(self.minor).scaleb(-minor_unit_digits(self.currency))

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.minor <= other.minor

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add up ``amounts``, all of ``currency``; nothing adds up to zero."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result
