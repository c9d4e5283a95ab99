"""Verifies a bank account: two amounts or a code, as they stand in its statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from quittance.core.errors import OutsideError, RuleBroken
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.wallet.forms import tries_left
from quittance.portal.wallet.words import saying
from quittance.tenancy.rows import reading
from quittance.ui.amounts import NotAnAmount, currency_symbol, read_amount
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.wallet.models import Saving
from quittance.wallet.transitions import S
from quittance.wallet.verifying import WrongProof, verify_with_amounts, verify_with_code

Errors = Sequence[tuple[str, str]]  # the id of a field, or "", and what is wrong
_AMOUNTS: Final = ("first", "second")


@require_http_methods(["GET", "POST"])
@for_buyer(BuyerPermission.KEEP_METHODS)
def verify(request: BuyerRequest, saving_id: UUID) -> HttpResponse:
    """Type what the statement shows."""
    with reading():
        row = Saving.objects.filter(pk=saving_id).first()
    if row is None:
        raise Http404
    address = reverse("portal:saving", kwargs={"saving_id": row.pk})
    if row.status != S.VERIFYING:
        return hx_redirect(request, address)
    if request.method == "GET":
        return _verify(request, row)
    amounts, unread = ([], []) if row.proof == "code" else _amounts(request, row)
    if unread:
        return _verify(request, row, errors=unread, status=422)
    try:
        if row.proof == "code":
            verify_with_code(row.pk, request.POST.get("code", "").strip().upper()[:12])
        else:
            verify_with_amounts(row.pk, *amounts)
    except WrongProof as error:
        field = "code" if row.proof == "code" else "first"
        wrong = [(field, tries_left(error.tries_left))]
        return _verify(request, row, errors=wrong, status=422)
    except (RuleBroken, OutsideError) as error:
        return _verify(request, row, errors=[("", saying(error))], status=409)
    return hx_redirect(request, address)


def _amounts(request: BuyerRequest, row: Saving) -> tuple[list[int], Errors]:
    """Return both amounts in minor units, or which of them cannot be read."""
    found, errors = [], []
    for name in _AMOUNTS:
        text = request.POST.get(name, "")[:20]
        try:
            found.append(read_amount(text, row.currency, locale_for(request)).minor)
        except NotAnAmount:
            errors.append((name, _("Write the amount as it stands in the statement, like 0.32.")))
    return found, errors


def _verify(
    request: BuyerRequest, row: Saving, *, errors: Errors = (), status: int = 200
) -> HttpResponse:
    """Show the form with what was typed, and with how many tries are left by now."""
    with reading():
        row.refresh_from_db()
    typed = {name: request.POST.get(name, "")[:20] for name in (*_AMOUNTS, "code")}
    return page(
        request, "portal/wallet/verify.html", status=status, nav="wallet", saving=row,
        symbol=currency_symbol(row.currency, locale_for(request)),
        typed=typed, errors=errors,
        accounts=request.accounts, account=request.account,
    )  # fmt: skip
