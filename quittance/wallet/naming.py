"""Names a kept method as its payers like, and has it come first."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.core.errors import RuleBroken
from quittance.core.numbers import has_number
from quittance.tenancy.rows import writing
from quittance.wallet.charging import MethodNotUsable, why_not
from quittance.wallet.ending import NotKept
from quittance.wallet.keeping import make_default
from quittance.wallet.models import KeptMethod
from quittance.wallet.transitions import M

LONGEST: Final = 60


class NotAName(RuleBroken):
    """A name has at most 60 signs, and no number of a card or an account in it."""


def rename(method_id: UUID, name: str) -> None:
    """Keep the payers' own name for a method; "" for none. Raises ``NotKept``, ``NotAName``."""
    name = name.strip()
    if len(name) > LONGEST or has_number(name):
        raise NotAName
    with writing():
        row = KeptMethod.objects.filter(pk=method_id).exclude(status=M.ENDED)
        if not row.update(name=name):
            raise NotKept
        record_event(
            "method named", subject_kind="kept_method", subject_id=method_id, named=bool(name)
        )


def put_first(method_id: UUID, currency: str, *, user_id: UUID) -> None:
    """Have a method come first in one currency. Raises ``MethodNotUsable``."""
    with writing():
        row = KeptMethod.objects.select_for_update().filter(pk=method_id).first()
        problem = why_not(row, currency=currency, user_id=user_id)
        if row is None or problem:
            raise MethodNotUsable(problem)
        make_default(row, currency)
