"""Draws what a banking app reads: the EPC's code for SEPA, the Swiss one for accounts there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import segno
from django.utils.translation import gettext as _
from markupsafe import Markup
from segno import helpers

from quittance.core.money import Money
from quittance.transfers.models import BankAccount

_QUIET: Final = 4  # modules of white around it: ISO/IEC 18004
# Whose banks take the EPC's code. Source: EPC409-09, list of SEPA countries; by IBAN prefix.
_SEPA: Final = frozenset(
    (
        *("AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR"),
        *("GB", "GI", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD"),
        *("ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA"),
    )
)
_SWISS: Final = frozenset({"CH", "LI"})
_MOST: Final = {"EUR": 999_999_999_99, "CHF": 999_999_999_99}  # both standards, in minor units


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code: its markup, and what it is called."""

    svg: Markup
    name: str


def code_for(account: BankAccount, amount: Money, reference: str, *, message: str) -> Code | None:
    """Return the code for a transfer; ``None`` where no standard fits account and currency."""
    if not 0 < amount.minor <= _MOST.get(amount.currency, 0):
        return None
    if account.iban[:2] in _SWISS and _has_address(account):
        payload = swiss_payload(account, amount, reference, message=message)
        made = segno.make_qr(payload, error="m", boost_error=False, encoding="utf-8")
        return Code(_svg(made, cross=True), _("Swiss QR code"))
    if account.iban[:2] in _SEPA and amount.currency == "EUR":
        made = helpers.make_epc_qr(
            name=account.owner, iban=account.iban, amount=amount.decimal, reference=reference,
            bic=account.bic or None,
        )  # fmt: skip
        return Code(_svg(made, cross=False), _("QR code for banking apps"))
    return None


def swiss_payload(account: BankAccount, amount: Money, reference: str, *, message: str) -> str:
    """Return the text of a Swiss QR code.

    Source: SIX, Swiss Implementation Guidelines for the QR-bill, version 2.3, section 4: 31 lines,
    structured addresses, SCOR for a reference by ISO 11649. Who pays is left for the payer's bank.
    """
    creditor = [
        "S", account.owner, account.street, account.building, account.postal_code, account.town,
        account.country,
    ]  # fmt: skip
    return "\r\n".join(
        [
            "SPC", "0200", "1", account.iban, *creditor, *[""] * 7, str(amount.decimal),
            amount.currency, *[""] * 7, "SCOR", reference, message[:140], "EPD",
        ]
    )  # fmt: skip


def _has_address(account: BankAccount) -> bool:
    return bool(account.postal_code and account.town and account.country)


def _svg(made: segno.QRCode, *, cross: bool) -> Markup:
    """Return markup without a style, which our policy would refuse; dark on white in any theme."""
    drawn = made.svg_inline(omitsize=True, border=_QUIET, dark="#000", light="#fff", scale=1)
    if cross:
        drawn = drawn.strip().removesuffix("</svg>") + _cross(made) + "</svg>"
    return Markup(drawn)  # noqa: S704 - only squares and figures of our own


def _cross(made: segno.QRCode) -> str:
    """Return the Swiss cross: 7 of 46 mm, in the middle. Source: the guidelines, section 5.4."""
    modules = made.symbol_size(border=0)[0]
    middle = _QUIET + modules / 2

    def box(width: float, height: float, colour: str) -> str:
        wide, high = modules * width / 46, modules * height / 46
        return (
            f'<rect x="{middle - wide / 2:.3f}" y="{middle - high / 2:.3f}"'
            f' width="{wide:.3f}" height="{high:.3f}" fill="{colour}"/>'
        )

    return box(7, 7, "#fff") + box(6, 6, "#000") + box(1.11, 3.66, "#fff") + box(3.66, 1.11, "#fff")
