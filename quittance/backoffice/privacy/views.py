"""Everything that is kept of one person, and how to erase them; for administrators."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.identity.permissions import Permission
from quittance.identity.sign_in import normal
from quittance.privacy.asking import ask_for_person, content_for, file_for
from quittance.privacy.duties import duties_of
from quittance.privacy.erasing import erase, would_be_erased
from quittance.tenancy.rows import reading
from quittance.ui.files import zip_answer
from quittance.ui.fresh import needs_fresh
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_NAMED: Final = Permission.PEOPLES_DATA


class NoSuchPerson(RuleBroken):
    """Nobody with a sign-in has this address. Look whether it is spelled right."""


class OtherAddress(RuleBroken):
    """Type the person's address as it stands above. Nothing was erased."""


@require_GET
@for_staff(_NAMED)
def find_person(request: StaffRequest) -> HttpResponse:
    """Find somebody, of the own people or of a customer's, by their address."""
    typed = request.GET.get("email", "").strip()[:254]
    with reading():
        found = User.objects.filter(email=normal(typed)).first() if typed else None
    if found:
        return HttpResponseRedirect(_address(found.pk))
    errors = [("email", sentence_for(NoSuchPerson()))] if typed else []
    return page(
        request, "backoffice/privacy/find.html", status=422 if errors else 200, nav="people",
        typed=typed, errors=errors, **request.frame,
    )  # fmt: skip


@require_GET
@for_staff(_NAMED)
def kept_of_person(request: StaffRequest, user_id: UUID) -> HttpResponse:
    """In which places the person is named, and what keeps them from being erased."""
    return _page(request, user_id)


@require_POST
@for_staff(_NAMED)
@needs_fresh
def ask_about_person(request: StaffRequest, user_id: UUID) -> HttpResponse:
    """Have everything written into a file."""
    ask_for_person(_person(user_id), by=request.person)
    return HttpResponseRedirect(_address(user_id))


@require_GET
@for_staff(_NAMED)
@needs_fresh
def take_person_file(request: StaffRequest, person_file_id: UUID) -> HttpResponseBase:
    """The file itself, for who asked for it."""
    found = content_for(request.person, person_file_id)
    if found is None:
        raise Http404
    return zip_answer(found, name=f"person-{str(person_file_id)[-12:]}")


@require_POST
@for_staff(_NAMED)
@needs_fresh
def erase_person(request: StaffRequest, user_id: UUID) -> HttpResponse:
    """Erase the person whose address was typed, if nobody waits for them."""
    try:
        if normal(request.POST.get("email", "")) != _person(user_id).email:
            raise OtherAddress
        erase(user_id, by=request.person)
    except RuleBroken as error:
        return _page(request, user_id, error=error)
    return HttpResponseRedirect(f"{_address(user_id)}?done=erased")


def _page(request: StaffRequest, user_id: UUID, *, error: RuleBroken | None = None) -> HttpResponse:
    found = _person(user_id)
    with reading():
        duties = duties_of(found)
    context: dict[str, Any] = {
        "found": found, "is_me": found.pk == request.person.pk, "duties": duties,
        "places": would_be_erased(found), "file": file_for(request.person, about=found),
        "done": _("This person is erased.") if request.GET.get("done") == "erased" else "",
    }  # fmt: skip
    return page(
        request, "backoffice/privacy/person.html", status=409 if error else 200, nav="people",
        errors=[("", sentence_for(error))] if error else [], **context, **request.frame,
    )  # fmt: skip


def _person(user_id: UUID) -> User:
    with reading():
        found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise Http404
    return found


def _address(user_id: UUID) -> str:
    return reverse("backoffice:kept_of_person", kwargs={"user_id": user_id})
