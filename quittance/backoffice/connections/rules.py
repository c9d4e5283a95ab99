"""Where payments are booked: rules, each of which the ERP was asked about before it counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.connections.views import the_erp
from quittance.connections import mapping
from quittance.connections.mapping import CannotWork, Rule
from quittance.connections.method_names import method_name
from quittance.connections.models import GatewayAccount, PostingRule
from quittance.core.errors import OutsideError
from quittance.erp.connecting import Choice
from quittance.identity.permissions import Permission
from quittance.payments.models import Payment
from quittance.tenancy.rows import reading
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page

_OFFERED = ("account", "journal", "bank_account", "dimension")


@require_GET
@for_staff(Permission.CONNECT)
def rules(request: StaffRequest, legal_entity_id: UUID) -> HttpResponse:
    """Every rule, the most particular first."""
    row = the_erp(legal_entity_id)
    with reading():
        found = mapping.rules_of(legal_entity_id)
    done = {"kept": _("The rule is kept. New payments follow it."),
            "removed": _("The rule is gone. What is in line keeps its way.")}  # fmt: skip
    return page(
        request, "backoffice/connections/rules.html", nav="connections", entity=row.legal_entity,
        rules=[
            (each.pk, mapping.as_written(each), method_name(each.method), each.checked_at)
            for each in found
        ],
        notes=_notes(legal_entity_id), done=done.get(request.GET.get("done", ""), ""),
        **request.frame,
    )  # fmt: skip


@require_GET
@for_staff(Permission.CONNECT)
def new_rule(request: StaffRequest, legal_entity_id: UUID) -> HttpResponse:
    """An empty rule."""
    return _form(request, legal_entity_id, Rule())


@require_GET
@for_staff(Permission.CONNECT)
def rule(request: StaffRequest, legal_entity_id: UUID, rule_id: UUID) -> HttpResponse:
    """One rule, to be changed."""
    return _form(request, legal_entity_id, _rule(legal_entity_id, rule_id), rule_id=rule_id)


@require_POST
@for_staff(Permission.CONNECT)
def keep_rule(request: StaffRequest, legal_entity_id: UUID) -> HttpResponse:
    """Keep a new rule, once the ERP can follow it."""
    return _keep(request, legal_entity_id, None)


@require_POST
@for_staff(Permission.CONNECT)
def change_rule(request: StaffRequest, legal_entity_id: UUID, rule_id: UUID) -> HttpResponse:
    """Change a rule; payments that are in line already keep their way."""
    _rule(legal_entity_id, rule_id)
    return _keep(request, legal_entity_id, rule_id)


@require_POST
@for_staff(Permission.CONNECT)
def remove_rule(request: StaffRequest, legal_entity_id: UUID, rule_id: UUID) -> HttpResponse:
    """Remove a rule."""
    _rule(legal_entity_id, rule_id)
    mapping.remove_rule(rule_id)
    return _to_rules(request, legal_entity_id, "removed")


def _keep(request: StaffRequest, legal_entity_id: UUID, rule_id: UUID | None) -> HttpResponse:
    the_erp(legal_entity_id)
    typed, wrong = _typed(request)
    errors = [("dimensions", wrong)] if wrong else []
    if not errors:
        try:
            mapping.keep_rule(legal_entity_id, typed, instead_of=rule_id)
            return _to_rules(request, legal_entity_id, "kept")
        except CannotWork as error:
            errors = [(each.field, each.sentence) for each in error.problems]
        except OutsideError as error:
            words = _("The ERP cannot be asked, so nothing was kept: %(why)s")
            errors = [("", words % {"why": str(error)})]
    return _form(request, legal_entity_id, typed, rule_id=rule_id, errors=errors)


def _form(
    request: StaffRequest,
    legal_entity_id: UUID,
    rule_: Rule,
    *,
    rule_id: UUID | None = None,
    errors: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    row = the_erp(legal_entity_id)
    with reading():
        gateways = list(GatewayAccount.objects.order_by("name").values_list("name", flat=True))
        used = Payment.objects.order_by("method").values_list("method", flat=True).distinct()
        methods = sorted({"card", "bank_debit", "bank_transfer", *used} - {""})
    offered, unasked = _offered(legal_entity_id)
    return page(
        request, "backoffice/connections/rule.html", status=422 if errors else 200,
        nav="connections", entity=row.legal_entity, rule=rule_, rule_id=rule_id, errors=errors,
        gateways=[(each, each) for each in gateways],
        methods=[(each, method_name(each)) for each in methods], offered=offered, unasked=unasked,
        dimensions=_lines(rule_), notes=_notes(legal_entity_id), **request.frame,
    )  # fmt: skip


def _typed(request: StaffRequest) -> tuple[Rule, str]:
    """Return the rule as it was typed, and what is wrong with the form of its dimensions."""
    names = ("gateway", "method", "currency", "account", "journal", "bank_account", "fee_account")
    text = {name: str(request.POST.get(name, "")).replace("\0", "").strip()[:100] for name in names}
    text["currency"], text["journal"] = text["currency"].upper(), text["journal"].upper()
    pairs, wrong = {}, ""
    for line in str(request.POST.get("dimensions", "")).replace("\0", "")[:1000].splitlines():
        code, equals, value = (part.strip() for part in line.partition("="))
        if line.strip() and not (code and equals and value):
            wrong = _("Write a dimension a line, as CODE = VALUE.")
        elif line.strip():
            pairs[code.upper()] = value.upper()
    return Rule(**text, dimensions=pairs), wrong


def _offered(legal_entity_id: UUID) -> tuple[dict[str, Sequence[Choice]], str]:
    """Return what the ERP offers for each part; without an answer people type what they know."""
    try:
        return {part: mapping.route_choices(legal_entity_id, part) for part in _OFFERED}, ""
    except OutsideError as error:
        return dict.fromkeys(_OFFERED, ()), str(error)


def _notes(legal_entity_id: UUID) -> Sequence[str]:
    try:
        return mapping.route_notes(legal_entity_id)
    except OutsideError:  # settings that do not open: the page of connections says so
        return ()


def _lines(rule_: Rule) -> str:
    return "\n".join(f"{code} = {value}" for code, value in sorted(rule_.dimensions.items()))


def _rule(legal_entity_id: UUID, rule_id: UUID) -> Rule:
    with reading():
        rows = PostingRule.objects.select_related("gateway_account")
        found = rows.filter(pk=rule_id, legal_entity_id=legal_entity_id).first()
        if found is None:
            raise Http404
        return mapping.as_written(found)


def _to_rules(request: StaffRequest, legal_entity_id: UUID, done: str) -> HttpResponse:
    key: dict[str, Any] = {"legal_entity_id": legal_entity_id}
    return hx_redirect(request, f"{reverse('backoffice:rules', kwargs=key)}?done={done}")
