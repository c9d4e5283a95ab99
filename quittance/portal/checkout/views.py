"""Amounts, method, review: each step is kept; see ``paying`` for what comes of the last one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from quittance.connections.offers import Offered
from quittance.core.clock import today
from quittance.core.errors import OutsideError, QuittanceError, RuleBroken
from quittance.identity.permissions import BuyerPermission
from quittance.payments.baskets import (
    MethodMissing,
    set_amounts,
    set_kept_method,
    set_method,
    ways_to_pay,
)
from quittance.payments.contents import (
    WITHOUT_MONEY,
    BasketGone,
    Contents,
    find_basket,
    payment_of,
    unpaid_basket,
)
from quittance.payments.models import Basket
from quittance.portal.access import BuyerRequest
from quittance.portal.checkout.approval import standing_of
from quittance.portal.checkout.context import amounts_context, review_groups, shared_context, sums
from quittance.portal.checkout.forms import Form, amounts_of, shown_form, typed_form
from quittance.portal.checkout.kept import (
    kept_choices,
    kept_methods,
    offered_kept,
    read_kept,
    value_of_kept,
    words_of_kept,
)
from quittance.portal.checkout.methods import (
    choices,
    chosen_of,
    method_of,
    read_choice,
    transfer_choice,
    value_of,
    with_what_is_lost,
    words_of,
)
from quittance.portal.checkout.saving import ways_to_save
from quittance.portal.payer import for_payer, is_guest
from quittance.tenancy.rows import reading
from quittance.transfers.accounts import METHOD as TRANSFER
from quittance.transfers.announce import as_transfer
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for
from quittance.wallet.models import KeptMethod


@require_http_methods(["GET", "POST"])
@for_payer(BuyerPermission.PAY)
def amounts(request: BuyerRequest, basket_id: UUID) -> HttpResponse:
    """Step 1: how much of each invoice, and which credits."""
    if is_guest(request) and not request.link.parts:
        return hx_redirect(request, _step("method", basket_id))
    try:
        contents, waiting = contents_of(basket_id)
    except BasketGone as error:
        return gone(request, basket_id, error)
    show = partial(_amounts, request, contents, waiting)
    if request.method == "GET":
        return show(shown_form(contents, locale=locale_for(request)))
    form = typed_form(contents, request.POST, locale=locale_for(request))
    if form.is_wrong or form.is_empty:
        sentence = "" if form.is_wrong else _("Keep at least one invoice.")
        return show(form, sentence=sentence, status=422)
    wishes = form.wishes
    try:
        basket = set_amounts(
            basket_id, amounts_of(form), version=version_of(request), credits_=wishes[1]
        )
    except RuleBroken as error:
        return show(form, sentence=sentence_for(error), status=409)
    without_money = contents.with_wishes(*wishes).method == WITHOUT_MONEY
    ready = without_money or _chosen_at_once(request, basket, request.POST.get("quick", ""))
    return hx_redirect(request, _step("review" if ready else "method", basket_id))


@require_http_methods(["GET", "POST"])
@for_payer(BuyerPermission.PAY)
def method(request: BuyerRequest, basket_id: UUID) -> HttpResponse:
    """Step 2: how to pay."""
    try:
        contents, waiting = contents_of(basket_id)
    except BasketGone as error:
        return gone(request, basket_id, error)
    is_free = contents.method == WITHOUT_MONEY
    by_transfer = request.POST.get("method") == TRANSFER and not is_guest(request)
    if is_free or by_transfer:  # which has a last step of its own
        return hx_redirect(request, _step("review" if is_free else "announce", basket_id))
    if request.method == "GET":
        return _method(request, contents, waiting)
    try:
        _choose(request, basket_id, request.POST.get("method", ""), version=version_of(request))
    except MethodMissing as error:
        return _method(request, contents, waiting, error=error, status=422)
    except (RuleBroken, OutsideError) as error:
        return _method(request, contents, waiting, error=error, status=409)
    return hx_redirect(request, _step("review", basket_id))


@require_GET
@for_payer(BuyerPermission.PAY)
def review(request: BuyerRequest, basket_id: UUID) -> HttpResponse:
    """Step 3: everything once more, and one button."""
    try:
        contents, waiting = contents_of(basket_id)
    except BasketGone as error:
        return gone(request, basket_id, error)
    if not contents.basket.method and contents.method != WITHOUT_MONEY:
        return hx_redirect(request, _step("method", basket_id))
    return review_page(request, contents, waiting)


def contents_of(basket_id: UUID) -> tuple[Contents, Contents | None]:
    """Return the basket, and the one that is paid after it, if there is one.

    Raises ``BasketGone``, also for one that was paid already.
    """
    with reading():
        contents = find_basket(basket_id)
        if contents.is_paid:
            raise BasketGone
        return contents, unpaid_basket(contents.next_basket_id)


def gone(request: BuyerRequest, basket_id: UUID, error: BasketGone) -> HttpResponse:
    """A basket that became a payment leads there; any other says that it is over."""
    with reading():
        payment = payment_of(basket_id)
    if payment:
        return hx_redirect(request, reverse("portal:payment", kwargs={"payment_id": payment.pk}))
    return page(
        request, "portal/checkout/gone.html", status=409, sentence=sentence_for(error), step=1,
        basket_id=basket_id,
    )  # fmt: skip


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
    quick = _quick(request, contents)
    context["quick"] = (value_of_kept(quick.pk), words_of_kept(quick).title) if quick else None
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
    offers = ways_to_pay(contents)
    by_transfer = offers.transfer and not is_guest(request)  # who announces one signs in
    offered, transfer = offers.ways, as_transfer(contents) if by_transfer else None
    if offers.trouble and transfer is None:
        error, status = offers.trouble, 409
    kept = offered_kept(kept_methods(contents, request.person.pk), offered)
    value, method_ = _preselected(contents.basket, kept, offered, transfer)
    context = shared_context(request, contents, waiting, step=2) | sums(contents.paid_by(method_))
    found = kept_choices(kept, contents) + choices(offered, contents)
    if transfer:
        found.append(transfer_choice(contents, transfer))
    context |= {
        "choices": with_what_is_lost(found, locale=locale_for(request)),
        "chosen": value,
        "errors": [("methods", sentence_for(error))] if error else [],
    }
    return page(request, "portal/checkout/method.html", status=status, **context)


def _choose(request: BuyerRequest, basket_id: UUID, text: str, *, version: int) -> None:
    kept = read_kept(text)
    if kept:
        set_kept_method(basket_id, kept, version=version, user_id=request.person.pk)
        return
    method_, account_id = read_choice(text)
    set_method(basket_id, method_, version=version, gateway_account_id=account_id)


def _chosen_at_once(request: BuyerRequest, basket: Basket, text: str) -> bool:
    """Take the kept method that step 1 offers; where it can not be, step 2 asks as always."""
    if not read_kept(text):
        return False
    try:
        _choose(request, basket.pk, text, version=basket.version)
    except (RuleBroken, OutsideError):
        return False
    return True


def _quick(request: BuyerRequest, contents: Contents) -> KeptMethod | None:
    """Return the kept method that would be taken first, if the payer keeps one.

    Not one that costs more than this page says: step 2 tells of fees and lost discounts.
    """
    rows = kept_methods(contents, request.person.pk)
    first = next(iter(offered_kept(rows, ways_to_pay(contents).ways)), None) if rows else None
    if first is None:
        return None
    paid = contents.paid_by(first.method)
    as_shown = (contents.money, contents.discount)
    return first if (paid.total, paid.discount) == as_shown else None


def _preselected(
    basket: Basket,
    kept: Sequence[KeptMethod],
    offered: Sequence[Offered],
    transfer: Contents | None,
) -> tuple[str, str]:
    """Return what the form has ticked, and its method: what was chosen, else what comes first."""
    for row in kept:
        if basket.kept_method_id == row.pk or not basket.method:
            return value_of_kept(row.pk), row.method
    chosen = chosen_of(basket, offered)
    if chosen:
        return value_of(chosen, offered), chosen.method
    return (TRANSFER, TRANSFER) if transfer else ("", "")


def chosen_way(contents: Contents) -> Offered | None:
    """Return the chosen way to pay anew; ``None`` without one, or when it is offered no more."""
    if contents.method == WITHOUT_MONEY or contents.basket.kept_method_id:
        return None
    return chosen_of(contents.basket, ways_to_pay(contents).ways)


def _kept_in(contents: Contents) -> KeptMethod | None:
    wanted = contents.basket.kept_method_id
    if contents.method == WITHOUT_MONEY or wanted is None:
        return None
    with reading():
        return KeptMethod.objects.filter(pk=wanted).first()


def review_page(
    request: BuyerRequest,
    contents: Contents,
    waiting: Contents | None,
    *,
    error: QuittanceError | None = None,
    status: int = 200,
) -> HttpResponse:
    way, kept = chosen_way(contents), _kept_in(contents)
    words = words_of_kept(kept) if kept else words_of(way, [way]) if way else None
    context = shared_context(request, contents, waiting, step=3) | {
        "method": words or method_of(contents.method),
        "kept": kept is not None,
        "to_save": [] if kept else ways_to_save(request, contents, way),
        "embedded": way is not None and way.embedded,
        "groups": review_groups(contents),
        "seal": contents.seal,
        "approval": standing_of(request, contents),
        "errors": [("", sentence_for(error))] if error else [],
    }
    return page(request, "portal/checkout/review.html", status=status, **context)


def version_of(request: BuyerRequest) -> int:
    """Return the basket's version that the page showed; what is no number is no page of ours."""
    text = request.POST.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text)


def _step(name: str, basket_id: UUID) -> str:
    return reverse(f"portal:{name}", kwargs={"basket_id": basket_id})
