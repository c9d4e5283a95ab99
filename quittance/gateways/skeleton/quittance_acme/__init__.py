"""Speaks Acme's language."""

from __future__ import annotations

from typing import Final

from quittance.core.adapters import Adapter
from quittance.gateways.base import Gateway
from quittance_acme.credentials import Credentials
from quittance_acme.gateway import AcmeGateway

ADAPTER: Final = Adapter[Gateway](label="Acme", credentials=Credentials, open=AcmeGateway)
