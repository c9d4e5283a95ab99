"""Ways to pay: rules of what is offered, and whether a gateway's fields stand on our page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.connections.offer_form import Typed, shown, typed
from quittance.backoffice.connections.views import the_gateway
from quittance.connections import offer_rules
from quittance.connections.mapping import CannotWork
from quittance.connections.method_names import method_name
from quittance.connections.models import GatewayAccount, OfferRule
from quittance.connections.offer_rules import Offer
from quittance.core import clock
from quittance.core.errors import Misconfigured
from quittance.identity.permissions import Permission
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading
from quittance.transfers.accounts import KIND
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page


@require_GET
@for_staff(Permission.CONNECT)
def offers(request: StaffRequest) -> HttpResponse:
    """Every rule, the most particular first, and where the fields stand."""
    return _list(request)


@require_GET
@for_staff(Permission.CONNECT)
def new_offer(request: StaffRequest) -> HttpResponse:
    """An empty rule, from today on."""
    empty = Offer(valid_from=clock.today(request.zone), is_offered=True)
    return _form(request, shown(empty, locale=locale_for(request)))


@require_GET
@for_staff(Permission.CONNECT)
def offer(request: StaffRequest, rule_id: UUID) -> HttpResponse:
    """One rule, to be changed."""
    kept = _rule(rule_id)
    customer = _number(kept.customer_account_id)
    text = shown(kept, locale=locale_for(request), customer=customer)
    return _form(request, text, rule_id=rule_id)


@require_POST
@for_staff(Permission.CONNECT)
def keep_offer(request: StaffRequest) -> HttpResponse:
    """Keep a new rule; it counts at once."""
    return _keep(request, None)


@require_POST
@for_staff(Permission.CONNECT)
def change_offer(request: StaffRequest, rule_id: UUID) -> HttpResponse:
    """Change a rule; payments that were started stay as they are."""
    _rule(rule_id)
    return _keep(request, rule_id)


@require_POST
@for_staff(Permission.CONNECT)
def remove_offer(request: StaffRequest, rule_id: UUID) -> HttpResponse:
    """Remove a rule."""
    _rule(rule_id)
    offer_rules.remove_offer(rule_id)
    return _back("removed", request)


@require_POST
@for_staff(Permission.CONNECT)
def embed(request: StaffRequest, account_id: UUID) -> HttpResponse:
    """Have an account's fields on our page, or not."""
    the_gateway(account_id)
    try:
        offer_rules.set_embedding(account_id, embeds=request.POST.get("embeds") == "yes")
    except Misconfigured as error:
        return _list(request, errors=[("", str(error))])
    return _back("embedding", request)


def _list(request: StaffRequest, *, errors: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    with reading():
        rows = offer_rules.offer_rules()
        ids = [each.customer_account_id for each in rows if each.customer_account_id]
        customers = CustomerAccount.objects.in_bulk(ids)
    done = {
        "kept": _("The rule is kept. Checkouts follow it from now on."),
        "kept_for_later": _("The rule is kept. Checkouts follow it from its first day."),
        "removed": _("The rule is gone."),
        "embedding": _("Kept. New payments follow it."),
    }
    today = clock.today(request.zone)
    return page(
        request, "backoffice/connections/offers.html", status=409 if errors else 200,
        nav="connections", errors=errors, done=done.get(request.GET.get("done", ""), ""),
        rules=[
            (each.pk, each, offer_rules.as_offer(each), customers.get(each.customer_account_id),
             _when(each, today), method_name(each.method))
            for each in rows
        ],
        fields=offer_rules.with_fields(), **request.frame,
    )  # fmt: skip


def _when(row: OfferRule, today: date) -> str:
    """Say whether a rule counts today: "now", "later" or "over"."""
    if row.valid_until and row.valid_until < today:
        return "over"
    return "later" if row.valid_from > today else "now"


def _keep(request: StaffRequest, rule_id: UUID | None) -> HttpResponse:
    text = typed(request.POST)
    made, errors = text.read(locale_for(request))
    customer_id, wrong = _customer(text.customer, made.legal_entity_id if made else None)
    if wrong:
        errors.append(("customer", wrong))
    if made and not errors:
        try:
            offer_rules.keep_offer(
                replace(made, customer_account_id=customer_id), instead_of=rule_id
            )
            later = made.valid_from > clock.today(request.zone)
            return _back("kept_for_later" if later else "kept", request)
        except CannotWork as error:
            errors = [(each.field, each.sentence) for each in error.problems]
    return _form(request, text, rule_id=rule_id, errors=errors)


def _form(
    request: StaffRequest,
    text: Typed,
    *,
    rule_id: UUID | None = None,
    errors: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    with reading():
        accounts = GatewayAccount.objects.filter(is_active=True).exclude(kind=KIND)
        gateways = list(accounts.order_by("name").values_list("name", flat=True))
        entities = list(LegalEntity.objects.order_by("name").values_list("pk", "name"))
    return page(
        request, "backoffice/connections/offer.html", status=422 if errors else 200,
        nav="connections", text=text, rule_id=rule_id, errors=errors,
        gateways=[(name, name) for name in gateways],
        methods=[(name, method_name(name)) for name in offer_rules.KNOWN_METHODS],
        entities=[(str(key), name) for key, name in entities],
        **request.frame,
    )  # fmt: skip


def _rule(rule_id: UUID) -> Offer:
    with reading():
        found = OfferRule.objects.select_related("gateway_account").filter(pk=rule_id).first()
        if found is None:
            raise Http404
        return offer_rules.as_offer(found)


def _customer(number: str, legal_entity_id: UUID | None) -> tuple[UUID | None, str]:
    """Return a customer by its number, or why it is none."""
    if not number:
        return None, ""
    with reading():
        rows = CustomerAccount.objects.filter(number=number)
        if legal_entity_id:
            rows = rows.filter(legal_entity_id=legal_entity_id)
        found = list(rows.order_by("pk").values_list("pk", flat=True)[:2])
    if not found:
        return None, _("There is no customer %(number)s.") % {"number": number}
    if len(found) > 1:
        return None, _("Several legal entities have a customer %(number)s. Say which one.") % {
            "number": number
        }
    return found[0], ""


def _number(customer_account_id: UUID | None) -> str:
    if customer_account_id is None:
        return ""
    with reading():
        found = CustomerAccount.objects.filter(pk=customer_account_id).first()
    return found.number if found else ""


def _back(done: str, request: StaffRequest) -> HttpResponse:
    return hx_redirect(request, f"{reverse('backoffice:offers')}?done={done}")
