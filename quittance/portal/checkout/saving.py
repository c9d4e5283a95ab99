"""Saving what one pays with for later payments: what the payer may agree to, and that he did.

The same agreements as under *Payment methods*. Of a bank account the payer says whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from quittance.connections.offers import Offered
from quittance.identity.permissions import BuyerPermission
from quittance.payments.asked import consent_of
from quittance.payments.contents import Contents
from quittance.payments.models import GatewayAttempt
from quittance.payments.orders import PaymentOrder
from quittance.portal.access import BuyerRequest, account_of
from quittance.portal.agreements import agreement_of, kinds_of
from quittance.portal.witness import witness_of
from quittance.tenancy.rows import writing
from quittance.wallet.agreeing import Agreed, agree_with_payment
from quittance.wallet.consents import as_gateway_consent, end_consent
from quittance.wallet.texts import NoText, Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSave:
    """What the payer may have kept with this payment, and the text for it."""

    kind: str  # a word of ``agreements.KINDS``
    words: Wording
    chosen: bool

    @property
    def value(self) -> str:
        """What the form sends: a tick counts for this very text only."""
        return value_of(self.kind, self.words)


def value_of(kind: str, words: Wording) -> str:
    """Return how a form names one agreement."""
    return f"{kind}:{words.version}"


def ways_to_save(
    request: BuyerRequest, contents: Contents, way: Offered | None
) -> Sequence[ToSave]:
    """Return what can be agreed to: one for a card, two for a bank account; none is chosen unasked.

    Outside of any transaction.
    """
    found: list[ToSave] = []
    if way is None or not way.keeps or request.person.pk is None:
        return found
    if BuyerPermission.KEEP_METHODS not in account_of(request, contents.account.pk).may:
        return found
    for kind in kinds_of(way.method):
        with suppress(NoText):
            words = agreement_of(
                request, kind, currency=contents.basket.currency, company=contents.account.name,
                gateway_account_id=way.gateway_account_id,
            )  # fmt: skip
            chosen = request.POST.get("save") == value_of(kind, words)
            found.append(ToSave(kind=kind, words=words, chosen=chosen))
    return found


def end_unused(order: PaymentOrder, *, key: str) -> None:
    """End a yes on which no payment rests: the click was refused, or another one was faster."""
    if order.consent_id is None:
        return
    with writing():
        attempts = GatewayAttempt.objects.filter(payment__idempotency_key=key)
        if str(order.consent_id) not in {consent_of(each) for each in attempts}:
            end_consent(order.consent_id)


def to_save(request: BuyerRequest, contents: Contents, way: Offered | None) -> ToSave | None:
    """Return what the payer chose to have kept, under a text that stands today; or ``None``."""
    return next((each for each in ways_to_save(request, contents, way) if each.chosen), None)


def with_consent(
    request: BuyerRequest, contents: Contents, order: PaymentOrder, saves: ToSave | None
) -> PaymentOrder:
    """Return the order with the payer's yes to what he chose to have kept.

    His yes is written down before anything is asked; a payment that comes to nothing saves nothing.
    Raises ``TooManySavings``.
    """
    if saves is None or order.gateway_account_id is None:
        return order
    customer = contents.account
    record, payer = agree_with_payment(
        Agreed(
            customer_account_id=customer.pk, customer_name=customer.name,
            email=request.person.email, gateway_account_id=order.gateway_account_id,
            wording=saves.words, witness=witness_of(request),
        )
    )  # fmt: skip
    return replace(order, payer=payer, save=as_gateway_consent(record), consent_id=record.pk)
