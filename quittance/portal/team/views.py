"""Who acts for a customer account: the list, one person's role, and what each role may do."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.arrivals.deciding import waiting_at
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import BuyerPermission, BuyerRole
from quittance.identity.role_words import ROLES, buyers_matrix
from quittance.portal.access import Account, BuyerRequest, account_of, for_buyer
from quittance.portal.team.inviting import waiting
from quittance.portal.team.left_behind import left_behind
from quittance.portal.team.limits import typed_limit
from quittance.portal.wallet.records import currencies_of
from quittance.receivables import team as acts
from quittance.receivables.models import Contact, FormerContact
from quittance.receivables.people import MayNot
from quittance.receivables.team import Member, team_of
from quittance.tenancy.rows import reading
from quittance.ui.amounts import format_for_input
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for


@require_GET
@for_buyer(BuyerPermission.SELF)
def roles(request: BuyerRequest) -> HttpResponse:
    """Show the table of roles as the code has it; one's own is marked."""
    return page(
        request, "portal/team/roles.html", nav="", matrix=buyers_matrix(),
        mine=request.account.role, limit=request.account.limit, accounts=request.accounts,
        account=request.account,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.MANAGE_TEAM)
def team(request: BuyerRequest) -> HttpResponse:
    """Everybody who acts for the account that is chosen."""
    done = {
        "changed": _("The role was changed. It counts from their next click on."),
        "removed": _("The person acts for this account no more and was signed out everywhere."),
        "let_in": _("The person sees this account again. Give another role if it takes more."),
        "invited": _("The invitation is on its way."),
        "again": _("The invitation is on its way again. The link before opens nothing any more."),
        "withdrawn": _("The invitation was taken back."),
        "joined": _("The person was let in and is told by mail."),
        "refused": _("The person was refused and is told why by mail."),
    }
    return team_page(request, done=done.get(request.GET.get("done", ""), ""))


@require_GET
@for_buyer(BuyerPermission.MANAGE_TEAM)
def member(request: BuyerRequest, contact_id: UUID) -> HttpResponse:
    """One person: their role, their limit, and the way to remove them."""
    return _member(request, contact_id)


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
@needs_fresh
def change_member(request: BuyerRequest, contact_id: UUID) -> HttpResponse:
    """Give this person another role or limit."""
    account = _account(request, contact_id)
    role, sent = request.POST.get("role", ""), request.POST
    try:
        limit = typed_limit(request, account) if role == BuyerRole.PAY_WITHIN else None
    except RuleBroken as error:
        return _member(request, contact_id, error=error, field="limit", typed=sent.dict())
    try:
        acts.change_role(account.id, contact_id, role, limit=limit, by=request.person.pk)
    except MayNot:
        raise  # said on a page of its own
    except RuleBroken as error:
        field = "limit" if isinstance(error, acts.NoLimit) else ""
        return _member(request, contact_id, error=error, field=field, typed=sent.dict())
    return _back(request, account, "changed")


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
@needs_fresh
def remove_member(request: BuyerRequest, contact_id: UUID) -> HttpResponse:
    """Let this person act for the account no more."""
    account = _account(request, contact_id)
    try:
        acts.remove(account.id, contact_id, by=request.person.pk)
    except MayNot:
        raise  # said on a page of its own
    except RuleBroken as error:
        return _member(request, contact_id, error=error)
    return _back(request, account, "removed")


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
@needs_fresh
def let_in_again(request: BuyerRequest, former_id: UUID) -> HttpResponse:
    """Let a person whom the team removed see the account again."""
    with reading():
        row = FormerContact.objects.filter(pk=former_id).first()
    if row is None:
        raise Http404
    account = account_of(request, row.customer_account_id)
    try:
        acts.let_in_again(account.id, former_id, by=request.person.pk)
    except MayNot:
        raise  # said on a page of its own
    except RuleBroken as error:
        return team_page(request, error=error)
    return _back(request, account, "let_in")


def team_page(
    request: BuyerRequest, *, done: str = "", error: RuleBroken | None = None, status: int = 409
) -> HttpResponse:
    """Return the page of the team, with what was done or what is wrong."""
    account = request.account
    return page(
        request, "portal/team/team.html", status=status if error else 200, nav="",
        team=team_of(account.id), removed=acts.removed_from(account.id), invited=waiting(request),
        asking=waiting_at(account.id),
        left=left_behind(account), words=_words(), done=done,
        errors=[("", sentence_for(error))] if error else [], accounts=request.accounts,
        account=account,
    )  # fmt: skip


def _account(request: BuyerRequest, contact_id: UUID) -> Account:
    """Return the account that the row is of. A stranger's gets the same 404 as a missing one."""
    with reading():
        row = Contact.objects.filter(pk=contact_id).first()
    if row is None:
        raise Http404
    return account_of(request, row.customer_account_id)


def _member(
    request: BuyerRequest,
    contact_id: UUID,
    *,
    error: RuleBroken | None = None,
    field: str = "",
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    account = _account(request, contact_id)
    found = next((each for each in team_of(account.id) if each.contact_id == contact_id), None)
    if found is None:
        raise Http404
    with reading():
        currencies = currencies_of(account.id, account.legal_entity_id)
    return page(
        request, "portal/team/member.html", status=422 if error else 200, nav="", member=found,
        words=_words(), currencies=currencies, of=account,
        typed={**_shown(found, locale_for(request)), **(typed or {})},
        errors=[(field, sentence_for(error))] if error else [], accounts=request.accounts,
        account=request.account,
    )  # fmt: skip


def _shown(found: Member, locale: str) -> dict[str, str]:
    limit = found.limit
    return {
        "role": found.role,
        "limit": format_for_input(limit, locale) if limit else "",
        "currency": limit.currency if limit else "",
    }


def _words() -> list[tuple[str, str]]:
    return [(str(role), _(ROLES[role])) for role in BuyerRole.values]


def _back(request: BuyerRequest, account: Account, done: str) -> HttpResponse:
    """Lead to the team; who took their own role away sees only the overview."""
    with reading():
        own = Contact.objects.filter(user_id=request.person.pk, customer_account_id=account.id)
        still = own.filter(role=BuyerRole.ADMINISTER).exists()
    if still and account.id == request.account.id:
        return hx_redirect(request, f"{reverse('portal:team')}?done={done}")
    return hx_redirect(request, reverse("portal:home"))
