"""Verifies a bank account: two amounts or a code, as they stand in its statement."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from quittance.core.errors import OutsideError, RuleBroken
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


@require_http_methods(["GET", "POST"])
@for_buyer
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
    try:
        _try(request, row)
    except NotAnAmount:
        return _verify(
            request,
            row,
            problem=_("Write both amounts as they stand in the statement, like 0.32."),
            status=422,
        )
    except WrongProof as error:
        return _verify(request, row, problem=tries_left(error.tries_left), status=422)
    except (RuleBroken, OutsideError) as error:
        return _verify(request, row, problem=saying(error), status=409)
    return hx_redirect(request, address)


def _try(request: BuyerRequest, row: Saving) -> None:
    """Raises what ``verify_with_amounts`` raises, or ``NotAnAmount``."""
    if row.proof == "code":
        verify_with_code(row.pk, request.POST.get("code", "").strip().upper()[:12])
        return
    locale = locale_for(request)
    first, second = (
        read_amount(request.POST.get(name, "")[:20], row.currency, locale)
        for name in ("first", "second")
    )
    verify_with_amounts(row.pk, first.minor, second.minor)


def _verify(
    request: BuyerRequest, row: Saving, *, problem: str = "", status: int = 200
) -> HttpResponse:
    return page(
        request, "portal/wallet/verify.html", status=status, nav="wallet", saving=row,
        symbol=currency_symbol(row.currency, locale_for(request)),
        errors=[("code" if row.proof == "code" else "first", problem)] if problem else [],
        accounts=request.accounts, account=request.account,
    )  # fmt: skip
