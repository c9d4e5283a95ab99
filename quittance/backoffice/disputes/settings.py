"""The organization's rules about disputes: reasons, what is left out, what ends one."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.core.errors import RuleBroken
from quittance.disputes.models import DisputeRules
from quittance.disputes.rules import Rules, keep_rules, read_reasons, rules_of, word_of
from quittance.identity.permissions import Permission
from quittance.tenancy.rows import reading
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

L = DisputeRules.LeavesOut


@require_GET
@for_staff(Permission.CONNECT)
def rules(request: StaffRequest) -> HttpResponse:
    """The rules as they are."""
    with reading():
        found = rules_of()
    return _form(request, found, "\n".join(word_of(each) for each in found.reasons))


@require_POST
@for_staff(Permission.CONNECT)
def keep(request: StaffRequest) -> HttpResponse:
    """Keep the rules from now on."""
    sent = request.POST
    leaves_out = sent.get("leaves_out", "")
    leaves_out = leaves_out if leaves_out in L.values else L.PART
    text, closes = sent.get("reasons", "")[:4000], "closes_itself" in sent
    try:
        reasons = read_reasons(text)
    except RuleBroken as error:
        typed = Rules(leaves_out=leaves_out, closes_itself=closes)
        return _form(request, typed, text, error=sentence_for(error))
    keep_rules(reasons=reasons, leaves_out=leaves_out, closes_itself=closes)
    return hx_redirect(request, f"{reverse('backoffice:disputes')}?done=rules")


def _form(request: StaffRequest, found: Rules, text: str, *, error: str = "") -> HttpResponse:
    return page(
        request, "backoffice/disputes/rules.html", status=422 if error else 200, nav="disputes",
        found=found, text=text, errors=[("reasons", error)] if error else [],
        choices=[
            (L.PART, _("The disputed part; the rest is suggested")),
            (L.INVOICE, _("The whole invoice")),
            (L.NOTHING, _("Nothing: all of it is suggested as if nobody disputed it")),
        ],
        **request.frame,
    )  # fmt: skip
