"""One page: of each set of books, how many invoices are whole, and what the others lack."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.connections.views import the_erp
from quittance.connections.models import ErpConnection
from quittance.einvoices.jobs import ask_for_look
from quittance.einvoices.missing import missing_of
from quittance.identity.permissions import Permission, may
from quittance.tenancy.rows import reading
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page


@require_GET
@for_staff(Permission.SEE_BOOKS)
def e_invoices(request: StaffRequest) -> HttpResponse:
    """What the newest looks came to."""
    with reading():
        rows = ErpConnection.objects.select_related("legal_entity").order_by("legal_entity__name")
        books = [(each.legal_entity, missing_of(each.legal_entity_id)) for each in rows]
    asked = request.GET.get("done") == "asked"
    return page(
        request, "backoffice/einvoices/list.html", nav="connections", books=books,
        may_ask=may(request.person, Permission.CONNECT),
        done=_("The newest invoices are being looked at. Load this page again in a minute.")
        if asked else "",
        **request.frame,
    )  # fmt: skip


@require_POST
@for_staff(Permission.CONNECT)
def look(request: StaffRequest, legal_entity_id: UUID) -> HttpResponse:
    """Have the newest invoices of one set of books looked at now."""
    ask_for_look(the_erp(legal_entity_id).legal_entity_id)
    return hx_redirect(request, f"{reverse('backoffice:e_invoices')}?done=asked")
