"""The list of pay links, a new one, and the end of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.identity.permissions import Permission, may
from quittance.paylinks.making import GOOD_FOR, LONGEST, MOST, make_link, revoke
from quittance.paylinks.models import PayLink
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.address import portal_address
from quittance.tenancy.rows import reading
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_LISTED = 100


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def links(request: StaffRequest) -> HttpResponse:
    """The newest links: what for, to whom, whether they open."""
    with reading():
        rows = PayLink.objects.select_related("customer_account", "made_by")
        found = list(rows.prefetch_related("invoices__invoice").order_by("-created_at")[:_LISTED])
    now = clock.now()
    done = {"revoked": _("The link opens nothing any more.")}
    return page(
        request, "backoffice/links/list.html", nav="links",
        rows=[(each, _state(each, now)) for each in found],
        may_make=may(request.person, Permission.HANDLE),
        done=done.get(request.GET.get("done", ""), ""), **request.frame,
    )  # fmt: skip


@require_GET
@for_staff(Permission.HANDLE)
def new_link(request: StaffRequest) -> HttpResponse:
    """Choose a customer, then invoices of theirs."""
    return _form(request)


@require_POST
@for_staff(Permission.HANDLE)
def keep_link(request: StaffRequest) -> HttpResponse:
    """Make the link, and show its address this once."""
    sent = request.POST
    try:
        ids, key = [UUID(each) for each in sent.getlist("invoice")], UUID(sent.get("key", ""))
    except ValueError:
        raise Http404 from None
    days = sent.get("days", "")
    # Of the host that was chosen for mails, not of the one that was asked under.
    site = portal_address(request.organization_id)
    try:
        made = make_link(
            ids, by=request.person, key=key, parts="parts" in sent,
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0,
            send_to=sent.get("send_to", "").strip()[:254],
            address_of=lambda token: _address(site, token),
        )  # fmt: skip
    except RuleBroken as error:
        return _form(request, errors=[("", sentence_for(error))], status=422)
    return page(
        request, "backoffice/links/made.html", nav="links", link=made.link,
        address=_address(site, made.token), **request.frame,
    )  # fmt: skip


@require_POST
@for_staff(Permission.HANDLE)
def revoke_link(request: StaffRequest, link_id: UUID) -> HttpResponse:
    """End a link; who has it open pays nothing more by it."""
    if not revoke(link_id):
        raise Http404
    return hx_redirect(request, f"{reverse('backoffice:links')}?done=revoked")


def _form(
    request: StaffRequest, *, errors: Sequence[tuple[str, str]] = (), status: int = 200
) -> HttpResponse:
    sent: Any = request.POST or request.GET
    number = sent.get("customer", "").replace("\0", "").strip()[:40]
    with reading():
        customer = CustomerAccount.objects.filter(number=number).first() if number else None
        open_ = Invoice.objects.filter(
            customer_account=customer, erp_status="open", open_minor__gt=0, gone_at=None
        )
        rows = list(open_.order_by("due_date", "number")[:MOST]) if customer else []
    return page(
        request, "backoffice/links/new.html", status=status, nav="links", number=number,
        customer=customer, rows=rows, codes=len({each.currency for each in rows}) > 1,
        chosen=set(sent.getlist("invoice")), key=new_id(), longest=LONGEST,
        days=sent.get("days", str(GOOD_FOR))[:3], parts="parts" in sent,
        send_to=sent.get("send_to", customer.email if customer else "")[:254],
        errors=list(errors), **request.frame,
    )  # fmt: skip


def _state(link: PayLink, now: Any) -> tuple[str, str, str]:
    """Return word, icon and tone of where a link is."""
    invoices = [each.invoice for each in link.invoices.all()]
    if link.revoked_at is not None:
        return _("Revoked"), "circle-x", "quiet"
    if all(not each.open_minor for each in invoices):
        return _("Paid"), "circle-check", "good"
    if not link.is_good(now):
        return _("Expired"), "clock", "quiet"
    return (_("Opened"), "eye", "info") if link.opened_at else (_("Not opened yet"), "link", "info")


def _address(site: str, token: str) -> str:
    return site + reverse("portal:open_link", kwargs={"token": token})
