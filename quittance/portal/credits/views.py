"""The buyer's credits: the list, and one with where it came from and where it went."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from quittance.core.money import Money
from quittance.identity.permissions import BuyerPermission
from quittance.payments.models import Allocation, CreditUse
from quittance.portal.access import BuyerRequest, account_of, for_buyer
from quittance.portal.credits.records import TABS, Whole, some_credits, whole_credit
from quittance.portal.invoices.table import tabs_of
from quittance.receivables.models import Credit
from quittance.tenancy.rows import reading
from quittance.ui.pages import page

_KINDS: Final[dict[str, str]] = {
    Credit.Kind.CREDIT_NOTE: noop("Credit note"),
    Credit.Kind.PAYMENT: noop("Unapplied money"),
}
_TABS: Final = {"open": noop("Open"), "all": noop("All")}
# What became of a use: the word, and a key of ui/statuses.py.
_USES: Final[dict[str, str]] = {
    Allocation.Status.RESERVED: "processing",
    Allocation.Status.CONSUMED: "credit_being_applied",
    Allocation.Status.REFLECTED: "credit_applied",
    Allocation.Status.RELEASED: "cancelled",
}
_IN_THE_BOOKS: Final = {Allocation.Status.CONSUMED, Allocation.Status.REFLECTED}  # or it may be


@require_GET
@for_buyer(BuyerPermission.SEE)
def credits_(request: BuyerRequest) -> HttpResponse:
    """Every credit of the account, the newest first."""
    tab = request.GET.get("tab", "open")
    tab = tab if tab in TABS else "open"
    after, before = (request.GET.get(each, "") for each in ("after", "before"))
    with reading():
        found = some_credits(request.account.id, tab=tab, after=after, before=before)
    path, rows = reverse("portal:credits"), [_row(each) for each in found.rows]
    return page(
        request, "portal/credits/list.html", nav="credits", rows=rows, tab=tab,
        tabs=tabs_of(path, _TABS, tab),
        newer=f"{path}?tab={tab}&before={found.newer}" if found.newer else "",
        older=f"{path}?tab={tab}&after={found.older}" if found.older else "",
        shown=ngettext("%(n)s credit", "%(n)s credits", len(rows)) % {"n": len(rows)},
        codes=len({each.currency for each in found.rows}) > 1, accounts=request.accounts,
        account=request.account, freshness=request.account,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
def credit(request: BuyerRequest, credit_id: UUID) -> HttpResponse:
    """One credit: what it is, what is left of it, what it was used for."""
    with reading():
        found = whole_credit(credit_id)
    if found is None:
        raise Http404
    return page(
        request, "portal/credits/credit.html", nav="credits", credit=_row(found.credit),
        facts=_facts(found), uses=[_use(each) for each in found.uses],
        otherwise=_otherwise(found), source=_source(found),
        has_e_invoice=found.credit.einvoice_usual,
        accounts=request.accounts, account=request.account,
        freshness=account_of(request, found.credit.customer_account_id),
    )  # fmt: skip


def _row(found: Any) -> dict[str, Any]:
    """``in_flight`` is what is under way with us of what the ERP still shows as open."""
    currency = found.currency
    return {
        "id": found.pk,
        "address": reverse("portal:credit", kwargs={"credit_id": found.pk}),
        "number": found.number,
        "kind": _(_KINDS[found.kind]),
        "is_note": found.kind == Credit.Kind.CREDIT_NOTE,
        "day": found.issued_date,
        "status": "credit" if found.open_minor else "used_up",
        "total": Money(found.total_minor, currency),
        "used": Money(found.total_minor - found.open_minor, currency),
        "open": Money(found.open_minor, currency),
        "in_flight": Money(min(found.in_flight, found.open_minor), currency),
        "read_at": found.synced_at,
    }


def _facts(found: Whole) -> list[tuple[str, str]]:
    account = found.credit.customer_account
    return [
        (_("Document"), found.credit.number),
        (_("Bill to"), account.name),
        (_("Account"), account.number),
        (_("Currency"), found.credit.currency),
    ]


def _use(use: CreditUse) -> dict[str, Any]:
    return {
        "invoice": use.invoice.number,
        "invoice_address": reverse("portal:invoice", kwargs={"invoice_id": use.invoice_id}),
        "payment": use.payment.number,
        "payment_address": reverse("portal:payment", kwargs={"payment_id": use.payment_id}),
        "at": use.payment.created_at,
        "status": _USES[use.status],
        "amount": Money(use.amount_minor, use.currency),
    }


def _otherwise(found: Whole) -> Money:
    """What was used in the seller's books and not through this portal, as far as it is sure.

    A use of ours may stand in the books already while we do not know it yet: it counts as ours.
    """
    ours = sum(u.amount_minor for u in found.uses if u.status in _IN_THE_BOOKS)
    credit = found.credit
    return Money(max(0, credit.total_minor - credit.open_minor - ours), credit.currency)


def _source(found: Whole) -> dict[str, str] | None:
    if found.source is None:
        return None
    address = reverse("portal:payment", kwargs={"payment_id": found.source.pk})
    return {"number": found.source.number, "address": address}
