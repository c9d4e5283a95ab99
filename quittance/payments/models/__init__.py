"""The tables of payments, a file for each noun."""

from __future__ import annotations

from quittance.payments.models.attempt import GatewayAttempt, GatewayMessage
from quittance.payments.models.basket import Basket, BasketItem
from quittance.payments.models.payment import Allocation, Payment

__all__ = [
    "Allocation",
    "Basket",
    "BasketItem",
    "GatewayAttempt",
    "GatewayMessage",
    "Payment",
]
