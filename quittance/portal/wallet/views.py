"""Ways to pay that a customer keeps: the list, one of them, and what can be done with it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quittance.core.clock import today
from quittance.core.errors import OutsideError, QuittanceError, RuleBroken
from quittance.identity.permissions import BuyerPermission
from quittance.payments.payers import names_of
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.wallet.forms import read_month
from quittance.portal.wallet.records import (
    currencies_of,
    kept_by,
    month_of,
    rows_of,
    whose,
)
from quittance.portal.wallet.words import ending_of, icon_of, saying
from quittance.tenancy.rows import reading
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.wallet.charging import is_his
from quittance.wallet.ending import remove
from quittance.wallet.expiry import change_expiry, expires_soon, renewable
from quittance.wallet.models import DefaultMethod, KeptMethod
from quittance.wallet.naming import LONGEST, NotAName, put_first, rename
from quittance.wallet.texts import title_of
from quittance.wallet.transitions import M
from quittance.wallet.words import kind_of, mark_of


@require_GET
@for_buyer(BuyerPermission.SEE)
def wallet(request: BuyerRequest) -> HttpResponse:
    """Every way to pay that the account keeps."""
    with reading():
        kept = kept_by(request.account.id, request.account.legal_entity_id)
    names = names_of({each.saved_by_id for each in kept.methods})
    return page(
        request, "portal/wallet/list.html", nav="wallet",
        rows=rows_of(
            kept, names, reader=request.person.pk, locale=locale_for(request), zone=request.zone
        ),
        expiring=[each for each in kept.methods if expires_soon(each, today(request.zone))],
        stopped=[(each, ending_of(each)) for each in kept.stopped],
        several=len(kept.currencies) > 1, accounts=request.accounts, account=request.account,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.KEEP_METHODS)
def kept_method(request: BuyerRequest, method_id: UUID) -> HttpResponse:
    """One of them: its name, its date, where it comes first, what was agreed to."""
    return _method(request, method_id)


@require_GET
@for_buyer(BuyerPermission.SEE)
def agreement(request: BuyerRequest, method_id: UUID) -> HttpResponse:
    """What was agreed to, word for word, and by whom."""
    row = _row(method_id)
    consent = row.consent
    names = names_of({consent.user_id})
    return page(
        request, "portal/wallet/agreement.html", nav="wallet", row=row, consent=consent,
        title=title_of(consent.text_version), by=names.get(consent.user_id, _("a colleague")),
        paragraphs=consent.text.split("\n\n"), is_debit=row.method == "bank_debit",
        accounts=request.accounts, account=request.account,
    )  # fmt: skip


@require_POST
@for_buyer(BuyerPermission.KEEP_METHODS)
def name_method(request: BuyerRequest, method_id: UUID) -> HttpResponse:
    """Keep the payers' own name for it."""
    _row(method_id)
    name = request.POST.get("name", "").replace("\0", "")
    try:
        rename(method_id, name)
    except NotAName as error:
        return _method(request, method_id, field="name", typed=name, error=error, status=422)
    except RuleBroken as error:
        return _method(request, method_id, error=error, status=409)
    return _to(request, method_id)


@require_POST
@for_buyer(BuyerPermission.KEEP_METHODS)
def default_method(request: BuyerRequest, method_id: UUID) -> HttpResponse:
    """Have it come first in one currency."""
    row = _row(method_id)
    currency = request.POST.get("currency", "")
    with reading():
        account = _account(request, row)
        known = currencies_of(row.customer_account_id, account)
    if currency not in known:
        raise Http404
    try:
        put_first(method_id, currency, user_id=request.person.pk)
    except RuleBroken as error:
        return _method(request, method_id, error=error, status=409)
    return hx_redirect(request, reverse("portal:wallet"))


@require_POST
@for_buyer(BuyerPermission.KEEP_METHODS)
def change_month(request: BuyerRequest, method_id: UUID) -> HttpResponse:
    """Take a card's new month."""
    _row(method_id)
    month = request.POST.get("month", "")
    try:
        change_expiry(method_id, read_month(month))
    except (RuleBroken, OutsideError) as error:
        return _method(request, method_id, field="month", typed=month, error=error, status=422)
    return _to(request, method_id)


@require_http_methods(["GET", "POST"])
@for_buyer(BuyerPermission.KEEP_METHODS)
def remove_method(request: BuyerRequest, method_id: UUID) -> HttpResponse:
    """Ask first, then end it here and at the gateway; a debit's mandate ends with it."""
    row = _row(method_id)
    if row.status == M.ENDED:
        return _to(request, method_id)
    revoking = (request.POST or request.GET).get("revoke") == "1"
    if request.method == "GET":
        return _ask(request, row, revoking=revoking)
    reason = "revoked" if revoking else "removed"
    try:
        remove(method_id, reason=reason)
    except RuleBroken as error:
        return _ask(request, row, revoking=revoking, error=error, status=409)
    return hx_redirect(request, reverse("portal:wallet"))


def _ask(
    request: BuyerRequest,
    row: KeptMethod,
    *,
    revoking: bool,
    error: QuittanceError | None = None,
    status: int = 200,
) -> HttpResponse:
    return page(
        request, "portal/wallet/remove.html", status=status, nav="wallet", row=row,
        revoking=revoking, is_debit=row.method == "bank_debit",
        errors=[("", saying(error))] if error else [],
        accounts=request.accounts, account=request.account,
    )  # fmt: skip


def _method(
    request: BuyerRequest,
    method_id: UUID,
    *,
    field: str = "",
    typed: str = "",
    error: QuittanceError | None = None,
    status: int = 200,
) -> HttpResponse:
    row = _row(method_id)
    alive = row.status != M.ENDED
    with reading():
        known = currencies_of(row.customer_account_id, _account(request, row))
        mine = set(DefaultMethod.objects.filter(method=row).values_list("currency", flat=True))
    possible = [each for each in known if row.currency in {"", each}]
    names = names_of({row.saved_by_id})
    can_pay = row.status == M.ACTIVE and is_his(row, request.person.pk)
    return page(
        request, "portal/wallet/method.html", status=status, nav="wallet", row=row, alive=alive,
        kind=kind_of(row.method, row.scheme), symbol=icon_of(row.method, row.brand),
        mark=mark_of(row, today(request.zone)), by=names.get(row.saved_by_id, _("a colleague")),
        month=month_of(row.expires_on) if row.expires_on else "", longest=LONGEST,
        typed={field: typed[:100]},
        can_renew=alive and _can_renew(row), mine=sorted(mine), several=len(known) > 1,
        firsts=[each for each in possible if each not in mine] if can_pay else [],
        whose=whose(row, names, request.person.pk),
        ended=ending_of(row), is_new="new" in request.GET,
        errors=[(field, saying(error))] if error else [],
        accounts=request.accounts, account=request.account,
    )  # fmt: skip


def _can_renew(row: KeptMethod) -> bool:
    try:
        return renewable(row)
    except OutsideError:
        return False


def _row(method_id: UUID) -> KeptMethod:
    with reading():
        found = KeptMethod.objects.select_related("consent").filter(pk=method_id).first()
    if found is None:
        raise Http404
    return found


def _account(request: BuyerRequest, row: KeptMethod) -> UUID:
    """Return the books of the customer that keeps a method."""
    return next(
        each.legal_entity_id for each in request.accounts if each.id == row.customer_account_id
    )


def _to(request: BuyerRequest, method_id: UUID) -> HttpResponse:
    return hx_redirect(request, reverse("portal:kept_method", kwargs={"method_id": method_id}))
