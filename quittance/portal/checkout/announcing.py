"""The last step of a checkout that is paid by bank transfer: everything once more, one button."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from quittance.core.errors import RuleBroken
from quittance.identity.permissions import BuyerPermission
from quittance.payments.contents import BasketGone, find_basket, payment_of
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.checkout.approval import standing_of
from quittance.portal.checkout.context import review_groups, shared_context
from quittance.portal.checkout.methods import method_of
from quittance.portal.invoices import picks
from quittance.tenancy.rows import reading
from quittance.transfers.accounts import METHOD
from quittance.transfers.announce import NoBankAccount, Plan, announce, announced_of, plan_of
from quittance.transfers.models import AnnouncedLine
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for


@require_http_methods(["GET", "POST"])
@for_buyer(BuyerPermission.PAY)
def announcing(request: BuyerRequest, basket_id: UUID) -> HttpResponse:
    """Show the transfer before it is announced; announce it, once."""
    with reading():
        earlier, paid = announced_of(basket_id), payment_of(basket_id)
    if earlier:
        return _to_transfer(request, earlier.pk)
    if paid:
        return hx_redirect(request, reverse("portal:payment", kwargs={"payment_id": paid.pk}))
    if request.method == "GET":
        return plan_page(request, basket_id)
    try:
        made = announce(
            basket_id, user_id=request.person.pk, version=_version(request),
            seal=request.POST.get("seal", "")[:40],
        )  # fmt: skip
    except RuleBroken as error:
        return plan_page(request, basket_id, error=error)
    _forget_ticks(request, made.pk)
    return _to_transfer(request, made.pk)


def plan_page(
    request: BuyerRequest, basket_id: UUID, *, error: RuleBroken | None = None
) -> HttpResponse:
    """Show the transfer; ``error`` says why it was not announced, or not sent for approval."""
    try:
        with reading():
            plan = plan_of(find_basket(basket_id))
        if plan is None:
            raise NoBankAccount
    except (BasketGone, NoBankAccount) as gone:
        return page(
            request, "portal/checkout/gone.html", status=409, sentence=sentence_for(gone), step=1,
            basket_id=basket_id,
        )  # fmt: skip
    context = shared_context(request, plan.contents, None, step=3) | _context(plan)
    context["approval"] = standing_of(request, plan.contents)
    context["errors"] = [("", sentence_for(error))] if error else []
    status = 409 if error else 200
    return page(request, "portal/checkout/announce.html", status=status, **context)


def _context(plan: Plan) -> dict[str, object]:
    return {
        "method": method_of(METHOD),
        "groups": review_groups(plan.contents),
        "seal": plan.contents.seal,
        "to": plan.account,
        "others": plan.others,
        "total": plan.amount,
        "fee": plan.amount - plan.amount,
    }


def _forget_ticks(request: BuyerRequest, announcement_id: UUID) -> None:
    with reading():
        rows = AnnouncedLine.objects.filter(announcement_id=announcement_id)
        lines = list(rows.values_list("customer_account_id", "invoice_id"))
    for account_id in {account_id for account_id, _invoice in lines}:
        done = {invoice_id for _account, invoice_id in lines}
        left = [each for each in picks.picked(request.session, account_id) if each not in done]
        picks.keep(request.session, account_id, left)


def _to_transfer(request: BuyerRequest, announcement_id: UUID) -> HttpResponse:
    path = reverse("portal:transfer", kwargs={"announcement_id": announcement_id})
    return hx_redirect(request, path)


def _version(request: BuyerRequest) -> int:
    text = request.POST.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text)
