"""The tables of payments, a file for each noun."""

from __future__ import annotations

from quittance.payments.models.attempt import GatewayAttempt, GatewayMessage
from quittance.payments.models.basket import Basket, BasketCredit, BasketItem
from quittance.payments.models.fees import FeeRule
from quittance.payments.models.payment import Allocation, CreditUse, Payment, PaymentAccount
from quittance.payments.models.reversal import Dispute, Reversal

__all__ = [
    "Allocation",
    "Basket",
    "BasketCredit",
    "BasketItem",
    "CreditUse",
    "Dispute",
    "FeeRule",
    "GatewayAttempt",
    "GatewayMessage",
    "Payment",
    "PaymentAccount",
    "Reversal",
]
