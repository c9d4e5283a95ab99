"""Speaks PayPal's REST API: orders that the payer approves, saved accounts, refunds, reports."""

from __future__ import annotations

from typing import Final

from quittance.core.adapters import Adapter
from quittance.gateways.base import Gateway
from quittance.gateways.paypal.credentials import Credentials
from quittance.gateways.paypal.gateway import PayPalGateway

ADAPTER: Final = Adapter[Gateway](label="PayPal", credentials=Credentials, open=PayPalGateway)
