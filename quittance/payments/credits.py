"""Open credit that a payer may use: what the ERP says is open, less what is under way with us.

The ERP's own interface cannot apply a credit to an invoice, so the seller's people do, by exact
steps (posting/models.py, ``Kind.APPLICATION``). Until the ERP shows it, what was used stays
reserved. A credit pays invoices of its own customer account and currency, never another's: nothing
is netted in silence. Source: features.md, 5.8.

Credit is often money of a payment of ours. What goes back of it pays nothing any more, although
the ERP shows it as open until a person has taken it back there; and what was used does not go back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum

from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.payments.models import BasketCredit, CreditUse, GatewayAttempt, Payment, Reversal
from quittance.payments.owed import ALIVE
from quittance.payments.told import IN_THE_ERP, K, S, standing
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Credit

_ENDED: Final = (Reversal.Status.SUCCEEDED, Reversal.Status.FAILED)


class CreditNotFree(RuleBroken):
    """Less of the credit is open than was to be used. Nothing was charged."""


@dataclass(frozen=True, slots=True)
class OpenCredit:
    """One credit's open amount and how much of it is under way with us, in minor units."""

    credit: Credit
    in_flight_minor: int
    chosen_minor: int = 0  # at most so much may be used in a basket
    going_back_minor: int = 0  # went back, or is about to, and the ERP does not show it yet

    @property
    def free(self) -> Money:
        """What may be used now; never below zero."""
        taken_minor = self.in_flight_minor + self.going_back_minor
        return Money(max(0, self.credit.open_minor - taken_minor), self.credit.currency)


def credits_to_use(
    account_ids: Collection[UUID], currency: str, *, basket_id: UUID | None = None
) -> Sequence[OpenCredit]:
    """Return the credits of these accounts that are not used up, the oldest first.

    With a basket it is told how much of each was chosen there. To look only: whoever uses a credit
    locks it.
    """
    uses = CreditUse.objects.filter(credit=OuterRef("pk"), status__in=ALIVE).order_by()
    chosen = BasketCredit.objects.filter(credit=OuterRef("pk"), basket=basket_id)
    behind = _postings_of_money().filter(
        customer_account_id=OuterRef("customer_account_id"), document_number=OuterRef("number")
    )
    rows = (
        Credit.objects.filter(
            customer_account_id__in=account_ids, currency=currency, open_minor__gt=0
        )
        .annotate(
            in_flight=Subquery(uses.values("credit").annotate(s=Sum("amount_minor")).values("s")),
            chosen=Subquery(chosen.values("amount_minor")[:1]),
            is_ours=Exists(behind),
        )
        .order_by("issued_date", "number", "pk")
    )
    back = _going_back([row for row in rows if row.is_ours])
    found = [
        OpenCredit(row, row.in_flight or 0, row.chosen or 0, back.get(row.pk, 0)) for row in rows
    ]
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
    in_flight, back = dict(sums), _going_back(credits_)
    return {
        each.pk: OpenCredit(
            each, in_flight.get(each.pk, 0), going_back_minor=back.get(each.pk, 0)
        )
        for each in credits_
    }  # fmt: skip


def used_of(payment: Payment, *, lock: bool = False) -> int:
    """Return how much of a payment's money is under way as credit for invoices, in minor units.

    In a transaction of the caller. With ``lock`` nobody uses more of it until that ends; lock the
    payment first.
    """
    postings = standing(payment)
    credits_ = Credit.objects.filter(
        number__in=[each.document_number for each in postings],
        customer_account_id__in={each.customer_account_id for each in postings},
    )
    if lock:
        credits_ = credits_.order_by("pk").select_for_update()
    uses = CreditUse.objects.filter(credit__in=[each.pk for each in credits_], status__in=ALIVE)
    return uses.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def _going_back(credits_: Collection[Credit]) -> dict[UUID, int]:
    """Return how much of each credit left us, or is about to, while the ERP shows it as open.

    What has no posting yet is taken off every account of its payment: it cannot be known of which
    one it will go back.
    """
    payment_of = _payments_behind(credits_)
    if not payment_of:
        return {}
    found = Reversal.objects.filter(payment_id__in=set(payment_of.values()))
    reversals = {each.pk: each for each in found.select_related("attempt")}
    told = ErpPosting.objects.filter(
        Q(source_id__in=reversals) | Q(reverses__in={number for _, number in payment_of}),
        customer_account_id__in={account_id for account_id, _ in payment_of},
        source_kind=K.REVERSAL,
    ).exclude(Q(status=S.REPLACED) | Q(reverses=""))
    moving: Counter[UUID] = Counter()
    for each in reversals.values():
        if each.status not in _ENDED and each.attempt.status != GatewayAttempt.Status.SURPLUS:
            moving[each.payment_id] += each.amount_minor - each.fee_minor
    back: Counter[tuple[UUID, UUID]] = Counter()
    for posting in told.exclude(status__in=IN_THE_ERP):
        # A buyer of another account of the same payment sees the posting, but not the reversal.
        reversal = reversals.get(posting.source_id)
        account_id = posting.customer_account_id
        payment_id = (
            reversal.payment_id if reversal else payment_of.get((account_id, posting.reverses))
        )
        if payment_id and (reversal is None or reversal.status != Reversal.Status.FAILED):
            back[account_id, payment_id] += posting.amount_minor
    keys = {each.pk: (each.customer_account_id, each.number) for each in credits_}
    return {
        credit_id: back[key[0], payment_of[key]] + moving[payment_of[key]]
        for credit_id, key in keys.items()
        if key in payment_of
    }


def _postings_of_money() -> QuerySet[ErpPosting]:
    """Return the postings that can have made a credit of money that came to us."""
    return ErpPosting.objects.filter(source_kind__in=[K.PAYMENT, K.REVERSAL])


def _payments_behind(credits_: Collection[Credit]) -> dict[tuple[UUID, str], UUID]:
    """Return the payments whose money these credits are, by account and document number.

    Money that came again because a dispute was won has a document of its own.
    """
    postings = _postings_of_money().filter(
        customer_account_id__in={each.customer_account_id for each in credits_},
        document_number__in=[each.number for each in credits_],
    )
    sources = {
        (each.customer_account_id, each.document_number): (each.source_kind, each.source_id)
        for each in postings
    }
    won = [source_id for kind, source_id in sources.values() if kind == K.REVERSAL]
    payments = dict(Reversal.objects.filter(pk__in=won).values_list("pk", "payment_id"))
    payments.update({each: each for kind, each in sources.values() if kind == K.PAYMENT})
    return {
        key: payments[source_id] for key, (_, source_id) in sources.items() if source_id in payments
    }
