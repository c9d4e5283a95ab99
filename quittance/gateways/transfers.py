"""Instructions for a payment that the payer makes at his own bank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from quittance.core.money import Money
from quittance.gateways.base import PaymentRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferInstructions:
    """What the payer types at his bank, scans, or gives it as a file."""

    payee: str
    account: str  # an IBAN, or an account number of the country
    bank: str  # a BIC or a routing number; "" where the account says it
    bank_name: str = ""
    amount: Money
    reference: str  # by which the money is found again; ISO 11649 where the bank takes one
    codes: Mapping[str, str] = field(default_factory=dict)  # "epc", "swiss": what the QR code says


@runtime_checkable
class InstructsTransfers(Protocol):
    """An optional deed: no gateway takes the money, the payer's bank sends it.

    Its payments are ``OPEN`` without a ``redirect_url``, and that they were paid is seen in our
    bank's statement, not here: ``read_payment`` does not know.
    """

    def transfer_for(self, request: PaymentRequest) -> TransferInstructions:
        """Return the instructions. They are computed: the same request brings the same ones.

        Raises ``Refused`` for a currency or an amount that the account does not take.
        """
