"""Invites a colleague to act for the account; sends an invitation again, or takes it back."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.identity.permissions import BuyerPermission, BuyerRole
from quittance.identity.role_words import ROLES
from quittance.invitations import inviting as acts
from quittance.invitations.models import InvitedRole, State
from quittance.portal.access import Account, BuyerRequest, for_buyer
from quittance.portal.team.limits import typed_limit
from quittance.portal.wallet.records import currencies_of
from quittance.receivables.people import MayNot
from quittance.receivables.team import NoLimit
from quittance.tenancy.address import portal_address
from quittance.tenancy.rows import reading
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for


@require_GET
@for_buyer(BuyerPermission.MANAGE_TEAM)
def new_invitation(request: BuyerRequest) -> HttpResponse:
    """Whom to invite, and as what."""
    return _form(request, request.account)


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
@needs_fresh
def send_invitation(request: BuyerRequest) -> HttpResponse:
    """Mail the invitation for the account that the form was of, once for the form's key."""
    sent = request.POST
    account = next((each for each in request.accounts if str(each.id) == sent.get("account")), None)
    try:
        key = UUID(sent.get("key", ""))
    except ValueError:
        raise Http404 from None
    if account is None:
        raise Http404
    role = sent.get("role", "")
    letter = acts.Letter(
        email=sent.get("email", ""), name=sent.get("name", ""), language=request.reader.language,
        address_of=address_of(request),
    )  # fmt: skip
    try:
        limit = typed_limit(request, account) if role == BuyerRole.PAY_WITHIN else None
        place = acts.Place(account.id, role, limit)
        acts.invite(letter, by=request.person, key=key, places=[place])
    except MayNot:
        raise  # said on a page of its own
    except acts.SentAlready:
        pass
    except RuleBroken as error:
        return _form(request, account, error=error)
    return hx_redirect(request, f"{reverse('portal:team')}?done=invited")


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
def invite_again(request: BuyerRequest, invitation_id: UUID) -> HttpResponse:
    """Mail a new link; the one before opens nothing any more."""
    _own(request, invitation_id)
    try:
        acts.send_again(invitation_id, by=request.person, address_of=address_of(request))
    except (acts.Answered, acts.SentTooOften) as error:
        return _form(request, request.account, error=error)
    return hx_redirect(request, f"{reverse('portal:team')}?done=again")


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
def withdraw_invitation(request: BuyerRequest, invitation_id: UUID) -> HttpResponse:
    """Take it back: its link opens nothing any more."""
    _own(request, invitation_id)
    try:
        acts.withdraw(invitation_id, by=request.person)
    except acts.Answered as error:
        return _form(request, request.account, error=error)
    return hx_redirect(request, f"{reverse('portal:team')}?done=withdrawn")


def waiting(request: BuyerRequest) -> list[tuple[InvitedRole, bool, bool]]:
    """Return what waits for an answer for the account that is chosen.

    With each: whether it has expired, and whether it is theirs to send again and to take back,
    because they administer every account that it is for.
    """
    now = clock.now()
    own = {each.id for each in request.accounts if BuyerPermission.MANAGE_TEAM in each.may}
    return [
        (
            each,
            each.invitation.state(now) == State.EXPIRED,
            {one.customer_account_id for one in each.invitation.roles.all()} <= own,
        )
        for each in acts.waiting_of(request.account.id)
    ]


def address_of(request: BuyerRequest) -> acts.AddressOf:
    """Return what makes a link of a token: of the host that was chosen for mails."""
    site = portal_address(request.organization_id)
    return lambda token: site + reverse("portal:invited", kwargs={"token": token})


def _own(request: BuyerRequest, invitation_id: UUID) -> None:
    """A stranger's gets the same 404 as a missing one; of one's own the act asks for the role."""
    found = acts.accounts_of(invitation_id)
    if not found or not found <= {each.id for each in request.accounts}:
        raise Http404


def _form(
    request: BuyerRequest, account: Account, *, error: RuleBroken | None = None
) -> HttpResponse:
    with reading():
        currencies = currencies_of(account.id, account.legal_entity_id)
    fields = {
        acts.NoAddress: "email", acts.InvitedAlready: "email", acts.InTeamAlready: "email",
        acts.NoPlace: "role", NoLimit: "limit",
    }  # fmt: skip
    typed = {name: request.POST.get(name, "")[:254] for name in ("email", "name", "limit")}
    return page(
        request, "portal/team/invite.html", status=422 if error else 200, nav="", of=account,
        words=[(str(role), _(ROLES[role])) for role in BuyerRole.values], currencies=currencies,
        key=new_id(), typed=typed, role=request.POST.get("role", BuyerRole.PAY),
        currency=request.POST.get("currency", ""), accounts=request.accounts,
        errors=[(fields.get(type(error), ""), sentence_for(error))] if error else [],
        account=request.account,
    )  # fmt: skip
