"""Names a kept method as its payers like, and has it come first."""

from __future__ import annotations

from uuid import UUID

from quittance.tenancy.rows import writing
from quittance.wallet.charging import MethodNotUsable, why_not
from quittance.wallet.ending import NotKept
from quittance.wallet.keeping import make_default
from quittance.wallet.models import KeptMethod
from quittance.wallet.transitions import M


def rename(method_id: UUID, name: str) -> None:
    """Keep the payers' own name for a method; "" for none. Raises ``NotKept``."""
    with writing():
        row = KeptMethod.objects.filter(pk=method_id).exclude(status=M.ENDED)
        if not row.update(name=name.strip()[:60]):
            raise NotKept


def put_first(method_id: UUID, currency: str, *, user_id: UUID) -> None:
    """Have a method come first in one currency. Raises ``MethodNotUsable``."""
    with writing():
        row = KeptMethod.objects.select_for_update().filter(pk=method_id).first()
        problem = why_not(row, currency=currency, user_id=user_id)
        if row is None or problem:
            raise MethodNotUsable(problem)
        make_default(row, currency)
