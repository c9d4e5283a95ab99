"""Reads the disputes of invoices, page by page, for the AR team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from quittance.disputes.held import ALIVE
from quittance.disputes.models import DisputeFile, DisputeNote, InvoiceDispute
from quittance.identity.models import User
from quittance.identity.permissions import Permission, may

S = InvoiceDispute.Status
PAGE: Final = 50
# A tab's key and its statuses; the list shows them in this order.
TABS: Final[Mapping[str, Sequence[str]]] = {
    "open": (S.OPEN,),
    "waiting": (S.WAITING,),
    "accepted": (S.ACCEPTED,),
    "mine": ALIVE,
    "over": (S.REJECTED, S.WITHDRAWN, S.CLOSED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """One page in the order of its tab, and the places before and behind it, or empty."""

    rows: Sequence[InvoiceDispute]
    before: str
    after: str


def some_disputes(tab: str, *, q: str, person: User, after: str, before: str) -> Some:
    """Return one page of a tab, in a transaction of the caller: what waits, the oldest first.

    ``q`` begins the number of a dispute, an invoice or a customer. A place is a dispute's id.
    """
    rows = _of_tab(tab, person)
    if q:
        rows = rows.filter(
            Q(number__istartswith=q) | Q(invoice__number__istartswith=q)
            | Q(customer_account__number__istartswith=q)
        )  # fmt: skip
    falls, place, backwards = tab == "over", _read_place(before or after), bool(before)
    down = falls != (backwards and place is not None)
    if place:
        rows = rows.filter(pk__lt=place) if down else rows.filter(pk__gt=place)
    found = list(rows.order_by("-pk" if down else "pk")[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    back = backwards and place is not None
    if back:
        found.reverse()
    return Some(
        rows=found, before=str(found[0].pk) if found and (more if back else place) else "",
        after=str(found[-1].pk) if found and (back or more) else "",
    )  # fmt: skip


def counts(person: User) -> Mapping[str, int]:
    """Return how many there are in each tab of what waits, in a transaction of the caller."""
    return InvoiceDispute.objects.aggregate(
        open=Count("pk", filter=Q(status=S.OPEN)),
        waiting=Count("pk", filter=Q(status=S.WAITING)),
        accepted=Count("pk", filter=Q(status=S.ACCEPTED)),
        mine=Count("pk", filter=Q(status__in=ALIVE, owner=person)),
    )


def the_dispute(dispute_id: UUID) -> InvoiceDispute | None:
    """Return one with everything that was said, in a transaction of the caller."""
    files = DisputeFile.objects.defer("content").order_by("name", "pk")
    notes = DisputeNote.objects.select_related("author").order_by("created_at", "pk")
    return (
        InvoiceDispute.objects.select_related("invoice", "owner", "customer_account", "opened_by")
        .prefetch_related(Prefetch("notes", notes), Prefetch("notes__files", files), "lines")
        .filter(pk=dispute_id)
        .first()
    )


def team() -> Sequence[User]:
    """Return who may look after one, in a transaction of the caller."""
    staff = User.objects.filter(is_active=True).exclude(staff_role=User.StaffRole.NONE)
    return [each for each in staff.order_by("name", "pk") if may(each, Permission.HANDLE)]


def _of_tab(tab: str, person: User) -> QuerySet[InvoiceDispute]:
    rows = InvoiceDispute.objects.filter(status__in=TABS[tab])
    if tab == "mine":
        rows = rows.filter(owner=person)
    return rows.select_related("invoice", "owner", "customer_account")


def _read_place(place: str) -> UUID | None:
    try:
        return UUID(place)
    except ValueError:
        return None
