"""The sandbox's adapter keeps the contract."""

from __future__ import annotations

from quittance.gateways.contract import GatewayContract


class TestTheSandbox(GatewayContract):
    """Its stage is the fixture of this folder."""
