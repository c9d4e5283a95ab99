"""Amounts as whole hundred-thousandths: exact, and the database can sort and sum them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

SCALE = 100_000
_ONE = Decimal(1)


def scaled(value: Decimal | int | str) -> int:
    """Turn 12.5 into 1250000. Digits beyond the fifth are rounded, as the ERP's tables do."""
    return int((Decimal(value) * SCALE).quantize(_ONE, rounding=ROUND_HALF_UP))


def decimal(value: int) -> Decimal:
    """Turn 1250000 into ``Decimal("12.5")``, without an exponent and without trailing zeros."""
    whole, rest = divmod(value, SCALE)
    if not rest:
        return Decimal(whole)
    return Decimal(value).scaleb(-5).normalize()


def text(value: int) -> str:
    """Turn 1250000 into "12.5"."""
    return format(decimal(value), "f")


def rounded(value: int, precision: int) -> int:
    """Round to a currency's rounding precision (both scaled), half away from zero."""
    sign = -1 if value < 0 else 1
    return sign * ((abs(value) * 2 + precision) // (precision * 2)) * precision


def times(value: int, factor: Decimal, precision: int) -> int:
    """Multiply a scaled amount and round to ``precision`` (scaled)."""
    exact = (Decimal(value) * factor).quantize(_ONE, rounding=ROUND_HALF_UP)
    return rounded(int(exact), precision)
