"""Saving a card while paying with it: what the payer agrees to, and that he did.

A bank account is saved under *Payment methods* only: there he is asked whose account it is, and on
that hangs the text of the authorization (features.md, 5.1).
"""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from quittance.connections.offers import Offered
from quittance.core.clock import today
from quittance.payments.asked import consent_of
from quittance.payments.contents import Contents
from quittance.payments.models import GatewayAttempt
from quittance.payments.orders import PaymentOrder
from quittance.portal.access import BuyerRequest
from quittance.portal.witness import witness_of
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.consents import as_gateway_consent, end_consent, give_consent
from quittance.wallet.keeping import payer_for
from quittance.wallet.limits import check_cards
from quittance.wallet.texts import Names, NoText, Wording, wording

_SAVED_HERE = "card"


def words_to_save(request: BuyerRequest, contents: Contents, way: Offered | None) -> Wording | None:
    """Return what the payer would agree to; ``None`` where this way is not saved while paying."""
    if way is None or way.method != _SAVED_HERE or not way.keeps:
        return None
    names = Names(
        seller=request.look.name, company=contents.account.name, place=_("Payment methods")
    )
    currency = contents.basket.currency
    try:
        return wording(
            way.method, currency=currency, holder=None, names=names, day=today(request.zone)
        )
    except NoText:
        return None


def agrees_to(request: BuyerRequest, words: Wording) -> bool:
    """Say whether the payer has ticked the box of this very text."""
    return request.POST.get("save") == "yes" and request.POST.get("save_text") == words.version


def end_unused(order: PaymentOrder, *, key: str) -> None:
    """End a yes on which no payment rests: the click was refused, or another one was faster."""
    if order.consent_id is None:
        return
    with writing():
        attempts = GatewayAttempt.objects.filter(payment__idempotency_key=key)
        if str(order.consent_id) not in {consent_of(each) for each in attempts}:
            end_consent(order.consent_id)


def with_consent(
    request: BuyerRequest, contents: Contents, order: PaymentOrder, way: Offered | None
) -> PaymentOrder:
    """Return the order with the payer's yes, if he ticked the box of the text that stands today.

    His yes is written down before anything is asked; a payment that comes to nothing saves nothing.
    Raises ``TooManySavings``.
    """
    if order.kept_method_id or way is None:
        return order
    words = words_to_save(request, contents, way)
    if words is None or not agrees_to(request, words):
        return order
    customer = contents.account
    with widened(), reading():
        check_cards(request.person.pk)
    with writing():
        record = give_consent(words, witness_of(request), customer_account_id=customer.pk)
        payer = payer_for(
            customer.pk, way.gateway_account_id, name=customer.name, email=request.person.email
        )
    return replace(order, payer=payer, save=as_gateway_consent(record), consent_id=record.pk)
