"""Speaks Stripe's language, by its official package."""

from __future__ import annotations

from typing import Final

from quittance.core.adapters import Adapter
from quittance.gateways.base import Gateway
from quittance.gateways.stripe.credentials import Credentials
from quittance.gateways.stripe.gateway import StripeGateway

ADAPTER: Final = Adapter[Gateway](label="Stripe", credentials=Credentials, open=StripeGateway)
