"""Whether people may register themselves, what they must know, and what comes of it."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.arrivals.models import ArrivalRules
from quittance.arrivals.rules import NoChoice, Rules, keep_rules, rules_of
from quittance.backoffice.access import StaffRequest, for_staff
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import BuyerRole, Permission
from quittance.tenancy.rows import reading
from quittance.ui.fresh import needs_fresh
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_DIGITS: Final = 3
AtOnce = ArrivalRules.AtOnce


@require_GET
@for_staff(Permission.SIGN_IN_POLICY)
def self_registration(request: StaffRequest) -> HttpResponse:
    """What holds now, to be changed."""
    return _page(request)


@require_POST
@for_staff(Permission.SIGN_IN_POLICY)
@needs_fresh
def keep_self_registration(request: StaffRequest) -> HttpResponse:
    """Have it hold for whoever asks from now on."""
    try:
        keep_rules(_typed(request))
    except RuleBroken as error:
        return _page(request, error=error)
    return HttpResponseRedirect(f"{reverse('backoffice:self_registration')}?done=kept")


def _typed(request: StaffRequest) -> Rules:
    sent = request.POST
    invoices, days = (sent.get(name, "").strip() for name in ("invoices", "recent_days"))
    if not all(each.isdecimal() and len(each) <= _DIGITS for each in (invoices, days)):
        raise NoChoice
    return Rules(
        is_open=sent.get("is_open") == "on", at_once=sent.get("at_once", ""),
        role=sent.get("role", ""), invoices=int(invoices), recent_days=int(days),
    )  # fmt: skip


def _page(request: StaffRequest, *, error: RuleBroken | None = None) -> HttpResponse:
    with reading():
        kept = rules_of()
    shown: dict[str, Any] = kept._asdict() | {"is_open": "on" if kept.is_open else "off"}
    if error:
        shown |= {name: request.POST.get(name, "")[:20] for name in shown}
    return page(
        request, "backoffice/newcomers/rules.html", status=422 if error else 200, nav="people",
        typed={name: str(value) for name, value in shown.items()},
        errors=[("", sentence_for(error))] if error else [],
        at_once=[
            (AtOnce.NOBODY, _("Nobody: everybody waits for a yes")),
            (AtOnce.KNOWN, _("Whose address the ERP has for the customer; others wait")),
            (AtOnce.ANYBODY, _("Everybody who knows the facts: whoever holds an invoice comes in")),
        ],
        roles=[
            (BuyerRole.VIEW, _("Sees invoices and payments")),
            (BuyerRole.PAY, _("Sees them and pays")),
        ],
        done=_("It holds from now on.") if request.GET.get("done") == "kept" else "",
        **request.frame,
    )  # fmt: skip
