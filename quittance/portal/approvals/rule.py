"""The rule of an account's approvals, and who stands in: for who administers its team."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.approvals import rules as acts
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.permissions import BuyerPermission, buyer_may
from quittance.portal.access import Account, BuyerRequest, for_buyer
from quittance.portal.wallet.records import currencies_of
from quittance.receivables.people import MayNot
from quittance.receivables.team import team_of
from quittance.tenancy.rows import reading
from quittance.ui.amounts import format_for_input, read_amount
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for


@require_GET
@for_buyer(BuyerPermission.MANAGE_TEAM)
def approval_rule(request: BuyerRequest) -> HttpResponse:
    """The rule as it is, who decides, and who stands in."""
    return _page(request, request.account)


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
@needs_fresh
def set_rule(request: BuyerRequest) -> HttpResponse:
    """Set the rule of the account that the form was of."""
    account = _account(request)
    try:
        wish = _wish(request, account)
        acts.set_rule(account.id, wish, by=request.person.pk)
    except MayNot:
        raise  # said on a page of its own
    except RuleBroken as error:
        return _page(request, account, error=error)
    return _back(request, "set")


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
@needs_fresh
def drop_rule(request: BuyerRequest) -> HttpResponse:
    """Let nothing need an approval any more."""
    acts.drop_rule(_account(request).id, by=request.person.pk)
    return _back(request, "dropped")


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
@needs_fresh
def appoint_deputy(request: BuyerRequest) -> HttpResponse:
    """Let somebody decide in an approver's place on some days."""
    account, sent = _account(request), request.POST
    try:
        people = UUID(sent.get("approver", "")), UUID(sent.get("deputy", ""))
        days = date.fromisoformat(sent.get("first", "")), date.fromisoformat(sent.get("last", ""))
    except ValueError:
        return _page(request, account, error=acts.NotADeputy())
    try:
        acts.appoint(account.id, *people, days, by=request.person.pk)
    except MayNot:
        raise  # said on a page of its own
    except RuleBroken as error:
        return _page(request, account, error=error)
    return _back(request, "appointed")


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
@needs_fresh
def dismiss_deputy(request: BuyerRequest) -> HttpResponse:
    """Let a deputy decide no more."""
    account = _account(request)
    try:
        row_id = UUID(request.POST.get("deputy", ""))
    except ValueError:
        raise Http404 from None
    acts.dismiss(account.id, row_id, by=request.person.pk)
    return _back(request, "dismissed")


def _account(request: BuyerRequest) -> Account:
    """Return the account that the form was of; a stranger's is as if it were not there."""
    wanted = request.POST.get("account", "")
    found = next((each for each in request.accounts if str(each.id) == wanted), None)
    if found is None:
        raise Http404
    return found


def _wish(request: BuyerRequest, account: Account) -> acts.Wish:
    sent, locale = request.POST, locale_for(request)
    currency = sent.get("currency", "")
    with reading():
        if currency not in currencies_of(account.id, account.legal_entity_id):
            raise acts.NoAmount
    people = {str(each.user_id) for each in team_of(account.id)}
    return acts.Wish(
        currency=currency, above=_amount(sent.get("above", ""), currency, locale),
        month=_amount(sent.get("month", ""), currency, locale),
        approvers=[UUID(each) for each in sent.getlist("approver") if each in people],
    )  # fmt: skip


def _amount(text: str, currency: str, locale: str) -> Money | None:
    return read_amount(text, currency, locale) if text.strip() else None


def _page(
    request: BuyerRequest, account: Account, *, error: RuleBroken | None = None
) -> HttpResponse:
    done = {
        "set": _("The rule counts from the next click on."),
        "dropped": _("Nothing needs an approval any more."),
        "appointed": _("The deputy is in the list."),
        "dismissed": _("The deputy decides no more."),
    }
    with reading():
        rule = acts.rules_of([account.id]).get(account.id)
        currencies = currencies_of(account.id, account.legal_entity_id)
    locale, team = locale_for(request), team_of(account.id)
    able = [each for each in team if BuyerPermission.APPROVE in buyer_may(each.role)]
    typed = {
        "above": format_for_input(rule.above, locale) if rule and rule.above else "",
        "month": format_for_input(rule.month, locale) if rule and rule.month else "",
        "currency": rule.currency if rule else currencies[0],
    }  # fmt: skip
    typed |= {key: request.POST[key][:30] for key in typed if key in request.POST}
    return page(
        request, "portal/approvals/rule.html", status=422 if error else 200, nav="", of=account,
        rule=rule, able=able, team=team, chosen=set(rule.approvers) if rule else set(),
        deputies=acts.deputies_of(account.id), currencies=currencies, typed=typed,
        day=clock.today(account.zone).isoformat(),
        done=done.get(request.GET.get("done", ""), ""),
        errors=[("", sentence_for(error))] if error else [], accounts=request.accounts,
        account=request.account,
    )  # fmt: skip


def _back(request: BuyerRequest, done: str) -> HttpResponse:
    return hx_redirect(request, f"{reverse('portal:approval_rule')}?done={done}")
