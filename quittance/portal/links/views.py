"""A pay link is opened, shows what it pays, and leads into the checkout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from quittance.core.errors import OutsideError, RuleBroken
from quittance.core.money import total
from quittance.identity.wrong_tokens import TooManyWrong
from quittance.paylinks.models import PayLinkInvoice
from quittance.paylinks.opening import open_link
from quittance.payments.baskets import new_baskets
from quittance.payments.guests import Guest
from quittance.payments.owed import Owed, free_to_pay
from quittance.portal import brake
from quittance.portal.access import PortalRequest, public
from quittance.portal.invoices.hindered import hindrance
from quittance.portal.payer import LinkRequest, closed_page, for_link, open_in_session, sealed
from quittance.receivables.models import Invoice
from quittance.receivables.pull import refresh_invoices
from quittance.tenancy.caller import caller
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened, working_for
from quittance.ui.errors import after
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_ERP_SECONDS = 5.0


@require_http_methods(["GET", "HEAD", "POST"])
@public
def open_(request: PortalRequest, token: str) -> HttpResponse:
    """A page with one button: a mail program that looks at links opens nothing.

    Pressed, the token becomes a session of some minutes and leaves the address.
    """
    if request.method != "POST":
        return sealed(page(request, "portal/links/open.html"))
    try:
        with working_for(request.organization_id, actor="pay-link"):
            link = open_link(token, ip=caller(request))
    except TooManyWrong as error:
        return after(_opens_nothing(request, error, status=429), error.retry_after_seconds)
    except RuleBroken as error:
        return _opens_nothing(request, error, status=404)
    open_in_session(request, link)
    return sealed(hx_redirect(request, reverse("portal:pay_link")))


def _opens_nothing(request: PortalRequest, error: RuleBroken, *, status: int) -> HttpResponse:
    title = _("This link opens nothing")
    return closed_page(request, title=title, sentence=sentence_for(error), status=status)


@require_http_methods(["GET", "POST"])
@for_link
def pay_link(request: LinkRequest) -> HttpResponse:
    """What the link pays, as the seller's books say now; POST begins the checkout."""
    if request.method == "GET":
        return _page(request, fresh=_freshen(request))
    name, mail = _text(request, "name", 150), _text(request, "mail", 254)
    errors = _wrong(name, mail)
    if errors:
        return _page(request, errors=errors, status=422)
    with reading():
        payable = [each.invoice.pk for each in _owed(request) if _is_payable(each, request)]
    try:
        baskets = new_baskets(
            account_ids=[request.account.id], user_id=None, invoice_ids=payable,
            guest=Guest(link_id=request.link.pk, name=name, mail=mail),
        )  # fmt: skip
    except RuleBroken as error:
        return _page(request, errors=[("", sentence_for(error))], status=409)
    step = "amounts" if request.link.parts else "method"
    return hx_redirect(request, reverse(f"portal:{step}", kwargs={"basket_id": baskets[0].pk}))


def _page(
    request: LinkRequest,
    *,
    fresh: bool = True,
    errors: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    with reading():
        owed = _owed(request)
    payable = [each for each in owed if _is_payable(each, request)]
    currency = owed[0].invoice.currency
    return page(
        request, "portal/links/pay.html", status=status,
        rows=[_row(each, request) for each in owed],
        total=total((each.free for each in payable), currency), payable=bool(payable),
        parts=request.link.parts, until=request.link.expires_at, fresh=fresh,
        freshness=request.account, errors=list(errors), name=_text(request, "name", 150),
        mail=_text(request, "mail", 254),
    )  # fmt: skip


def _row(owed: Owed, request: LinkRequest) -> dict[str, Any]:
    invoice = owed.invoice
    closed = invoice.erp_status != Invoice.ErpStatus.OPEN or not invoice.open_minor
    if closed:
        note = _("Nothing is open of it.")
    elif owed.free.minor <= 0:
        note = _("It is being paid at this moment.")
    elif hindrance(invoice, request.account) is not None:
        note = _("It cannot be paid here: ask the seller.")
    elif owed.in_flight_minor:
        note = _("A part of it is being paid at this moment.")
    else:
        note = ""
    status = "paid" if closed else "processing" if owed.free.minor <= 0 else "open"
    return {
        "number": invoice.number, "due": invoice.due_date, "amount": invoice.open_amount,
        "free": owed.free, "note": note, "status": status,
    }  # fmt: skip


def _owed(request: LinkRequest) -> list[Owed]:
    mine = PayLinkInvoice.objects.filter(link=request.link).values_list("invoice_id", flat=True)
    found = free_to_pay(list(mine)).values()
    return sorted(found, key=lambda each: (each.invoice.due_date, each.invoice.number))


def _is_payable(owed: Owed, request: LinkRequest) -> bool:
    is_open = owed.invoice.erp_status == Invoice.ErpStatus.OPEN
    return is_open and owed.free.minor > 0 and hindrance(owed.invoice, request.account) is None


def _freshen(request: LinkRequest) -> bool:
    """Ask the ERP, unless this link had it asked too often; say whether it answered."""
    if brake.seconds_to_wait("link", request.link.pk):
        return False
    with reading():
        erp_ids = [each.invoice.erp_id for each in _owed(request)]
    try:
        with widened():  # to write into the mirror is no act of the payer's own
            refresh_invoices(request.account.legal_entity_id, erp_ids, seconds=_ERP_SECONDS)
    except OutsideError:
        return False
    return True


def _wrong(name: str, mail: str) -> list[tuple[str, str]]:
    errors = [] if name else [("name", _("Write your name: it stands on the receipt."))]
    try:
        validate_email(mail)
    except ValidationError:
        errors.append(("mail", _("Write a mail address: the receipt goes there.")))
    return errors


def _text(request: LinkRequest, name: str, longest: int) -> str:
    text = request.POST.get(name, "")
    return " ".join(text.replace("\0", "").split())[:longest]
