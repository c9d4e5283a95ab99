"""The page of fees: which there are, a new one, and the end of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.fees.form import Typed, day_of, typed
from quittance.connections.method_names import method_name
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.permissions import Permission
from quittance.payments import fee_rules
from quittance.payments.fee_rules import CannotCharge, Fee
from quittance.payments.models import FeeRule
from quittance.tenancy.rows import reading
from quittance.ui.amounts import format_for_input
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for


@require_GET
@for_staff(Permission.CONNECT)
def fees(request: StaffRequest) -> HttpResponse:
    """Every rule: what counts today, what comes, what is over."""
    return _list(request)


@require_GET
@for_staff(Permission.CONNECT)
def new_fee(request: StaffRequest) -> HttpResponse:
    """An empty rule, from today on."""
    return _form(request, Typed(valid_from=clock.today(request.zone).isoformat()))


@require_POST
@for_staff(Permission.CONNECT)
def keep_fee(request: StaffRequest) -> HttpResponse:
    """Keep a new rule; checkouts quote it from its first day on."""
    text = typed(request.POST)
    made, errors = text.read(locale_for(request))
    if made is None:
        return _form(request, text, errors=errors)
    try:
        fee_rules.keep_fee(made, today=clock.today(request.zone))
    except CannotCharge as error:
        return _form(request, text, errors=[(each.field, each.sentence) for each in error.wrongs])
    return _back("kept", request)


@require_POST
@for_staff(Permission.CONNECT)
def end_fee(request: StaffRequest, rule_id: UUID) -> HttpResponse:
    """End a rule with a day; payments that were confirmed before stay as they are."""
    today = clock.today(request.zone)
    last = day_of(str(request.POST.get("last_day", "")))
    if last is None:
        return _list(request, errors=[(f"last-{rule_id}", _("Write a day as 2026-12-31."))])
    try:
        fee_rules.end_fee(rule_id, last_day=last, today=today)
    except RuleBroken as error:
        return _list(request, errors=[(f"last-{rule_id}", sentence_for(error))])
    return _back("ended", request)


def _list(request: StaffRequest, *, errors: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    with reading():
        rows = fee_rules.fee_rules()
    today, locale = clock.today(request.zone), locale_for(request)
    done = {
        "kept": _("The fee is kept. Checkouts quote it from its first day on."),
        "ended": _("The fee ends. Payments that were confirmed before stay as they are."),
    }
    lines = [
        (row.pk, fee_rules.as_fee(row), _when(row, today), _percent(row, locale),
         method_name(row.method))
        for row in rows
    ]  # fmt: skip
    return page(
        request, "backoffice/fees/fees.html", status=409 if errors else 200, nav="connections",
        errors=list(errors), done=done.get(request.GET.get("done", ""), ""), today=today,
        groups=[
            (_("Now and to come"), [each for each in lines if each[2] != "over"], True),
            (_("Over"), [each for each in lines if each[2] == "over"], False),
        ],
        **request.frame,
    )  # fmt: skip


def _form(
    request: StaffRequest, text: Typed, *, errors: Sequence[tuple[str, str]] = ()
) -> HttpResponse:
    return page(
        request, "backoffice/fees/fee.html", status=422 if errors else 200, nav="connections",
        text=text, errors=list(errors),
        methods=[(each, method_name(each)) for each in fee_rules.KNOWN_METHODS],
        **request.frame,
    )  # fmt: skip


def _when(row: FeeRule, today: date) -> str:
    """Say whether a rule counts today: "now", "later" or "over"."""
    if row.valid_until and row.valid_until < today:
        return "over"
    return "later" if row.valid_from > today else "now"


def _percent(row: FeeRule | Fee, locale: str) -> str:
    """Basis points as percent, as this reader writes numbers; "" for none."""
    if not row.basis_points:
        return ""
    return format_for_input(Money(row.basis_points, "USD"), locale)


def _back(done: str, request: StaffRequest) -> HttpResponse:
    return hx_redirect(request, f"{reverse('backoffice:fees')}?done={done}")
