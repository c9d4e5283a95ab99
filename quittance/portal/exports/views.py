"""The files that a buyer asked for: all of them, one that is being made, and taking it away."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from quittance.exports.ask import Asked, asked_for, failed_of, note_seen, read_asked, try_again
from quittance.exports.ask_statement import statements_asked
from quittance.exports.models import Bundle, BundleDocument
from quittance.exports.write import bundle_file, note_of
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.exports.asking import answer_with
from quittance.portal.statement.rows import statement_row
from quittance.tenancy.rows import reading
from quittance.ui.errors import NOT_YET, error_page
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page

_REASONS: Final[dict[str, str]] = {
    BundleDocument.Failure.UNAVAILABLE: noop(
        "The accounting system that draws it did not answer. Try again in a while."
    ),
    BundleDocument.Failure.REFUSED: noop(
        "The accounting system has no PDF of it. Ask the seller for it."
    ),
    BundleDocument.Failure.UNREADABLE: noop(
        "Its PDF cannot be put behind another one. Download it by itself, or take a ZIP."
    ),
    BundleDocument.Failure.TOO_MUCH: noop(
        "The file would be too large with it. Download it by itself."
    ),
}


@require_GET
@for_buyer(BuyerPermission.SEE)
def files(request: BuyerRequest) -> HttpResponse:
    """What the person asked for and is kept still."""
    locale = locale_for(request)
    with reading():
        bundles, statements = asked_for(), statements_asked()
    rows = [_row(each) for each in bundles] + [statement_row(each, locale) for each in statements]
    return page(
        request, "portal/exports/list.html", nav="invoices",
        rows=sorted(rows, key=lambda row: row["at"], reverse=True),
        accounts=request.accounts, account=request.account, freshness=request.account,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
def file(request: BuyerRequest, bundle_id: UUID) -> HttpResponse:
    """One file: how far it is, what could not be had, and the way to take it away."""
    with reading():
        found = next(iter(asked_for(only=bundle_id)), None)
        missing = failed_of(bundle_id) if found and found.failed else []
    if found is None:
        raise Http404
    if found.is_ready and not found.is_seen:
        note_seen(found.id)
    return page(
        request, "portal/exports/file.html", nav="invoices", file=_row(found),
        missing=[_missing(*each) for each in missing], accounts=request.accounts,
        account=request.account, freshness=request.account,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
def file_download(request: BuyerRequest, bundle_id: UUID) -> HttpResponseBase:
    """The file itself, for the person who asked for it."""
    found = read_asked(bundle_id)
    if found is None:
        raise Http404
    if not found.is_ready or not found.here:
        return error_page(request, 409, words=NOT_YET)
    if not found.is_seen:
        note_seen(found.id)
    with reading():
        missing = failed_of(bundle_id)
    note = note_of([(number, _(_REASONS[failure])) for number, _id, failure in missing])
    return answer_with(request, found.kind, bundle_file(bundle_id, found.kind, note=note))


@require_POST
@for_buyer(BuyerPermission.SEE)
def file_again(request: BuyerRequest, bundle_id: UUID) -> HttpResponse:
    """Ask once more for what could not be had."""
    if not try_again(bundle_id):
        raise Http404
    return hx_redirect(request, _address(bundle_id))


def _row(found: Asked) -> dict[str, Any]:
    many = {"n": found.whole}
    zipped = ngettext("ZIP of %(n)s PDF", "ZIP of %(n)s PDFs", found.whole) % many
    joined = ngettext("%(n)s invoice in one PDF", "%(n)s invoices in one PDF", found.whole) % many
    done = found.whole - found.waiting
    return {
        "address": _address(found.id),
        "download": reverse("portal:file_download", kwargs={"bundle_id": found.id}),
        "again": reverse("portal:file_again", kwargs={"bundle_id": found.id}),
        "title": zipped if found.kind == Bundle.Kind.ZIP else joined,
        "is_zip": found.kind == Bundle.Kind.ZIP,
        "at": found.created_at,
        "until": found.expires_at,
        "whole": found.whole,
        "done": done,
        "share": 100 * done // found.whole,
        "here": found.here,
        "failed": found.failed,
        "is_ready": found.is_ready,
    }


def _missing(number: str, invoice_id: UUID, failure: str) -> dict[str, str]:
    address = reverse("portal:invoice", kwargs={"invoice_id": invoice_id})
    return {"number": number, "address": address, "reason": _(_REASONS[failure])}


def _address(bundle_id: UUID) -> str:
    return reverse("portal:file", kwargs={"bundle_id": bundle_id})
