"""The stage for the contract of saved methods: the payer, his bank, the card network, the trouble.

A case that an adapter's deeds do not reach ends in ``SkipTest``, which test runners show.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Protocol
from unittest import SkipTest
from uuid import uuid4

from quittance.core.money import Money
from quittance.gateways.base import Agreement, Consent, Gateway, GatewayPayment, Holder, Payer
from quittance.gateways.charges import ChargeRequest, ChargesSavedMethods, StartedBy
from quittance.gateways.contract import Trouble
from quittance.gateways.saved import (
    MethodNews,
    Proof,
    RenewsCards,
    ReportsMethods,
    SavedMethod,
    SaveRequest,
    SavesMethods,
    Saving,
    SavingState,
    TakesMandates,
    VerifiesAccounts,
)


class Later(StrEnum):
    """What a charge of the method that is saved will come to."""

    TAKEN = "taken"
    DECLINED = "declined"
    NEEDS_PAYER = "needs_payer"  # the bank asks for the payer each time


class KeepingGateway(
    Gateway,
    SavesMethods,
    ChargesSavedMethods,
    VerifiesAccounts,
    RenewsCards,
    TakesMandates,
    ReportsMethods,
    Protocol,
):
    """A gateway with every deed of saved methods; a test uses those of its class only."""


class KeepingStage(Protocol):
    """What these tests need. A method that the adapter's deeds never reach may raise SkipTest."""

    @property
    def keeping(self) -> KeepingGateway: ...

    def keeping_unreachable(self) -> KeepingGateway: ...

    def pay(self, payment: GatewayPayment) -> None:
        """Pay as the payer, so that it succeeds at once."""

    def save(self, saving: Saving, later: Later = Later.TAKEN) -> None:
        """Save as the payer, on the gateway's page, and confirm what the bank asks."""

    def decline_saving(self, saving: Saving) -> None:
        """Try as the payer with a card or an account that its bank does not take."""

    def begin_to_verify(self, saving: Saving, proof: Proof) -> None:
        """Save as the payer a bank account that must be verified in this way."""

    def right_amounts(self, saving: Saving) -> tuple[Money, Money]: ...

    def right_code(self, saving: Saving) -> str: ...

    def settle(self, payment: GatewayPayment) -> None:
        """The bank says yes to a charge that is ``PROCESSING``; nothing to do for any other."""

    def answer_bank(self, payment: GatewayPayment, *, approve: bool) -> None:
        """The payer went to ``redirect_url`` and answered what his bank asked."""

    def close(self, method: SavedMethod) -> None:
        """The bank closes the card or the account, or the wallet's owner takes it back."""

    def trouble(self, kind: Trouble, reference: str) -> None:
        """Prepare trouble for the next call; ``reference`` is that of the call's object."""

    def method_webhook(self, news: MethodNews, id_: str) -> tuple[Mapping[str, str], bytes]:
        """Return a rightly signed message about a saving or a method, as it came over the wire."""


def save_request(stage: KeepingStage, method: str = "", **changes: object) -> SaveRequest:
    """Return a request under a reference of its own, for a payer of its own."""
    offered = stage.keeping.capabilities.saved_methods
    if method and method not in offered:
        raise SkipTest(f"This gateway does not keep a {method}.")
    chosen = method or ("card" if "card" in offered else min(offered))
    currencies = stage.keeping.capabilities.currencies
    facts: dict[str, object] = {
        "reference": f"test-{uuid4()}",
        "payer": Payer(reference=f"payer-{uuid4()}", name="Ann Example", email="ann@shop.example"),
        "consent": consent(Holder.BUSINESS if chosen == "bank_debit" else None),
        "method": chosen,
        "currency": "USD" if not currencies or "USD" in currencies else min(currencies),
        "return_url": "http://shop.example/return",
        "cancel_url": "http://shop.example/cancel",
        "locale": "en",
    }
    return SaveRequest(**{**facts, **changes})  # type: ignore[arg-type]


def consent(holder: Holder | None = None) -> Consent:
    """Return the payer's yes to charges that he does not start himself."""
    return Consent(
        text_version="autopay-2026-1",
        given_at=datetime.now(UTC),
        ip_address="192.0.2.7",
        user_agent="Mozilla/5.0",
        agreement=Agreement.UNSCHEDULED,
        holder=holder,
    )


def saved(stage: KeepingStage, method: str = "", later: Later = Later.TAKEN) -> SavedMethod:
    """Return a method that was just saved."""
    request = save_request(stage, method)
    return finished(stage, stage.keeping.start_saving(request), later)


def finished(stage: KeepingStage, saving: Saving, later: Later = Later.TAKEN) -> SavedMethod:
    """Save as the payer, say our word if the gateway waits for it, and return the method."""
    stage.save(saving, later)
    now = stage.keeping.read_saving(saving.gateway_saving)
    if now.waits_for_us:
        now = stage.keeping.complete_saving(saving.gateway_saving)
    assert now.state is SavingState.SAVED, now
    assert now.saved is not None
    return now.saved


def charge_of(
    stage: KeepingStage, method: SavedMethod, *, by: StartedBy, **changes: object
) -> ChargeRequest:
    """Return a request to charge a saved method, under a reference of its own."""
    currencies = stage.keeping.capabilities.currencies
    currency = "USD" if not currencies or "USD" in currencies else min(currencies)
    facts: dict[str, object] = {
        "reference": f"test-{uuid4()}",
        "gateway_method": method.gateway_method,
        "gateway_payer": method.gateway_payer,
        "amount": Money(2500, currency),
        "description": "Invoice 103021",
        "started_by": by,
        "agreement": Agreement.UNSCHEDULED if by is StartedBy.SELLER else Agreement.ON_CLICK,
        "initial_reference": method.initial_reference,
        "gateway_mandate": method.mandate.gateway_mandate if method.mandate else "",
        "return_url": "http://shop.example/return",
    }
    return ChargeRequest(**{**facts, **changes})  # type: ignore[arg-type]


def next_year() -> date:
    """Return a day on which no card of these tests has expired."""
    return date(datetime.now(UTC).year + 1, 6, 30)
