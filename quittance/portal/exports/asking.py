"""Begins a file of many PDFs: a few come at once, many are fetched while the buyer goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Final
from uuid import UUID

from django.http.response import HttpResponseBase
from django.urls import reverse

from quittance.core.clock import today
from quittance.exports.ask import NothingChosen, ask_for
from quittance.exports.fill import few
from quittance.exports.models import Bundle
from quittance.exports.write import file_of
from quittance.portal.access import BuyerRequest
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading
from quittance.ui.files import file_answer
from quittance.ui.htmx import hx_redirect

FEW: Final = 8
_PATIENCE_SECONDS: Final = 6.0  # a person waits
_TYPES: Final = {Bundle.Kind.ZIP: "application/zip", Bundle.Kind.PDF: "application/pdf"}


def begin(request: BuyerRequest, kind: str, ids: Sequence[UUID]) -> HttpResponseBase:
    """Answer with the file, or with the way to the page that follows it.

    Raises ``NothingChosen``, ``TooManyDocuments``.
    """
    if not ids:
        raise NothingChosen
    if len(ids) <= FEW:
        prints = few(_in_order(ids), seconds=_PATIENCE_SECONDS)
        if prints:
            return answer_with(request, kind, file_of(kind, prints))
    bundle_id = ask_for(kind, ids, user_id=request.person.pk)
    return hx_redirect(request, reverse("portal:file", kwargs={"bundle_id": bundle_id}))


def answer_with(request: BuyerRequest, kind: str, file: IO[bytes]) -> HttpResponseBase:
    """Answer with a file that is made, under a name that says whose and of when it is."""
    name = f"invoices-{request.account.number}-{today(request.account.zone)}"
    return file_answer(file, name=name, ending=kind, kind=_TYPES[Bundle.Kind(kind)])


def _in_order(ids: Sequence[UUID]) -> list[Invoice]:
    with reading():
        found = Invoice.objects.in_bulk(ids)
    return [found[each] for each in ids if each in found]
