"""Speaks GoCardless's language: debits of bank accounts in Britain and the euro countries."""

from __future__ import annotations

from typing import Final

from quittance.core.adapters import Adapter
from quittance.gateways.base import Gateway
from quittance.gateways.gocardless.credentials import Credentials
from quittance.gateways.gocardless.gateway import GoCardlessGateway

ADAPTER: Final = Adapter[Gateway](
    label="GoCardless", credentials=Credentials, open=GoCardlessGateway
)
