"""Adds a way to pay: choose one, agree, go to the payment provider, come back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quittance.core.clock import today
from quittance.core.errors import OutsideError, QuittanceError, RuleBroken
from quittance.core.ids import new_id
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.agreements import KINDS, agreement_of
from quittance.portal.wallet import forms
from quittance.portal.wallet.records import currencies_of
from quittance.portal.wallet.words import icon_of, reason_of, saying
from quittance.portal.witness import witness_of
from quittance.tenancy.rows import reading
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.wallet.advancing import advance_saving, stop_saving
from quittance.wallet.limits import TooManySavings
from quittance.wallet.models import Saving
from quittance.wallet.places import Place, places_to_keep
from quittance.wallet.saving import SaveOrder, start_saving
from quittance.wallet.texts import Wording
from quittance.wallet.transitions import S
from quittance.wallet.words import kind_of


@require_GET
@for_buyer(BuyerPermission.KEEP_METHODS)
def add(request: BuyerRequest) -> HttpResponse:
    """Choose what to add; a bank account is a company's or a person's, for the rules differ."""
    currencies = _currencies(request)
    currency = _currency(request.GET.get("currency", ""), currencies)
    errors: list[tuple[str, str]] = []
    try:
        places = _places(request, currency)
    except OutsideError as error:
        places, errors = (), [("", saying(error))]
    offered = {each.method for each in places}
    kinds = [each for each, (method, _holder) in KINDS.items() if method in offered]
    return page(
        request, "portal/wallet/add.html", nav="wallet", kinds=kinds, errors=errors,
        currency=currency, currencies=currencies, accounts=request.accounts,
        account=request.account,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_buyer(BuyerPermission.KEEP_METHODS)
@needs_fresh
def agree(request: BuyerRequest) -> HttpResponse:
    """Show what is agreed to; with a tick, start. Sent twice it is one saving."""
    said = request.POST if request.method == "POST" else request.GET
    kind = forms.kind(said.get("kind", ""))
    currency = _currency(said.get("currency", ""), _currencies(request))
    try:
        place = _place(request, kind, currency)
        words = agreement_of(
            request, kind, currency=currency, company=request.account.name,
            gateway_account_id=place.gateway_account_id,
        )  # fmt: skip
    except (OutsideError, RuleBroken) as error:
        return _agree(request, kind, currency, None, error=error, status=409)
    if request.method == "GET":
        return _agree(request, kind, currency, words)
    if words.version != said.get("version"):
        problem = _("The text has changed. Read it once more.")
        return _agree(request, kind, currency, words, problem=problem, status=409)
    if said.get("agreed") != "yes":
        problem = _("Tick the box if you agree.")
        return _agree(request, kind, currency, words, problem=problem, status=422)
    return _start(request, kind, currency, place, words)


def _start(
    request: BuyerRequest, kind: str, currency: str, place: Place, words: Wording
) -> HttpResponse:
    key = forms.key(request.POST.get("key", ""))
    try:
        saving = start_saving(_order(request, kind, currency, place, words), key=key)
    except TooManySavings as error:
        return _slow_down(request, kind, currency, words, error)
    except (RuleBroken, OutsideError) as error:
        return _agree(request, kind, currency, words, error=error, status=409)
    return hx_redirect(request, _onward(saving))


@require_GET
@for_buyer(BuyerPermission.KEEP_METHODS)
def onward(request: BuyerRequest, saving_id: UUID) -> HttpResponse:
    """Lead to the gateway's page by a page of ours; see ``checkout.views.onward``."""
    saving = _saving(saving_id)
    if saving.status != S.OPEN or not saving.redirect_url:
        return hx_redirect(request, reverse("portal:saving", kwargs={"saving_id": saving.pk}))
    return page(request, "portal/wallet/onward.html", there=saving.redirect_url)


@require_GET
@for_buyer(BuyerPermission.KEEP_METHODS)
def saving(request: BuyerRequest, saving_id: UUID) -> HttpResponse:
    """Where an attempt is; the gateway sends the payer here, and asks us to look."""
    row, errors = _saving(saving_id), []
    try:
        if row.status not in {S.SAVED, S.FAILED}:
            row = advance_saving(saving_id, patient=False)
    except OutsideError as error:
        errors = [("", saying(error))]
    ids = {"saving_id": row.pk}
    if row.status == S.SAVED and row.kept_method_id:
        address = reverse("portal:kept_method", kwargs={"method_id": row.kept_method_id})
        return hx_redirect(request, f"{address}?new=1")
    if row.status == S.VERIFYING:
        return hx_redirect(request, reverse("portal:verify", kwargs=ids))
    return page(
        request, "portal/wallet/saving.html", nav="wallet", saving=row, errors=errors,
        reason=reason_of(row.reason),
        kind=kind_of(row.method, ""), symbol=icon_of(row.method, ""), onward=_onward(row),
        accounts=request.accounts, account=request.account,
    )  # fmt: skip


@require_POST
@for_buyer(BuyerPermission.KEEP_METHODS)
def stop(request: BuyerRequest, saving_id: UUID) -> HttpResponse:
    """Give an attempt up that is not finished."""
    stop_saving(_saving(saving_id).pk)
    return hx_redirect(request, reverse("portal:wallet"))


def _saving(saving_id: UUID) -> Saving:
    with reading():
        found = Saving.objects.filter(pk=saving_id).first()
    if found is None:
        raise Http404
    return found


def _onward(row: Saving) -> str:
    return reverse("portal:saving_onward", kwargs={"saving_id": row.pk})


def _currencies(request: BuyerRequest) -> list[str]:
    with reading():
        return currencies_of(request.account.id, request.account.legal_entity_id)


def _currency(wanted: str, known: list[str]) -> str:
    return wanted if wanted in known else known[0]


def _places(request: BuyerRequest, currency: str) -> Sequence[Place]:
    account = request.account
    return places_to_keep(
        currency, legal_entity_id=account.legal_entity_id, customer_account_id=account.id,
        day=today(request.zone),
    )  # fmt: skip


def _place(request: BuyerRequest, kind: str, currency: str) -> Place:
    method, _holder = KINDS[kind]
    found = [each for each in _places(request, currency) if each.method == method]
    if not found:
        raise Http404
    return found[0]


def _order(
    request: BuyerRequest, kind: str, currency: str, place: Place, words: Wording
) -> SaveOrder:
    address = request.build_absolute_uri(reverse("portal:wallet")) + "/savings/{saving}"
    return SaveOrder(
        customer_account_id=request.account.id, customer_name=request.account.name,
        email=request.person.email, gateway_account_id=place.gateway_account_id,
        method=KINDS[kind][0], currency=currency, wording=words, return_url=address,
        cancel_url=f"{address}?from=cancel",
        witness=witness_of(request),
    )  # fmt: skip


def _slow_down(
    request: BuyerRequest, kind: str, currency: str, words: Wording, error: TooManySavings
) -> HttpResponse:
    minutes = -(-error.retry_after_seconds // 60)
    hours = -(-minutes // 60)
    problem = _("There were several attempts to add a way to pay.") + " "
    if minutes > 90:
        problem += ngettext("Try again in an hour.", "Try again in %(hours)s hours.", hours)
    else:
        problem += ngettext("Try again in a minute.", "Try again in %(minutes)s minutes.", minutes)
    problem %= {"minutes": minutes, "hours": hours}
    answer = _agree(request, kind, currency, words, problem=problem, status=429)
    answer["Retry-After"] = str(error.retry_after_seconds)
    return answer


def _agree(
    request: BuyerRequest,
    kind: str,
    currency: str,
    words: Wording | None,
    *,
    error: QuittanceError | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    problem = saying(error) if error else problem
    return page(
        request, "portal/wallet/agree.html", status=status, nav="wallet", kind=kind,
        currency=currency, words=words, key=new_id(), symbol=icon_of(KINDS[kind][0], ""),
        errors=[("agreed" if status == 422 else "", problem)] if problem else [],
        accounts=request.accounts, account=request.account,
    )  # fmt: skip
