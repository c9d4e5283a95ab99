"""The payment page as our own look at it gets it: every script and header of it, and no payment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import json_script
from django.views.decorators.http import require_GET

from quittance.core.errors import OutsideError
from quittance.core.money import Money
from quittance.gateways.fields import Fields
from quittance.payment_page.sample import read_sample
from quittance.portal.access import PortalRequest, public
from quittance.portal.checkout.fields import (
    module_answer,
    told_of,
    version_of,
    widened_for,
    with_fields,
)
from quittance.tenancy.scope import working_for
from quittance.ui.pages import locale_for, page

_NOTHING: Final = Money(0, "USD")
_NOBODYS: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Sample:
    """What stands in a payment's place: there is none of this id, and it has no amount."""

    pk: UUID = _NOBODYS
    number: str = "P-0000-0000-0"
    amount: Money = _NOTHING
    currency: str = "USD"


@require_GET
@public
def sample_fields(request: PortalRequest, token: str) -> HttpResponse:
    """Show the page with a gateway's fields as payers get it, but for a payment and its secret."""
    with working_for(request.organization_id, actor="payment-page"):
        try:
            gateway = with_fields(_account(token))
        except OutsideError:
            raise Http404 from None
        version, facts = version_of(gateway.fields_module()), gateway.capabilities
    address = reverse("portal:sample_module", kwargs={"token": token, "version": version})
    script = next(iter(facts.origins.script), "")
    fields = Fields(script=script, public_key="", client_token="")
    told = told_of(fields, address, "", locale_for(request))
    answer = page(
        request, "portal/checkout/fields.html", payment=_Sample(), fee=_NOTHING, errors=[],
        facts=json_script(told, "fields-facts"),
    )  # fmt: skip
    return widened_for(answer, facts)


@require_GET
@public
def sample_module(request: PortalRequest, token: str, version: str) -> HttpResponse:
    """Serve the gateway's module as the payment page does."""
    with working_for(request.organization_id, actor="payment-page"):
        try:
            text = with_fields(_account(token)).fields_module()
        except OutsideError:
            raise Http404 from None
    return module_answer(text, version)


def _account(token: str) -> UUID:
    account_id = read_sample(token)
    if account_id is None:
        raise Http404
    return account_id
