"""An answer of the gateway that does not fit: ask it again, or say that it is all right."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.exceptions.acts import done, note_of, onward, refused
from quittance.core.errors import Misconfigured, OutsideError, RuleBroken
from quittance.identity.permissions import Permission
from quittance.payments import puzzles
from quittance.payments.models import GatewayAttempt
from quittance.tenancy.rows import reading


@require_POST
@for_staff(Permission.HANDLE)
def ask_again(request: StaffRequest, row_id: UUID) -> HttpResponse:
    """Ask the gateway now; what it says is written down as any answer is."""
    key = _key_of(row_id)
    try:
        fits = puzzles.ask_again(row_id)
    except RuleBroken:  # it left the queue meanwhile, which the list says
        return onward(request, key, "fits")
    except OutsideError as error:
        return refused(request, key, _words(error), way="ask_again")
    return onward(request, key, "fits" if fits else "puzzles_still", stay=not fits)


@require_POST
@for_staff(Permission.HANDLE)
def set_aside(request: StaffRequest, row_id: UUID) -> HttpResponse:
    """Take an answer without money off the list, with a note."""
    key, note = _key_of(row_id), note_of(request)
    return done(
        request, key, "set_aside", lambda: puzzles.set_aside(row_id, note=note), way="set_aside",
        note=note,
    )  # fmt: skip


def _key_of(row_id: UUID) -> str:
    with reading():
        if not GatewayAttempt.objects.filter(pk=row_id).exists():
            raise Http404
    return f"attempt:{row_id}"


def _words(error: OutsideError) -> str:
    if isinstance(error, Misconfigured):
        return _("The gateway cannot be reached with our credentials. Nothing was changed.")
    return _("The gateway gave no answer that helps: %(words)s. Nothing was changed.") % {
        "words": error
    }
