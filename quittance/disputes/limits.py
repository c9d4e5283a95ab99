"""How much one customer may send about disputes: a brake on the mails, a cap on the files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, Sum

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.disputes.evidence import Evidence
from quittance.disputes.models import DisputeFile, DisputeNote

MOST_DEEDS: Final = 50  # in a day, of all who act for the customer
MOST_NEW: Final = 10  # of these, disputes that are opened
MOST_BYTES: Final = 200 * 1024 * 1024  # of files, both sides', as long as they are kept
_DAY: Final = timedelta(days=1)


class TooOften(RuleBroken):
    """That was a lot for one day. Nothing was sent: write to the seller, or go on tomorrow."""


class NoRoom(RuleBroken):
    """Your company has sent as many files as are kept. Nothing was sent: leave the files out."""


def keep_to_limits(account_id: UUID, files: Sequence[Evidence], *, opens: bool = False) -> None:
    """Look before a buyer's deed whether it is still within what one customer may do.

    Inside the transaction of the deed. Acts at the same moment may pass together: it is a brake,
    and not an invariant. Raises ``TooOften``, ``NoRoom``.
    """
    notes = DisputeNote.objects.filter(
        customer_account_id=account_id, by_staff=False, author__isnull=False,
        created_at__gt=clock.now() - _DAY,
    )  # fmt: skip
    done = notes.aggregate(all=Count("pk"), new=Count("pk", filter=Q(act=DisputeNote.Act.OPENED)))
    if done["all"] >= MOST_DEEDS or (opens and done["new"] >= MOST_NEW):
        raise TooOften
    if not files:
        return
    kept = DisputeFile.objects.filter(customer_account_id=account_id).aggregate(
        bytes=Sum("size_bytes", default=0)
    )
    if kept["bytes"] + sum(len(each.content) for each in files) > MOST_BYTES:
        raise NoRoom
