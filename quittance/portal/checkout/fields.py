"""The payment page with the gateway's own fields, and nothing else on it.

What the browser says of a payment is never believed: when the payer is done, the payment's page
says what the gateway does. Source of the page's bareness: features.md, 5.6 (PCI DSS, SAQ A).
"""

from __future__ import annotations

import hashlib
from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import json_script
from django.views.decorators.http import require_GET

from quittance.connections.open import gateway_for
from quittance.core.errors import Misconfigured, OutsideError, Refused
from quittance.core.money import Money
from quittance.gateways.base import Capabilities
from quittance.gateways.fields import EmbedsFields, Fields
from quittance.identity.permissions import BuyerPermission
from quittance.payments.models import GatewayAttempt, Payment
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.tenancy.rows import reading
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.ui.policy import may_ask_for_payment, policy
from quittance.ui.sentences import sentence_for

_A_YEAR: Final = 365 * 24 * 3600


@require_GET
@for_buyer(BuyerPermission.PAY)
def fields(request: BuyerRequest, payment_id: UUID) -> HttpResponse:
    """Show the fields of an open payment; any other payment's own page says what it is."""
    payment, attempt = _open(payment_id)
    if attempt is None:
        return _to_payment(request, payment)
    try:
        gateway = with_fields(attempt.gateway_account_id)
        facts = gateway.fields_of_payment(attempt.gateway_object or "")
    except (Refused, Misconfigured):
        return _to_payment(request, payment)
    except OutsideError as error:
        return page(
            request, "portal/checkout/fields.html", status=503, payment=payment,
            fee=_fee(payment), facts=None, errors=[("", sentence_for(error))],
        )  # fmt: skip
    address = {
        "account_id": attempt.gateway_account_id, "version": version_of(gateway.fields_module())
    }  # fmt: skip
    module_address = reverse("portal:fields_module", kwargs=address)
    told = told_of(facts, module_address, attempt.return_url, locale_for(request))
    answer = page(
        request, "portal/checkout/fields.html", payment=payment, fee=_fee(payment), errors=[],
        facts=json_script(told, "fields-facts"),
    )  # fmt: skip
    return widened_for(answer, gateway.capabilities)


@require_GET
@for_buyer(BuyerPermission.PAY)
def module(request: BuyerRequest, account_id: UUID, version: str) -> HttpResponse:  # noqa: ARG001
    """Serve a gateway's small module under the hash of its text, so that it may be kept."""
    try:
        text = with_fields(account_id).fields_module()
    except OutsideError:
        raise Http404 from None
    return module_answer(text, version)


def module_answer(text: str, version: str) -> HttpResponse:
    """Return a gateway's module under the hash of its text. Raises ``Http404`` for another."""
    if version != version_of(text):
        raise Http404
    answer = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = f"private, max-age={_A_YEAR}, immutable"
    return answer


def has_fields(payment: Payment) -> bool:
    """Say whether the payer's next step are fields on our page."""
    _payment, attempt = _open(payment.pk)
    return attempt is not None


def _open(payment_id: UUID) -> tuple[Payment, GatewayAttempt | None]:
    with reading():
        payment = Payment.objects.filter(pk=payment_id).first()
        if payment is None:
            raise Http404
        attempt = payment.attempts.filter(  # what has an address is paid there
            status=GatewayAttempt.Status.OPEN,
            redirect_url="",
            gateway_object__isnull=False,
            kept_method_id=None,
        ).first()
    return payment, attempt


class _Gateway(EmbedsFields):
    """A gateway with fields, as this page uses it."""

    capabilities: Capabilities


def with_fields(account_id: UUID) -> _Gateway:
    """Return the adapter of an account. Raises ``Misconfigured`` when it has no fields."""
    gateway = gateway_for(account_id)
    if not isinstance(gateway, EmbedsFields):
        raise Misconfigured("This gateway has no fields.")
    return gateway  # type: ignore[return-value]  # every gateway has capabilities


def told_of(facts: Fields, module_address: str, return_url: str, locale: str) -> dict[str, object]:
    """Return what the page's script is told, as data."""
    return {
        "module": module_address,
        "script": facts.script,
        "public_key": facts.public_key,
        "client_token": facts.client_token,
        "options": dict(facts.options),
        "return_url": return_url,
        "locale": locale.replace("_", "-"),
    }


def widened_for(answer: HttpResponse, facts: Capabilities) -> HttpResponse:
    """Let this one page load what the gateway's fields need, from the origins that it names."""
    origins = facts.origins
    answer.headers["Content-Security-Policy"] = policy(
        script_src=origins.script, frame_src=origins.frame, connect_src=origins.connect,
        img_src=origins.image,
    )  # fmt: skip
    answer.headers["Permissions-Policy"] = may_ask_for_payment(origins.frame)
    return answer


def _fee(payment: Payment) -> Money:
    return Money(payment.fee_minor, payment.currency)


def version_of(text: str) -> str:
    """Return what changes when a module does; part of its address."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _to_payment(request: BuyerRequest, payment: Payment) -> HttpResponse:
    return hx_redirect(request, reverse("portal:payment", kwargs={"payment_id": payment.pk}))
