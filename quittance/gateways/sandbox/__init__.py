"""Speaks the language of the gateway sandbox; copy it to add a gateway."""

from __future__ import annotations

from typing import Final

from quittance.gateways.base import Adapter
from quittance.gateways.sandbox.credentials import Credentials
from quittance.gateways.sandbox.gateway import SandboxGateway

ADAPTER: Final = Adapter(label="Gateway sandbox", credentials=Credentials, open=SandboxGateway)
