"""Opens the receipt of who paid by a link, out of its mail."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quittance.notifications.receipts import read_receipt
from quittance.portal.access import PortalRequest, public
from quittance.portal.payer import closed_page, looked_at
from quittance.portal.payments.views import paper_of
from quittance.tenancy.scope import working_for


@require_safe
@public
def guest_receipt(request: PortalRequest, token: str) -> HttpResponseBase:
    """The receipt as a PDF, and nothing else: the address opens no session and no page."""
    with working_for(request.organization_id, actor="receipt-link"):
        payment_id = read_receipt(token)
    paper = looked_at(request, paper_of, payment_id=payment_id) if payment_id else None
    return paper or closed_page(
        request, title=_("This link has ended"), status=404,
        sentence=_(
            "A receipt can be opened for some days from its mail. The mail itself says what was"
            " paid; ask the seller for another copy."
        ),
    )  # fmt: skip
