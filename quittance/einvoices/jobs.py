"""Looks every night whether the newest invoices can be had as e-invoices."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from quittance.audit.record import record_event
from quittance.einvoices.offer import look_at_newest
from quittance.jobs.organization import each_organization, for_organization
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id


@app.task(queue="exports", name="einvoices.look_at")
def look_at_books(*, organization_id: str, legal_entity_id: str) -> None:
    """Look at the newest invoices of one set of books."""
    with for_organization(organization_id, actor="einvoices"):
        look_at_newest(UUID(legal_entity_id))


def look_soon(legal_entity_id: UUID) -> None:
    """Have them looked at. Asking twice makes one look."""
    try:
        with writing():
            look_at_books.configure(queueing_lock=f"einvoices:{legal_entity_id}").defer(
                organization_id=str(current_organization_id()),
                legal_entity_id=str(legal_entity_id),
            )
    except AlreadyEnqueued:
        return


def ask_for_look(legal_entity_id: UUID) -> None:
    """Have them looked at because a person asks for it."""
    with writing():
        record_event(
            "e-invoices looked at", subject_id=legal_entity_id, subject_kind="legal_entity"
        )
    look_soon(legal_entity_id)


@app.periodic(cron="40 2 * * *")
@app.task(queue="exports", name="einvoices.look", pass_context=False, queueing_lock="einvoices")
def look(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Look at all books, one job for each."""
    for _ in each_organization(actor="einvoices"):
        with reading():
            books = list(LegalEntity.objects.order_by("pk").values_list("pk", flat=True))
        for legal_entity_id in books:
            look_soon(legal_entity_id)
