"""What the AR team does about a posting: each act is a form of its own."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.exceptions.acts import done
from quittance.identity.permissions import Permission
from quittance.payments.repair import retry_posting
from quittance.posting.models import ErpPosting
from quittance.posting.queue import settle_remark
from quittance.tenancy.rows import reading


@require_POST
@for_staff(Permission.RETRY_POSTINGS)
def retry(request: StaffRequest, posting_id: UUID) -> HttpResponse:
    """Put a rejected posting in line again; the next run looks before it posts."""
    key = _key(posting_id)
    return done(request, key, "retried", lambda: retry_posting(posting_id), way="retry")


@require_POST
@for_staff(Permission.RETRY_POSTINGS)
def settle(request: StaffRequest, posting_id: UUID) -> HttpResponse:
    """Take a remark off the list: somebody has seen to it in the ERP."""
    key = _key(posting_id)
    return done(request, key, "settled", lambda: settle_remark(posting_id), way="settle")


def _key(posting_id: UUID) -> str:
    """Return the posting's key in the queue. A posting that is not there is a 404."""
    with reading():
        if not ErpPosting.objects.filter(pk=posting_id).exists():
            raise Http404
    return f"posting:{posting_id}"
