"""Lets postings go on that were stopped because something happened to the ERP's books."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.exceptions.acts import done, note_of
from quittance.identity.permissions import Permission
from quittance.payments.repair import release_postings
from quittance.posting.models import PostingGate
from quittance.tenancy.rows import reading


@require_POST
@for_staff(Permission.HANDLE)
def release(request: StaffRequest, legal_entity_id: UUID) -> HttpResponse:
    """Let the postings of a legal entity go on, with a note of what was found out."""
    note = note_of(request)
    with reading():
        gate = PostingGate.objects.filter(legal_entity_id=legal_entity_id).first()
    if gate is None:
        raise Http404
    return done(
        request, f"gate:{gate.pk}", "released",
        lambda: release_postings(legal_entity_id, note=note), way="release", note=note,
    )  # fmt: skip
