"""The AR team's payments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.payments.again import after_return
from quittance.backoffice.payments.records import (
    Whole,
    count_under_way,
    some_payments,
    whole_payment,
)
from quittance.backoffice.payments.returns import dispute_of, reversal_of
from quittance.backoffice.payments.timeline import timeline_of
from quittance.backoffice.payments.waiting import corrections_of
from quittance.backoffice.payments.words import (
    entry_of,
    line_of,
    money_of,
    posting_of,
    shown_status,
    track_of,
)
from quittance.connections.method_names import method_name
from quittance.core.money import Money
from quittance.identity.permissions import Permission, may
from quittance.tenancy.rows import reading
from quittance.ui.pages import locale_for, page

_TABS: Final = {
    "all": noop("All"),
    "under_way": noop("Under way"),
    "succeeded": noop("Paid"),
    "failed": noop("Failed"),
    "refunded": noop("Refunded"),
    "returned": noop("Returned"),
    "disputed": noop("Disputed"),
}
_DONE: Final = {
    "refunded": noop("The refund is written down. How far it is, stands below."),
    "retried": noop("It is on its way to the ERP again."),
    "second": noop("Written down. A second person confirms it before it happens."),
    "confirmed": noop("Done, as it was asked for."),
    "withdrawn": noop("Withdrawn. Nothing was changed."),
    "undone": noop("It is on its way to the ERP again, with your note."),
}
_SYMBOLS: Final = {
    "card": "credit-card", "bank_debit": "building-bank", "bank_transfer": "building-bank",
}  # fmt: skip


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def home(_request: StaffRequest) -> HttpResponse:
    """Lead staff to the payments."""
    return HttpResponseRedirect(reverse("backoffice:payments"))


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def payments(request: StaffRequest) -> HttpResponse:
    """All payments, the newest first."""
    tab = request.GET.get("tab", "all")
    tab = tab if tab in _TABS else "all"
    q = request.GET.get("q", "").replace("\0", "").strip()[:40]
    with reading():
        found = some_payments(
            tab=tab, q=q, after=request.GET.get("after", ""), before=request.GET.get("before", "")
        )
        under_way = count_under_way()
    shown = ngettext("%(n)s payment", "%(n)s payments", len(found.payments))
    return page(
        request, "backoffice/payments/list.html", nav="payments", tab_key=tab, q=q,
        tabs=_tabs(tab, q, under_way),
        clear=_address(tab=tab),
        rows=[_row(each) for each in found.payments],
        newer=_address(tab=tab, q=q, before=found.newer) if found.newer else "",
        older=_address(tab=tab, q=q, after=found.older) if found.older else "",
        shown=shown % {"n": len(found.payments)},
        codes=len({each.currency for each in found.payments}) > 1, **request.frame,
    )  # fmt: skip


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def payment(request: StaffRequest, number: str) -> HttpResponse:
    """One payment: where it is, what it pays, what the gateway and the ERP said."""
    return payment_page(request, number)


def payment_page(
    request: StaffRequest, number: str, *, errors: Sequence[tuple[str, str]] = (), status: int = 200
) -> HttpResponse:
    """Show a payment; ``errors`` say why an act was not done."""
    with reading():
        whole = whole_payment(number)
        if whole is None:
            raise Http404
        waiting = corrections_of(whole.postings, request.person)
        back = after_return(whole.payment, whole.reversals, locale_for(request))
    done = _DONE.get(request.GET.get("done", ""))
    return page(
        request, "backoffice/payments/payment.html", status=status, nav="payments",
        errors=list(errors), done=_(done) if done else "", corrections=waiting,
        after_return=back, **_shown(whole, request), **request.frame,
    )  # fmt: skip


def _shown(whole: Whole, request: StaffRequest) -> dict[str, Any]:
    """Everything about a payment in words, for its template."""
    return {
        "payment": whole.payment,
        "customer": whole.payment.customer_account,
        "shown_status": shown_status(whole),
        "track": track_of(whole),
        "lines": [line_of(each) for each in whole.allocations],
        "credits": whole.credit_uses,
        "on_account": Money(whole.payment.on_account_minor, whole.payment.currency),
        "fee": Money(whole.payment.fee_minor, whole.payment.currency),
        "sums": money_of(whole),
        "timeline": timeline_of(whole),
        "postings": whole.postings,
        "in_the_erp": [posting_of(each) for each in whole.postings],
        "attempts": whole.attempts,
        "reversals": [reversal_of(each, whole.reversals) for each in whole.reversals],
        "disputes": [dispute_of(each) for each in whole.disputes],
        "entries": [entry_of(each) for each in whole.entries],
        "facts": _facts(whole),
        "may_retry": may(request.person, Permission.RETRY_POSTINGS),
        "may_handle": may(request.person, Permission.HANDLE),
        "may_refund": may(request.person, Permission.REFUND) and whole.refundable.minor > 0,
    }


def _tabs(tab: str, q: str, under_way: int) -> list[dict[str, Any]]:
    return [
        {
            "text": _(word),
            "address": _address(tab=key, q=q),
            "current": key == tab,
            "count": under_way if key == "under_way" else 0,
            "hot": False,
        }
        for key, word in _TABS.items()
    ]


def _row(payment: Any) -> dict[str, Any]:
    return {
        "address": reverse("backoffice:payment", kwargs={"number": payment.number}),
        "customer": payment.customer_account.name,
        "number": payment.number,
        "invoices": payment.invoices,
        "at": payment.created_at,
        "symbol": _SYMBOLS.get(payment.method, "coin"),
        "how": payment.method_label or method_name(payment.method),
        "status": _fate(payment) or payment.status,
        "posting": payment.posting_status or "",
        "document": payment.document or "",
        "amount": payment.amount,
    }


def _fate(payment: Any) -> str:
    """What became of the money, where that says more than "paid"."""
    if payment.is_disputed:
        return "disputed"
    if payment.is_returned:
        return "returned"
    return "refunded_some" if payment.is_refunded else ""


def _facts(whole: Whole) -> list[tuple[str, str]]:
    payment, account = whole.payment, whole.payment.customer_account
    entries = ", ".join(each.erp_entries for each in whole.postings if each.erp_entries)
    rows = [
        (_("Number"), payment.number),
        (_("Method"), payment.method_label or method_name(payment.method)),
        (_("Gateway"), payment.gateway_account.name if payment.gateway_account else ""),
        (_("Paid by"), whole.user.name if whole.user else whole.payment.payer_name),
        *_approved(whole),
        (_("Pay link"), whole.link),
        (_("Customer"), f"{account.name}, {account.number}"),
        (_("Legal entity"), account.legal_entity.name),
        (_("ERP entries"), entries),
    ]
    return [(name, value) for name, value in rows if value]


def _approved(whole: Whole) -> list[tuple[str, str]]:
    """Who of the customer's people asked for it, and who let it begin."""
    found = whole.approval
    if found is None or found.decided_by is None:
        return []
    by = found.decided_by.name or found.decided_by.email
    if found.decided_for:
        by = f"{by}, {_('in place of')} {found.decided_for.name or found.decided_for.email}"
    return [
        (_("Approval asked by"), found.maker.name or found.maker.email), (_("Approved by"), by),
    ]  # fmt: skip


def _address(**query: str) -> str:
    kept = {name: value for name, value in query.items() if value and value != "all"}
    path = reverse("backoffice:payments")
    return f"{path}?{urlencode(kept)}" if kept else path
