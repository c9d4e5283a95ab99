"""Open credit that a payer may use: what the ERP says is open, less what is under way with us.

The ERP's own interface cannot apply a credit to an invoice, so the seller's people do, by exact
steps (posting/models.py, ``Kind.APPLICATION``). Until the ERP shows it, what was used stays
reserved. A credit pays invoices of its own customer account and currency, never another's: nothing
is netted in silence. Source: features.md, 5.8.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, Subquery, Sum

from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.payments.models import BasketCredit, CreditUse
from quittance.payments.owed import ALIVE
from quittance.receivables.models import Credit


class CreditNotFree(RuleBroken):
    """Less of the credit is open than was to be used. Nothing was charged."""


@dataclass(frozen=True, slots=True)
class OpenCredit:
    """One credit's open amount and how much of it is under way with us, in minor units."""

    credit: Credit
    in_flight_minor: int
    chosen_minor: int = 0  # at most so much may be used in a basket

    @property
    def free(self) -> Money:
        """What may be used now; never below zero."""
        free_minor = max(0, self.credit.open_minor - self.in_flight_minor)
        return Money(free_minor, self.credit.currency)


def credits_to_use(
    account_ids: Collection[UUID], currency: str, *, basket_id: UUID | None = None
) -> Sequence[OpenCredit]:
    """Return the credits of these accounts that are not used up, the oldest first.

    With a basket it is told how much of each was chosen there. One query, to look only: whoever
    uses a credit locks it.
    """
    uses = CreditUse.objects.filter(credit=OuterRef("pk"), status__in=ALIVE).order_by()
    chosen = BasketCredit.objects.filter(credit=OuterRef("pk"), basket=basket_id)
    rows = (
        Credit.objects.filter(
            customer_account_id__in=account_ids, currency=currency, open_minor__gt=0
        )
        .annotate(
            in_flight=Subquery(uses.values("credit").annotate(s=Sum("amount_minor")).values("s")),
            chosen=Subquery(chosen.values("amount_minor")[:1]),
        )
        .order_by("issued_date", "number", "pk")
    )
    found = [OpenCredit(row, row.in_flight or 0, row.chosen or 0) for row in rows]
    return [each for each in found if each.free.minor > 0]


def lock_credits(credit_ids: Collection[UUID]) -> Mapping[UUID, OpenCredit]:
    """Return these credits, as far as the scope may see them, ours until the transaction ends.

    Lock the invoices first, then the credits, each in the order of their ids: so two payers cannot
    wait for each other.
    """
    if not credit_ids:
        return {}
    locked = Credit.objects.filter(pk__in=credit_ids).order_by("pk").select_for_update()
    return _with_uses(list(locked))


def _with_uses(credits_: Sequence[Credit]) -> dict[UUID, OpenCredit]:
    if not credits_:
        return {}
    sums = (
        CreditUse.objects.filter(credit__in=[each.pk for each in credits_], status__in=ALIVE)
        .values_list("credit_id")
        .annotate(sum=Sum("amount_minor"))
    )
    in_flight = dict(sums)
    return {each.pk: OpenCredit(each, in_flight.get(each.pk, 0)) for each in credits_}
