"""Amounts, method, review: each step is kept, and the last one starts the payment."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quittance.core.clock import today
from quittance.core.errors import OutsideError, QuittanceError, RuleBroken
from quittance.payments.baskets import (
    MethodMissing,
    offered_methods,
    set_amounts,
    set_method,
    waiting_after,
)
from quittance.payments.checkout import redirect_url, start_payment
from quittance.payments.confirm import order_of
from quittance.payments.contents import (
    WITHOUT_MONEY,
    BasketGone,
    Contents,
    find_basket,
    payment_of,
)
from quittance.payments.models import Payment
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.checkout.context import amounts_context, review_groups, shared_context, sums
from quittance.portal.checkout.forms import Form, amounts_of, shown_form, typed_form
from quittance.portal.checkout.methods import choices, method_of, with_transfer
from quittance.portal.invoices import picks
from quittance.tenancy.rows import reading
from quittance.transfers.accounts import METHOD as TRANSFER
from quittance.transfers.announce import as_transfer
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for


@require_http_methods(["GET", "POST"])
@for_buyer
def amounts(request: BuyerRequest, basket_id: UUID) -> HttpResponse:
    """Step 1: how much of each invoice, and which credits."""
    try:
        contents, waiting = _contents(basket_id)
    except BasketGone as error:
        return _gone(request, basket_id, error)
    show = partial(_amounts, request, contents, waiting)
    if request.method == "GET":
        return show(shown_form(contents, locale=locale_for(request)))
    form = typed_form(contents, request.POST, locale=locale_for(request))
    if form.is_wrong:
        return show(form, status=422)
    if form.is_empty:
        return show(form, sentence=_("Keep at least one invoice."), status=422)
    wishes = form.wishes
    try:
        set_amounts(basket_id, amounts_of(form), version=_version(request), credits_=wishes[1])
    except RuleBroken as error:
        return show(form, sentence=sentence_for(error), status=409)
    without_money = contents.with_wishes(*wishes).method == WITHOUT_MONEY
    return hx_redirect(request, _step("review" if without_money else "method", basket_id))


@require_http_methods(["GET", "POST"])
@for_buyer
def method(request: BuyerRequest, basket_id: UUID) -> HttpResponse:
    """Step 2: how to pay."""
    try:
        contents, waiting = _contents(basket_id)
    except BasketGone as error:
        return _gone(request, basket_id, error)
    is_free = contents.method == WITHOUT_MONEY
    if is_free or request.POST.get("method") == TRANSFER:  # which has a last step of its own
        return hx_redirect(request, _step("review" if is_free else "announce", basket_id))
    if request.method == "GET":
        return _method(request, contents, waiting)
    try:
        set_method(basket_id, request.POST.get("method", ""), version=_version(request))
    except MethodMissing as error:
        return _method(request, contents, waiting, error=error, status=422)
    except (RuleBroken, OutsideError) as error:
        return _method(request, contents, waiting, error=error, status=409)
    return hx_redirect(request, _step("review", basket_id))


@require_GET
@for_buyer
def review(request: BuyerRequest, basket_id: UUID) -> HttpResponse:
    """Step 3: everything once more, and one button."""
    try:
        contents, waiting = _contents(basket_id)
    except BasketGone as error:
        return _gone(request, basket_id, error)
    if not contents.basket.method and contents.method != WITHOUT_MONEY:
        return hx_redirect(request, _step("method", basket_id))
    return _review(request, contents, waiting)


@require_POST
@for_buyer
def pay(request: BuyerRequest, basket_id: UUID) -> HttpResponse:
    """Start the payment and send the buyer to the gateway; pressed twice it is one payment."""
    with reading():
        earlier = payment_of(basket_id)
    if earlier:
        return _on_to(request, earlier)
    try:
        contents, _waiting = _contents(basket_id)
        order = order_of(
            basket_id, user_id=request.person.pk, version=_version(request),
            seal=request.POST.get("seal", "")[:40],
            return_url=_address(request, "?from=gateway"),
            cancel_url=_address(request, "?from=cancel"), locale=locale_for(request),
        )  # fmt: skip
        payment = start_payment(order, key=str(basket_id))
    except BasketGone as error:
        return _gone(request, basket_id, error)
    except (RuleBroken, OutsideError) as error:
        return _refused(request, contents, error)
    _forget_ticks(request, contents)
    return _on_to(request, payment)


@require_GET
@for_buyer
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
        return hx_redirect(request, reverse("portal:payment", kwargs={"payment_id": payment_id}))
    return page(request, "portal/checkout/onward.html", there=there, payment=payment)


def _contents(basket_id: UUID) -> tuple[Contents, Contents | None]:
    """Return the basket, and the one that is paid after it, if there is one.

    Raises ``BasketGone``, also for one that was paid already.
    """
    with reading():
        contents = find_basket(basket_id)
        if payment_of(basket_id):
            raise BasketGone
        return contents, waiting_after(basket_id)


def _gone(request: BuyerRequest, basket_id: UUID, error: BasketGone) -> HttpResponse:
    """A basket that became a payment leads there; any other says that it is over."""
    with reading():
        payment = payment_of(basket_id)
    if payment:
        return hx_redirect(request, reverse("portal:payment", kwargs={"payment_id": payment.pk}))
    return page(
        request, "portal/checkout/gone.html", status=409, sentence=sentence_for(error), step=1,
        basket_id=basket_id,
    )  # fmt: skip


def _refused(request: BuyerRequest, contents: Contents, error: QuittanceError) -> HttpResponse:
    """A payment that the gateway refused tells of it itself; without one the review does."""
    with reading():
        payment = payment_of(contents.basket.pk)
    if payment:
        return _on_to(request, payment)
    return _review(request, *_contents(contents.basket.pk), error=error, status=409)


def _on_to(request: BuyerRequest, payment: Payment) -> HttpResponse:
    name = "onward" if redirect_url(payment) else "payment"
    return hx_redirect(request, reverse(f"portal:{name}", kwargs={"payment_id": payment.pk}))


def _forget_ticks(request: BuyerRequest, contents: Contents) -> None:
    paid = {item.invoice.pk for item in contents.items}
    for account_id in {item.account.pk for item in contents.items}:
        left = [each for each in picks.picked(request.session, account_id) if each not in paid]
        picks.keep(request.session, account_id, left)


def _amounts(
    request: BuyerRequest,
    contents: Contents,
    waiting: Contents | None,
    form: Form,
    *,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    context = amounts_context(request, contents, waiting, form, today=today(request.zone))
    if sentence:
        context["errors"] = [("", sentence)]
    return page(request, "portal/checkout/amounts.html", status=status, **context)


def _method(
    request: BuyerRequest,
    contents: Contents,
    waiting: Contents | None,
    *,
    error: QuittanceError | None = None,
    status: int = 200,
) -> HttpResponse:
    transfer = as_transfer(contents)
    try:
        offered = offered_methods()
    except OutsideError as trouble:
        offered = []
        if transfer is None:
            error, status = trouble, 409
    chosen = contents.basket.method or next(iter(offered), TRANSFER if transfer else "")
    context = shared_context(request, contents, waiting, step=2) | sums(contents.paid_by(chosen))
    context |= {
        "choices": with_transfer(
            choices(offered, contents, locale=locale_for(request)), contents, transfer,
            locale=locale_for(request),
        ),
        "chosen": chosen,
        "errors": [("methods", sentence_for(error))] if error else [],
    }  # fmt: skip
    return page(request, "portal/checkout/method.html", status=status, **context)


def _review(
    request: BuyerRequest,
    contents: Contents,
    waiting: Contents | None,
    *,
    error: QuittanceError | None = None,
    status: int = 200,
) -> HttpResponse:
    context = shared_context(request, contents, waiting, step=3) | {
        "method": method_of(contents.method),
        "groups": review_groups(contents),
        "seal": contents.seal,
        "errors": [("", sentence_for(error))] if error else [],
    }
    return page(request, "portal/checkout/review.html", status=status, **context)


def _version(request: BuyerRequest) -> int:
    """Return the basket's version that the page showed; what is no number is no page of ours."""
    text = request.POST.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text)


def _step(name: str, basket_id: UUID) -> str:
    return reverse(f"portal:{name}", kwargs={"basket_id": basket_id})


def _address(request: BuyerRequest, query: str) -> str:
    """Where the gateway sends the buyer back to; ``{payment}`` becomes the payment's id."""
    return request.build_absolute_uri(reverse("portal:payments")) + "/{payment}" + query
