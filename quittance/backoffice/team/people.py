"""The seller's own people, and whom they invited: customers' people and new colleagues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.arrivals.models import JoinRequest
from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.team.places import typed_places
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.identity.models import User
from quittance.identity.permissions import STAFF_TABLE, BuyerRole, Permission, may
from quittance.identity.role_words import ROLES
from quittance.invitations import inviting as acts
from quittance.invitations.models import Invitation, State
from quittance.tenancy.address import portal_address
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading
from quittance.ui.fresh import needs_fresh
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_LISTED: Final = 100
_PLACES: Final = 3  # customer accounts in one form
_STATES: Final = {
    State.SENT: ("Sent", "send", "info"),
    State.EXPIRED: ("Expired", "clock", "warn"),
    State.ACCEPTED: ("Accepted", "circle-check", "good"),
    State.WITHDRAWN: ("Taken back", "circle-x", "quiet"),
}


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def people(request: StaffRequest) -> HttpResponse:
    """Who works here, and the newest invitations with what became of each."""
    with reading():
        staff = list(User.objects.exclude(staff_role="").order_by("-is_active", "name", "pk"))
        rows = Invitation.objects.select_related("invited_by").order_by("-created_at", "-pk")
        found = list(rows.prefetch_related("roles__customer_account")[:_LISTED])
        asking = JoinRequest.objects.filter(status=JoinRequest.Status.ASKED).count()
    now = clock.now()
    done = {
        "sent": _("The invitation is on its way."),
        "again": _("It is on its way again. The link before opens nothing any more."),
        "withdrawn": _("The invitation was taken back."),
    }
    return page(
        request, "backoffice/team/people.html", nav="people", staff=staff,
        rows=[_row(request, each, each.state(now)) for each in found],
        asking=asking,
        may_invite=may(request.person, Permission.INVITE),
        may_manage=may(request.person, Permission.MANAGE_STAFF),
        may_tell=may(request.person, Permission.PEOPLES_DATA),
        may_rule=may(request.person, Permission.SIGN_IN_POLICY),
        done=done.get(request.GET.get("done", ""), ""), **request.frame,
    )  # fmt: skip


@require_GET
@for_staff(Permission.INVITE)
def new_invitation(request: StaffRequest) -> HttpResponse:
    """Whom to invite; ``for`` says whether it is one of the own people."""
    return _form(request)


@require_POST
@for_staff(Permission.INVITE)
@needs_fresh
def send_invitation(request: StaffRequest) -> HttpResponse:
    """Mail the invitation, once for the form's key."""
    sent = request.POST
    try:
        key = UUID(sent.get("key", ""))
    except ValueError:
        raise Http404 from None
    letter = acts.Letter(
        email=sent.get("email", ""), name=sent.get("name", ""), address_of=_address_of(request)
    )
    try:
        if _for_staff(request):
            role = sent.get("staff_role", "")
            acts.invite(letter, by=request.person, key=key, staff_role=role)
        else:
            acts.invite(letter, by=request.person, key=key, places=typed_places(sent))
    except acts.SentAlready:
        pass
    except RuleBroken as error:
        return _form(request, errors=[("", sentence_for(error))], status=422)
    return _to_list("sent")


@require_POST
@for_staff(Permission.INVITE)
def invite_again(request: StaffRequest, invitation_id: UUID) -> HttpResponse:
    """Mail a new link; the one before opens nothing any more."""
    _own(request, invitation_id)
    try:
        acts.send_again(invitation_id, by=request.person, address_of=_address_of(request))
    except RuleBroken as error:
        return _form(request, errors=[("", sentence_for(error))], status=409)
    return _to_list("again")


@require_POST
@for_staff(Permission.INVITE)
def withdraw_invitation(request: StaffRequest, invitation_id: UUID) -> HttpResponse:
    """Take it back: its link opens nothing any more."""
    _own(request, invitation_id)
    try:
        acts.withdraw(invitation_id, by=request.person)
    except RuleBroken as error:
        return _form(request, errors=[("", sentence_for(error))], status=409)
    return _to_list("withdrawn")


def _row(request: StaffRequest, each: Invitation, state: State) -> dict[str, Any]:
    needed = Permission.MANAGE_STAFF if each.staff_role else Permission.INVITE
    as_what = [(one.customer_account, ROLES[BuyerRole(one.role)]) for one in each.roles.all()]
    return {
        "invitation": each, "state": _STATES[state], "roles": as_what,
        "acts": state in {State.SENT, State.EXPIRED} and may(request.person, needed),
    }  # fmt: skip


def _form(
    request: StaffRequest, *, errors: Sequence[tuple[str, str]] = (), status: int = 200
) -> HttpResponse:
    sent, own = request.POST, _for_staff(request)
    names = ("customer", "company", "role", "limit")
    rows = [[*sent.getlist(name), "", "", ""][:_PLACES] for name in names]
    with reading():
        companies = list(LegalEntity.objects.order_by("name", "pk"))
    return page(
        request, "backoffice/team/invite.html", status=status, nav="people", for_staff=own,
        key=new_id(), email=sent.get("email", "")[:254], name=sent.get("name", "")[:150],
        places=list(zip(*rows, strict=True)), companies=companies, staff_roles=list(STAFF_TABLE),
        staff_role=sent.get("staff_role", ""), errors=list(errors),
        buyer_roles=[(str(role), ROLES[role]) for role in BuyerRole.values], **request.frame,
    )  # fmt: skip


def _for_staff(request: StaffRequest) -> bool:
    """Whether it is about one of the own people; who may not invite those sees no such page."""
    own = (request.POST.get("for") or request.GET.get("for")) == "staff"
    if own and not may(request.person, Permission.MANAGE_STAFF):
        raise Http404
    return own


def _own(request: StaffRequest, invitation_id: UUID) -> None:
    with reading():
        found = Invitation.objects.filter(pk=invitation_id).first()
    if found is None:
        raise Http404
    if found.staff_role and not may(request.person, Permission.MANAGE_STAFF):
        raise Http404


def _address_of(request: StaffRequest) -> acts.AddressOf:
    # Of the host that was chosen for mails, not of the one that was asked under.
    site = portal_address(request.organization_id)
    return lambda token: site + reverse("portal:invited", kwargs={"token": token})


def _to_list(done: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('backoffice:people')}?done={done}")
