"""The sandbox's words for what it keeps for a payer, and ours."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec

from quittance.gateways.base import Consent, Holder, Payer
from quittance.gateways.sandbox.translate import BRANDS, REASONS, Failure, Moment, Text
from quittance.gateways.saved import (
    GatewayMandate,
    MandateState,
    MethodEvent,
    MethodNews,
    Proof,
    SavedMethod,
    Saving,
    SavingState,
    Verification,
)

_NEWS: Final = {
    "saved_method.updated": MethodNews.CHANGED,
    "saved_method.removed": MethodNews.GONE,
    "saved_method.closed": MethodNews.GONE,
    "mandate.updated": MethodNews.MANDATE,
}
_OVER: Final = {SavingState.FAILED, SavingState.CANCELLED}
Month = Annotated[str, msgspec.Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class Mandate(msgspec.Struct, frozen=True):
    """The sandbox's mandate, as far as we read it."""

    id: Text
    reference: Text
    scheme: Literal["ach_ccd", "ach_web"]
    state: Literal["pending", "active", "ended"]
    code: Text | None


class Method(msgspec.Struct, frozen=True):
    """The sandbox's saved method, as far as we read it."""

    id: Text
    payer: Text
    method: Literal["card", "bank_debit"]
    brand: Text
    last4: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$")]
    bank_name: Text | None
    expires: Month | None
    funding: Literal["credit", "debit", "prepaid"] | None
    holder: Literal["business", "personal"] | None
    fingerprint: Text
    initial_reference: Text
    usable: bool
    mandate: Mandate | None


class Verify(msgspec.Struct, frozen=True):
    """What a saving waits for."""

    proof: Literal["amounts", "code"]
    arrives_at: Moment
    tries_left: int


class SavingAnswer(msgspec.Struct, frozen=True):
    """The sandbox's saving, as far as we read it."""

    id: Text
    reference: Text
    state: Literal["open", "verifying", "saved", "failed", "cancelled"]
    url: str | None
    client_token: str | None
    verification: Verify | None
    saved_method: Method | None
    failure: Failure | None


class EventData(msgspec.Struct, frozen=True):
    """What an event is about; most are about no method."""

    saving: str = ""
    saved_method: str = ""


class Event(msgspec.Struct, frozen=True):
    """A webhook's body."""

    id: Text
    type: Text
    data: EventData


def mandate_of(said: Mandate) -> GatewayMandate:
    """Translate a mandate."""
    return GatewayMandate(
        gateway_mandate=said.id,
        reference=said.reference,
        scheme=said.scheme,
        state=MandateState(said.state),
        detail=said.code or "",
    )


def method_of(said: Method) -> SavedMethod:
    """Translate a saved method."""
    is_card = said.method == "card"
    return SavedMethod(
        gateway_method=said.id,
        gateway_payer=said.payer,
        method=said.method,
        is_usable=said.usable,
        brand=BRANDS.get(said.brand, "Card") if is_card else "",
        bank_name=said.bank_name or "",
        last4=said.last4,
        expires_on=_last_day(said.expires) if said.expires else None,
        funding=said.funding or "",
        holder=Holder(said.holder) if said.holder else None,
        fingerprint=said.fingerprint,
        initial_reference=said.initial_reference,
        mandate=mandate_of(said.mandate) if said.mandate else None,
    )


def _last_day(month: str) -> date:
    year, number = map(int, month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


def saving_of(said: SavingAnswer) -> Saving:
    """Translate an attempt to save."""
    state, waits = SavingState(said.state), said.verification
    verification = None
    if waits is not None:
        verification = Verification(
            proof=Proof(waits.proof),
            arrives_on=waits.arrives_at.date(),
            tries_left=waits.tries_left,
        )
    failure = said.failure if state in _OVER else None
    return Saving(
        gateway_saving=said.id,
        reference=said.reference,
        state=state,
        redirect_url=said.url or "",
        verification=verification,
        saved=method_of(said.saved_method) if said.saved_method else None,
        reason=REASONS.get(failure.code, "gateway_fault") if failure else "",
        detail=f"{said.failure.code}: {said.failure.message}" if said.failure else "",
    )


def payer_for(payer: Payer) -> dict[str, Any]:
    """Write a payer as the sandbox reads him; it knows him again by our reference."""
    return {"reference": payer.reference, "name": payer.name, "email": payer.email}


def consent_for(consent: Consent) -> dict[str, Any]:
    """Write a consent as the sandbox reads it."""
    return {
        "text_version": consent.text_version,
        "given_at": consent.given_at.isoformat(),
        "ip_address": consent.ip_address,
        "user_agent": consent.user_agent or None,
        "agreement": consent.agreement,
        "holder": consent.holder,
    }


def events_of(said: Event) -> list[MethodEvent]:
    """Translate an event; one that is about no method becomes none."""
    if said.data.saving:
        return [
            MethodEvent(
                event_id=said.id,
                news=MethodNews.SAVING,
                gateway_saving=said.data.saving,
                kind=said.type,
            )
        ]
    if said.type not in _NEWS or not said.data.saved_method:
        return []
    return [
        MethodEvent(
            event_id=said.id,
            news=_NEWS[said.type],
            gateway_method=said.data.saved_method,
            kind=said.type,
        )
    ]
