"""A list of what to pay: sent, checked line by line, and led to the checkout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.core.errors import RuleBroken
from quittance.identity.permissions import BuyerPermission
from quittance.payments.baskets import new_baskets, set_amounts
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.remittance.check import Checked, Line, check, known_numbers, shown_amount
from quittance.portal.remittance.columns import Typed, typed_lines
from quittance.portal.remittance.grid import MOST_BYTES, MOST_LINES, TooLarge, read_file, read_text
from quittance.tenancy.rows import reading
from quittance.ui.bodies import takes_files
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for

_FIELD: Final = 200  # characters


@require_GET
@for_buyer(BuyerPermission.PAY)
def remittance(request: BuyerRequest) -> HttpResponse:
    """Choose a file, or paste lines."""
    return _form(request)


@takes_files(MOST_BYTES)
@require_POST
@for_buyer(BuyerPermission.PAY)
def remittance_read(request: BuyerRequest) -> HttpResponse:
    """Read what was sent, and show what was understood of each line."""
    file, text = request.FILES.get("file"), request.POST.get("text", "")
    try:
        if file is not None and (file.size or 0) > MOST_BYTES:
            raise TooLarge
        grid = read_file(file.read()) if file is not None else read_text(text)
        with reading():
            typed, has_amounts = typed_lines(
                grid, lambda texts: known_numbers(texts, request.accounts)
            )
            found = check(
                typed, request.accounts, has_amounts=has_amounts, locale=locale_for(request)
            )
    except RuleBroken as error:
        return _form(request, sentence=sentence_for(error), text=text, status=422)
    return _checked(request, found, has_amounts=has_amounts)


@require_POST
@for_buyer(BuyerPermission.PAY)
def remittance_check(request: BuyerRequest) -> HttpResponse:
    """Check the lines as they were corrected, or go on to the checkout with those that fit."""
    typed, has_amounts = _sent(request.POST), "amounts" in request.POST
    with reading():
        found = check(
            typed, request.accounts, has_amounts=has_amounts, locale=locale_for(request), ours=True
        )
    if "pay" not in request.POST or not found.right:
        return _checked(request, found, has_amounts=has_amounts)
    try:
        first = _begin(request, found.right, first=request.POST["pay"])
    except RuleBroken as error:
        return _checked(
            request, found, has_amounts=has_amounts, sentence=sentence_for(error), status=409
        )
    return hx_redirect(request, reverse("portal:amounts", kwargs={"basket_id": first}))


def _begin(request: BuyerRequest, lines: Sequence[Line], *, first: str) -> UUID:
    """Begin a checkout for each currency, with the amounts of the list; return the first one's."""
    amounts = {
        line.found.invoice.pk: (line.amount, "") for line in lines if line.found and line.amount
    }
    others = [each.id for each in request.accounts if each.id != request.account.id]
    baskets = new_baskets(
        account_ids=[request.account.id, *others], user_id=request.person.pk,
        invoice_ids=list(amounts), first=first,
    )  # fmt: skip
    for basket in baskets:
        own = {id_: pair for id_, pair in amounts.items() if pair[0].currency == basket.currency}
        set_amounts(basket.pk, own, version=basket.version)
    return baskets[0].pk


def _sent(sent: QueryDict) -> list[Typed]:
    """Read the lines of the page: fields are counted from 1, and what makes no sense is blank."""
    dropped = set(sent.getlist("drop"))
    places = [place for place in range(1, MOST_LINES + 1) if f"number-{place}" in sent]
    return [
        Typed(
            place=place, number=_field(sent, f"number-{place}"), dropped=str(place) in dropped,
            amount=_field(sent, f"amount-{place}"), currency=_field(sent, f"currency-{place}")[:3],
        )
        for place in places
    ]  # fmt: skip


def _field(sent: QueryDict, name: str) -> str:
    text = sent.get(name, "")[:_FIELD].encode("utf-8", "replace").decode()
    return " ".join(text.replace("\0", " ").split())


def _form(
    request: BuyerRequest, *, sentence: str = "", text: str = "", status: int = 200
) -> HttpResponse:
    return page(
        request, "portal/remittance/form.html", status=status, nav="invoices", text=text,
        errors=[("", sentence)] if sentence else [], most=MOST_LINES, accounts=request.accounts,
        account=request.account, freshness=request.account,
    )  # fmt: skip


def _checked(
    request: BuyerRequest,
    found: Checked,
    *,
    has_amounts: bool,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    locale, totals = locale_for(request), found.totals
    return page(
        request, "portal/remittance/check.html", status=status, nav="invoices",
        rows=[_row(line, locale) for line in found.lines], right=len(found.right),
        wrong=len(found.wrong), totals=totals, has_amounts=has_amounts,
        codes=len(totals) > 1, errors=[("", sentence)] if sentence else [],
        accounts=request.accounts, account=request.account, freshness=request.account,
    )  # fmt: skip


def _row(line: Line, locale: str) -> dict[str, Any]:
    invoice, typed = line.found.invoice if line.found else None, line.typed
    return {
        "place": typed.place,
        "number": invoice.number if invoice else typed.number or typed.purchase_order,
        "address": reverse("portal:invoice", kwargs={"invoice_id": invoice.pk}) if invoice else "",
        "purchase_order": invoice.purchase_order if invoice else "",
        "open": line.found.free if line.found else None,
        "currency": typed.currency,
        "typed": shown_amount(line, locale),
        "dropped": typed.dropped,
        "error": "" if typed.dropped else line.error,
        "part": bool(line.found and line.amount and line.amount.minor < line.found.free.minor),
        "label": _("Line %(line)s") % {"line": typed.place},
    }
