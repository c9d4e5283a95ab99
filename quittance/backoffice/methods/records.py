"""Reads the ways to pay that customers keep, page by page, for the AR team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import Q
from markupsafe import Markup

from quittance.receivables.models import CustomerAccount
from quittance.wallet.models import KeptMethod, MethodMessage
from quittance.wallet.words import kind_of, mark_of

PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list."""

    method: KeptMethod
    customer: CustomerAccount
    kind: str
    mark: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """One page, the newest first; ``newer`` and ``older`` are places, or empty."""

    rows: Sequence[Row]
    newer: str
    older: str


def some_methods(*, q: str, after: str, before: str, today: date) -> Some:
    """Return one page, in a transaction of the caller; ``q`` begins a number or is in a name.

    A place is a method's id, for ids grow with time.
    """
    place = _read_place(before or after)
    backwards = bool(before) and place is not None
    rows = KeptMethod.objects.order_by("pk" if backwards else "-pk")
    if q:
        wanted = CustomerAccount.objects.filter(Q(number__istartswith=q) | Q(name__icontains=q))
        rows = rows.filter(customer_account_id__in=wanted.values("pk"))
    if place:
        rows = rows.filter(pk__gt=place) if backwards else rows.filter(pk__lt=place)
    found = list(rows[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    if backwards:
        found.reverse()
    customers = CustomerAccount.objects.in_bulk({each.customer_account_id for each in found})
    return Some(
        rows=[
            Row(
                method=each, customer=customers[each.customer_account_id],
                kind=kind_of(each.method, each.scheme), mark=mark_of(each, today),
            )
            for each in found
        ],
        newer=str(found[0].pk) if found and (more if backwards else place) else "",
        older=str(found[-1].pk) if found and (backwards or more) else "",
    )  # fmt: skip


def kept_in_vain(before: datetime) -> Sequence[tuple[KeptMethod, CustomerAccount]]:
    """Return what ended here before a moment and its gateway has not forgotten, the oldest first.

    In a transaction of the caller. It is asked for daily; a person can remove it there by hand.
    """
    rows = KeptMethod.objects.filter(
        status=KeptMethod.Status.ENDED, forgotten_at=None, ended_at__lt=before
    )
    found = list(rows.select_related("gateway_account").order_by("ended_at")[:20])
    customers = CustomerAccount.objects.in_bulk({each.customer_account_id for each in found})
    return [(each, customers[each.customer_account_id]) for each in found]


def said_by_banks(row: KeptMethod) -> Sequence[MethodMessage]:
    """Return what banks said of an account by a code of theirs, the newest first.

    In a transaction of the caller.
    """
    rows = MethodMessage.objects.filter(
        gateway_account_id=row.gateway_account_id, gateway_method=row.gateway_method
    ).exclude(code="")
    return list(rows.order_by("-received_at")[:20])


def _read_place(place: str) -> UUID | None:
    try:
        return UUID(place)
    except ValueError:
        return None
