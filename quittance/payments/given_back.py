"""Finds what a bank had taken when it gives money back: for a dispute, or as a debit's return.

Either way a reversal of the kind ``dispute_won`` brings it, and carries the gateway's id of what
had been taken: the dispute's, or that of the return's own entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from quittance.payments.models import Reversal

K, R = Reversal.Kind, Reversal.Status


def taken_before(won: Reversal) -> Reversal | None:
    """Return the dispute or return whose money came again; ``None`` when none is known."""
    taken = Reversal.objects.filter(attempt_id=won.attempt_id, kind__in=[K.DISPUTE, K.RETURN])
    own = taken.filter(gateway_object=won.gateway_object).first()
    same = taken.filter(kind=K.DISPUTE, amount_minor=won.amount_minor)
    return own or same.order_by("-created_at").first()


def ends_a_return(won: Reversal, among: Iterable[Reversal] | None = None) -> bool:
    """Say whether the money that came again is that of a debit which the bank had returned.

    ``among``: the reversals of its payment, where they are known; else the database is asked.
    """
    if won.kind != K.DISPUTE_WON:
        return False
    if among is None:
        among = Reversal.objects.filter(attempt_id=won.attempt_id, kind=K.RETURN)
    return any(
        each.kind == K.RETURN and each.gateway_object == won.gateway_object for each in among
    )


def still_returned(rows: QuerySet[Reversal]) -> QuerySet[Reversal]:
    """Return, of some reversals, the returns whose money is with the payer's bank today."""
    given_back = Reversal.objects.filter(
        attempt=OuterRef("attempt"), kind=K.DISPUTE_WON, status=R.SUCCEEDED,
        gateway_object=OuterRef("gateway_object"),
    )  # fmt: skip
    return rows.filter(~Exists(given_back), kind=K.RETURN, status=R.SUCCEEDED)


def of_disputes(rows: QuerySet[Reversal]) -> QuerySet[Reversal]:
    """Return, of some reversals, those that move the money of a dispute, there or back."""
    returns = Reversal.objects.filter(
        attempt=OuterRef("attempt"), kind=K.RETURN, gateway_object=OuterRef("gateway_object")
    )
    return rows.filter(~Exists(returns), kind__in=[K.DISPUTE, K.DISPUTE_WON])


def returned_payment() -> Any:
    """Say of each payment of a query whether a return of it stands today."""
    return Exists(still_returned(Reversal.objects.filter(payment=OuterRef("pk"))))


def is_given_back(reversal: Reversal, among: Iterable[Reversal]) -> bool:
    """Say whether one of these brought again what this one took."""
    return any(
        each.kind == K.DISPUTE_WON and each.gateway_object == reversal.gateway_object
        for each in among
    )
