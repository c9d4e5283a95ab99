"""One of the seller's own people: their role, and whether they are let in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.identity.browsers import alive
from quittance.identity.models import User
from quittance.identity.permissions import STAFF_TABLE, Permission
from quittance.identity.staff import (
    NotOfTheStaff,
    change_staff_role,
    switch_off,
    switch_on,
)
from quittance.notifications.messages import enqueue_message
from quittance.sso.people import vouching_for
from quittance.sso.told import shut_out_by
from quittance.tenancy.rows import reading, writing
from quittance.ui.fresh import needs_fresh
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for


class ByGroups(RuleBroken):
    """The role of this person comes from groups at the identity provider: change it there."""


class OutByGroups(RuleBroken):
    """No group of this person has a role at the identity provider: let one have it there."""


class OutByDirectory(RuleBroken):
    """The company's directory ended this person's access: have it let them in again there."""


_DONE: Final = {
    "role": "The role has changed. Every browser of this person was signed out, and they are told.",
    "off": "This person is let in no more. Every browser was signed out, and they are told.",
    "on": "This person is let in again, with the role from before, and is told.",
}


@require_GET
@for_staff(Permission.MANAGE_STAFF)
def colleague(request: StaffRequest, user_id: UUID) -> HttpResponse:
    """What one of the staff may do, and what can be changed about it."""
    return _page(request, user_id)


@require_POST
@for_staff(Permission.MANAGE_STAFF)
@needs_fresh
def change_colleague(request: StaffRequest, user_id: UUID) -> HttpResponse:
    """Give another role; it counts at once, and every browser is signed out."""
    role = request.POST.get("staff_role", "")

    def act() -> User | None:
        _check_groups(user_id, ByGroups)
        return change_staff_role(user_id, role, by=request.person)

    return _do(request, user_id, act, "role")


@require_POST
@for_staff(Permission.MANAGE_STAFF)
@needs_fresh
def switch_colleague_off(request: StaffRequest, user_id: UUID) -> HttpResponse:
    """Let somebody in no more, whatever groups say."""
    return _do(request, user_id, lambda: switch_off(user_id, by=request.person), "off")


@require_POST
@for_staff(Permission.MANAGE_STAFF)
@needs_fresh
def switch_colleague_on(request: StaffRequest, user_id: UUID) -> HttpResponse:
    """Let somebody in again."""

    def act() -> User | None:
        _check_groups(user_id, OutByGroups)
        if shut_out_by(User(pk=user_id)):
            raise OutByDirectory
        return switch_on(user_id, by=request.person)

    return _do(request, user_id, act, "on")


def _check_groups(user_id: UUID, error: type[RuleBroken]) -> None:
    """Refuse what the identity provider decides. Raises ``error``."""
    vouched = vouching_for(User(pk=user_id))
    if vouched and (error is ByGroups or vouched[1]):
        raise error


def _do(
    request: StaffRequest, user_id: UUID, act: Callable[[], User | None], done: str
) -> HttpResponse:
    try:
        with writing():
            person = act()
            if person is not None:
                enqueue_message(
                    key=f"staff_access:{new_id()}", kind="staff_access", to=person.email,
                    facts={"what": done, "role": person.get_staff_role_display()},
                )  # fmt: skip
    except NotOfTheStaff:
        raise Http404 from None
    except RuleBroken as error:
        return _page(request, user_id, error=error)
    here = reverse("backoffice:colleague", kwargs={"user_id": user_id})
    return HttpResponseRedirect(f"{here}?done={done}")


def _page(request: StaffRequest, user_id: UUID, *, error: RuleBroken | None = None) -> HttpResponse:
    with reading():
        found = User.objects.exclude(staff_role="").filter(pk=user_id).first()
        if found is None:
            raise Http404
        vouched, directory = vouching_for(found), shut_out_by(found)
        browsers = alive(user=found).count() if found.is_active else 0
    context: dict[str, Any] = {
        "colleague": found, "is_me": found.pk == request.person.pk, "browsers": browsers,
        "provider": vouched[0] if vouched else None, "left": bool(vouched and vouched[1]),
        "directory": directory,
        "roles": list(STAFF_TABLE), "done": _DONE.get(request.GET.get("done", ""), ""),
    }  # fmt: skip
    return page(
        request, "backoffice/team/colleague.html", status=409 if error else 200, nav="people",
        errors=[("", sentence_for(error))] if error else [], **context, **request.frame,
    )  # fmt: skip
