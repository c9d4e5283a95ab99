"""The last step: one button, and on to the gateway."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quittance.connections.offers import Offered
from quittance.core.errors import OutsideError, QuittanceError, RuleBroken
from quittance.core.money import Money
from quittance.identity.fresh import is_fresh
from quittance.identity.permissions import BuyerPermission
from quittance.identity.policy import wants_proof
from quittance.paylinks.opening import LinkOver, hold_good
from quittance.payments.checkout import redirect_url, start_payment
from quittance.payments.confirm import order_of
from quittance.payments.contents import BasketGone, Contents, payment_of
from quittance.payments.models import Payment
from quittance.payments.orders import PaymentOrder
from quittance.payments.tries import TriedTooOften, note_try
from quittance.portal.access import BuyerRequest
from quittance.portal.checkout.fields import has_fields
from quittance.portal.checkout.saving import ToSave, end_unused, to_save, with_consent
from quittance.portal.checkout.views import (
    chosen_way,
    contents_of,
    gone,
    review_page,
    version_of,
)
from quittance.portal.invoices import picks
from quittance.portal.payer import for_payer, is_guest, note_begun, over_page
from quittance.tenancy.caller import caller
from quittance.tenancy.rows import reading
from quittance.ui.errors import after
from quittance.ui.fresh import ProveFirst, to_proof
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page


@require_POST
@for_payer(BuyerPermission.PAY)
def pay(request: BuyerRequest, basket_id: UUID) -> HttpResponse:
    """Start the payment and send the buyer to the gateway; pressed twice it is one payment."""
    with reading():
        earlier = payment_of(basket_id)
    if earlier:
        return _on_to(request, earlier)
    try:
        contents, _waiting = contents_of(basket_id)
        way = chosen_way(contents)
        saves = to_save(request, contents, way)
        _want_proof(request, contents.money, saves)
        _note_try(request, contents)  # before the ERP is asked: who is to wait keeps nobody busy
        order = _order(request, contents, way)
        _want_proof(request, order.total, saves)  # the ERP may have changed what is charged
        order = with_consent(request, contents, order, saves)
        payment = _start(request, order, key=str(basket_id))
    except (BasketGone, LinkOver, ProveFirst) as error:
        return _elsewhere(request, basket_id, error)
    except (RuleBroken, OutsideError) as error:
        return _refused(request, contents, error)
    _forget_ticks(request, contents)
    return _on_to(request, payment)


@require_GET
@for_payer(BuyerPermission.PAY)
def onward(request: BuyerRequest, payment_id: UUID) -> HttpResponse:
    """Lead to the gateway's page by a page of ours.

    Chromium holds whatever a form's redirects lead to against our policy's ``form-action``; a page
    that leads on is no redirect, so no gateway needs to be named there.
    """
    with reading():
        payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise Http404
    there = redirect_url(payment)
    if not there:
        name = "fields" if has_fields(payment) else "payment"
        return hx_redirect(request, reverse(f"portal:{name}", kwargs={"payment_id": payment_id}))
    return page(request, "portal/checkout/onward.html", there=there, payment=payment)


def _want_proof(request: BuyerRequest, money: Money, saves: ToSave | None) -> None:
    """Raise ``ProveFirst`` if so much wants a fresh proof of who pays, or if a way to pay is kept.

    A guest has a link only, and keeps nothing.
    """
    if is_guest(request) or is_fresh(request.session):
        return
    if saves:  # as under *Payment methods*
        raise ProveFirst
    with reading():
        if wants_proof(money):
            raise ProveFirst


def _elsewhere(request: BuyerRequest, basket_id: UUID, error: RuleBroken) -> HttpResponse:
    if isinstance(error, BasketGone):
        return gone(request, basket_id, error)
    return to_proof(request) if isinstance(error, ProveFirst) else over_page(request)


def _note_try(request: BuyerRequest, contents: Contents) -> None:
    """Who tries many cards waits; what credits pay needs none."""
    if contents.money.minor:
        note_try(
            user_id=request.person.pk, ip=caller(request),
            pay_link_id=contents.basket.pay_link_id if request.person.pk is None else None,
            customer_account_ids={item.account.pk for item in contents.items},
        )  # fmt: skip


def _start(request: BuyerRequest, order: PaymentOrder, *, key: str) -> Payment:
    only_if = partial(hold_good, request.link.pk) if is_guest(request) else None
    try:
        return start_payment(order, key=key, is_try=True, only_if=only_if)
    finally:
        end_unused(order, key=key)


def _order(request: BuyerRequest, contents: Contents, way: Offered | None) -> PaymentOrder:
    """Make the order; with fields on our page where the seller wants them and a script runs."""
    order = order_of(
        contents.basket.pk, user_id=request.person.pk, version=version_of(request),
        seal=request.POST.get("seal", "")[:40], return_url=_address(request, "?from=gateway"),
        cancel_url=_address(request, "?from=cancel"), locale=locale_for(request),
    )  # fmt: skip
    here = request.POST.get("script") == "yes" and way is not None and way.embedded
    here = here and request.person.pk is not None  # a guest enters it at the gateway
    return replace(order, embedded=True) if here else order


def _refused(request: BuyerRequest, contents: Contents, error: QuittanceError) -> HttpResponse:
    """A payment that there is tells of it itself, also one of a double click; else the review."""
    with reading():
        payment = payment_of(contents.basket.pk)
    if payment:
        return _on_to(request, payment)
    again = contents_of(contents.basket.pk)
    if not isinstance(error, TriedTooOften):
        return review_page(request, *again, error=error, status=409)
    answer = review_page(request, *again, error=error, status=429)
    return after(answer, error.retry_after_seconds)


def _on_to(request: BuyerRequest, payment: Payment) -> HttpResponse:
    if is_guest(request):
        note_begun(request, payment.pk)
    name = "onward" if redirect_url(payment) or has_fields(payment) else "payment"
    return hx_redirect(request, reverse(f"portal:{name}", kwargs={"payment_id": payment.pk}))


def _forget_ticks(request: BuyerRequest, contents: Contents) -> None:
    paid = {item.invoice.pk for item in contents.items}
    for account_id in {item.account.pk for item in contents.items}:
        left = [each for each in picks.picked(request.session, account_id) if each not in paid]
        picks.keep(request.session, account_id, left)


def _address(request: BuyerRequest, query: str) -> str:
    """Where the gateway sends the buyer back to; ``{payment}`` becomes the payment's id."""
    return request.build_absolute_uri(reverse("portal:payments")) + "/{payment}" + query
