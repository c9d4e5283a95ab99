"""Speaks the language of the gateway sandbox; copy it to add a gateway."""

from __future__ import annotations

from typing import Final

from quittance.core.adapters import Adapter
from quittance.gateways.base import Gateway
from quittance.gateways.sandbox.credentials import Credentials
from quittance.gateways.sandbox.gateway import SandboxGateway

ADAPTER: Final = Adapter[Gateway](
    label="Gateway sandbox", credentials=Credentials, open=SandboxGateway
)
