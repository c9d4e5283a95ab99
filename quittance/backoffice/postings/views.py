"""What needs a person: rejected postings and puzzling answers of a gateway; and the retry."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission, may
from quittance.payments.models import GatewayAttempt
from quittance.payments.repair import retry_posting
from quittance.posting.models import ErpPosting
from quittance.posting.queue import settle_remark
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import reading
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_MOST: Final = 100  # more at once is one cause: it is mended before the list is read to its end


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def exceptions(request: StaffRequest) -> HttpResponse:
    """Everything that the ERP said no to."""
    return _list(request)


@require_POST
@for_staff(Permission.RETRY_POSTINGS)
def retry(request: StaffRequest, posting_id: UUID) -> HttpResponse:
    """Put a rejected posting in line again; the next run looks before it posts."""
    with reading():
        posting = ErpPosting.objects.filter(pk=posting_id).first()
    if posting is None:
        raise Http404
    try:
        retry_posting(posting_id)
    except RuleBroken as error:
        return _list(request, sentence=sentence_for(error), status=409)
    number = posting.document_number
    return hx_redirect(request, reverse("backoffice:payment", kwargs={"number": number}))


@require_POST
@for_staff(Permission.RETRY_POSTINGS)
def settle(request: StaffRequest, posting_id: UUID) -> HttpResponse:
    """Take a remark off the list: somebody has seen to it in the ERP."""
    with reading():
        if not ErpPosting.objects.filter(pk=posting_id).exists():
            raise Http404
    try:
        settle_remark(posting_id)
    except RuleBroken as error:
        return _list(request, sentence=sentence_for(error), status=409)
    return hx_redirect(request, reverse("backoffice:exceptions"))


def _list(request: StaffRequest, *, sentence: str = "", status: int = 200) -> HttpResponse:
    with reading():
        postings = list(
            ErpPosting.objects.filter(
                Q(status=ErpPosting.Status.REJECTED) | ~Q(remark="")
            ).order_by("created_at")[:_MOST]
        )
        attempts = list(
            GatewayAttempt.objects.exclude(problem="")
            .select_related("payment")
            .order_by("created_at")[:_MOST]
        )
        ids = {each.customer_account_id for each in postings}
        ids |= {each.customer_account_id for each in attempts}
        accounts = CustomerAccount.objects.in_bulk(ids)
    rows = [_posting_row(each, accounts[each.customer_account_id]) for each in postings]
    rows += [_attempt_row(each, accounts[each.customer_account_id]) for each in attempts]
    shown = ngettext("%(n)s waits", "%(n)s wait", len(rows)) % {"n": len(rows)}
    return page(
        request, "backoffice/exceptions/list.html", status=status, nav="exceptions", rows=rows,
        newer="", older="", shown=shown, errors=[("", sentence)] if sentence else [],
        may_retry=may(request.person, Permission.RETRY_POSTINGS),
        codes=len({each["amount"].currency for each in rows}) > 1, **request.frame,
    )  # fmt: skip


def _posting_row(posting: ErpPosting, account: CustomerAccount) -> dict[str, Any]:
    number = posting.document_number
    rejected = posting.status == ErpPosting.Status.REJECTED
    return {
        "id": posting.pk,
        "number": number,
        "address": reverse("backoffice:payment", kwargs={"number": number}),
        "retry": reverse("backoffice:retry", kwargs={"posting_id": posting.pk}) if rejected else "",
        "settle": reverse("backoffice:settle", kwargs={"posting_id": posting.pk})
        if posting.remark and not rejected
        else "",
        "customer": account.name,
        "at": posting.created_at,
        "amount": posting.amount,
        "status": posting.status,
        "words": posting.rejection if rejected else posting.remark,
    }


def _attempt_row(attempt: GatewayAttempt, account: CustomerAccount) -> dict[str, Any]:
    number = attempt.payment.number
    return {
        "id": attempt.pk,
        "number": number,
        "address": reverse("backoffice:payment", kwargs={"number": number}),
        "retry": "",
        "settle": "",
        "customer": account.name,
        "at": attempt.created_at,
        "amount": attempt.amount,
        "status": attempt.status,
        "words": attempt.problem,
    }
