"""How many decimals a currency has."""

from __future__ import annotations

from typing import Final

# ISO 4217, list one, column "minor unit"; every code that is absent here has two.
_DIGITS: Final[dict[str, int]] = {
    **dict.fromkeys(
        (
            *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
            *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def minor_unit_digits(currency: str) -> int:
    """Return the decimals of ``currency`` (a code of three letters): 2 for USD, 0 for JPY.

    Source: ISO 4217, column "minor unit".
    """
    return _DIGITS.get(currency, 2)


def odd_currencies() -> dict[int, frozenset[str]]:
    """Return by the number of decimals the codes that do not have two, from the same source."""
    return {
        digits: frozenset(code for code, own in _DIGITS.items() if own == digits)
        for digits in sorted(set(_DIGITS.values()))
    }
