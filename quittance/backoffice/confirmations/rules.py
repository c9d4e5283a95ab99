"""For which acts the organization wants a second person."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.confirmations.words import ACTS
from quittance.confirmations.models import Kind
from quittance.confirmations.requests import Wish, ask, waiting_about
from quittance.confirmations.rules import KINDS, enough_people, kinds_on, switch_on
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission
from quittance.tenancy.rows import reading, writing
from quittance.ui.fresh import needs_fresh
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_ABOUT = "second person rules"


@require_GET
@for_staff(Permission.SIGN_IN_POLICY)
def second_person_rules(request: StaffRequest) -> HttpResponse:
    """What wants a second person now, to be changed."""
    return _page(request)


@require_POST
@for_staff(Permission.SIGN_IN_POLICY)
@needs_fresh
def keep_second_person_rules(request: StaffRequest) -> HttpResponse:
    """Want one for more from now on; to want one for less is asked of another person."""
    wanted = set(request.POST.getlist("kind"))
    try:
        with writing():
            gone = [each for each in kinds_on() if each not in wanted]
            switch_on(wanted)
            if gone:
                ask(_less(gone, note=request.POST.get("second_note", "")), by=request.person)
    except RuleBroken as error:
        return _page(request, error=error)
    done = "asked" if gone else "kept"
    return HttpResponseRedirect(f"{reverse('backoffice:second_person_rules')}?done={done}")


def _less(gone: list[str], *, note: str) -> Wish:
    return Wish(
        kind=Kind.RULES, about=_ABOUT, title=_("Want a second person no more"),
        shown=[(ACTS[each].name, "two people", "one person") for each in gone],
        content={"off": ",".join(gone)}, note=note,
    )  # fmt: skip


def _page(request: StaffRequest, *, error: RuleBroken | None = None) -> HttpResponse:
    with reading():
        on = kinds_on()
        waits = waiting_about([_ABOUT]).get(_ABOUT)
        kinds = [
            {"word": str(each), "act": ACTS[each], "on": each in on, "enough": enough_people(each)}
            for each in KINDS
        ]
    done = {
        "kept": _("It holds from now on."),
        "asked": _("Another administrator has to confirm it. Until then the rules of before hold."),
    }
    return page(
        request, "backoffice/confirmations/rules.html", status=409 if error else 200,
        nav="confirmations", kinds=kinds, waits=waits, any_on=bool(on),
        errors=[("", sentence_for(error))] if error else [],
        done=done.get(request.GET.get("done", ""), ""), **request.frame,
    )  # fmt: skip
