"""A provider's own test mode as the contract's stage: what no program can do there is skipped."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Final
from unittest import SkipTest

from quittance.gateways import registry
from quittance.gateways.base import Gateway, GatewayPayment
from quittance.gateways.contract import Trouble
from quittance.httpclient.client import new_client

_PREFIX: Final = "QUITTANCE_TEST_"


def settings_of(kind: str, **defaults: str) -> dict[str, str]:
    """What the environment says, such as ``QUITTANCE_TEST_STRIPE_API_KEY``; empty: nothing."""
    named = {
        field.name: os.environ.get(f"{_PREFIX}{kind}_{field.name}".upper(), "")
        for field in registry.fields(kind)
    }
    found = {name: value for name, value in named.items() if value}
    return {**defaults, **found} if found else {}


class OutsideStage:
    """One account in test mode. Payers, banks and trouble are not ours to play there."""

    def __init__(self, kind: str, settings: Mapping[str, str], *, wrong: Mapping[str, str]) -> None:
        self._kind, self._settings, self._wrong = kind, settings, wrong
        self._client = new_client()
        self.gateway = self._open()

    def _open(self, **changes: str) -> Gateway:
        return registry.open_gateway(self._kind, {**self._settings, **changes}, self._client)

    def with_wrong_key(self) -> Gateway:
        return self._open(**self._wrong)

    def unreachable(self) -> Gateway:
        return self._open(address="http://127.0.0.1:1")

    def with_other_webhook_secret(self) -> Gateway:
        raise SkipTest("Only the provider signs in its own name.")

    def pay(self, payment: GatewayPayment) -> None:
        raise SkipTest("A payer pays on the provider's own page.")

    def decline(self, payment: GatewayPayment) -> None:
        raise SkipTest("A payer tries on the provider's own page.")

    def trouble(self, kind: Trouble, reference: str) -> None:
        raise SkipTest("Nobody breaks the provider's connections for us.")

    def webhook(
        self, payment: GatewayPayment, *, age_seconds: int = 0
    ) -> tuple[Mapping[str, str], bytes]:
        raise SkipTest("Only the provider signs in its own name.")

    def stop(self) -> None:
        self._client.close()


def staged(
    kind: str, settings: Mapping[str, str], *, wrong: Mapping[str, str]
) -> Iterator[OutsideStage]:
    """Open an account, and close it in the end."""
    made = OutsideStage(kind, settings, wrong=wrong)
    yield made
    made.stop()
