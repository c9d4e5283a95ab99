"""What waits for a second person about a payment's postings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.posting.models import Correction, ErpPosting
from quittance.receivables.models import Invoice

_ACTS: Final = {
    Correction.Act.HANDLE: noop("Mark %(number)s as booked in the ERP"),
    Correction.Act.UNDO: noop("Say that %(number)s is not booked after all"),
    Correction.Act.ALLOCATE: noop("Apply %(number)s to other invoices"),
}


def corrections_of(postings: Iterable[ErpPosting], person: User) -> list[dict[str, Any]]:
    """Return what one person asked for and another may confirm, in a transaction of the caller."""
    own = {each.pk: each for each in postings}
    waiting = list(Correction.objects.filter(posting__in=own, outcome=Correction.Outcome.WAITS))
    users = {f"user:{each.pk}": each.name for each in User.objects.filter(pk__in=_ids(waiting))}
    return [
        {
            "id": each.pk,
            "title": _title(each) % {"number": own[each.posting_id].document_number},
            "note": each.note,
            "by": users.get(each.asked_by, each.asked_by),
            "at": each.asked_at,
            "amount": own[each.posting_id].amount,
            "lines": _lines(each, own[each.posting_id].currency),
            "mine": each.asked_by == f"user:{person.pk}",
        }
        for each in waiting
    ]


def _title(correction: Correction) -> str:
    if correction.act == Correction.Act.ALLOCATE and not correction.lines:
        return _("Put %(number)s on account")
    return _(_ACTS[Correction.Act(correction.act)])


def _lines(correction: Correction, currency: str) -> list[tuple[str, Money]]:
    found = Invoice.objects.in_bulk([UUID(each) for each, _minor in correction.lines])
    return [
        (found[UUID(each)].number if UUID(each) in found else each, Money(minor, currency))
        for each, minor in correction.lines
    ]


def _ids(corrections: Iterable[Correction]) -> list[str]:
    actors = [each.asked_by for each in corrections]
    return [
        each.removeprefix("user:")
        for each in actors
        if each.startswith("user:") and len(each) == 41
    ]
