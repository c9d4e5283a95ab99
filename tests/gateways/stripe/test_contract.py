"""Stripe's adapter keeps the contract, with all its deeds, against the sandbox."""

from __future__ import annotations

from quittance.gateways.contract_parts import parts_of
from quittance.gateways.stripe.gateway import StripeGateway

globals().update(parts_of(StripeGateway))  # their stage is the fixture of this folder
