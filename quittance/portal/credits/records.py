"""Reads credits for a buyer: a page of the list, or one with what it was used for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from quittance.einvoices.credits import with_credit_offer
from quittance.payments.models import CreditUse, Payment
from quittance.payments.owed import ALIVE
from quittance.portal.newest import Part, newest_first
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Credit

PAGE: Final = 50
TABS: Final = ("open", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A credit with what it was used for, and the payment that it comes from if that was ours."""

    credit: Any
    uses: Sequence[CreditUse]  # the earliest first; also those that came to nothing
    source: Payment | None


def some_credits(account_id: UUID, *, tab: str, after: str, before: str) -> Part:
    """Return one page, in a transaction of the caller.

    Each row is a ``Credit`` with ``in_flight``: what is being used, in minor units.
    """
    rows = _with_use().filter(customer_account_id=account_id)
    if tab == "open":
        rows = rows.filter(open_minor__gt=0)
    return newest_first(rows, "issued_date", "pk", date, after=after, before=before, most=PAGE)


def whole_credit(credit_id: UUID) -> Whole | None:
    """Return one credit that the scope may see, in a transaction of the caller."""
    rows = with_credit_offer(_with_use().select_related("customer_account"))
    credit = rows.filter(pk=credit_id).first()
    if credit is None:
        return None
    uses = CreditUse.objects.filter(credit=credit).select_related("payment", "invoice")
    return Whole(
        credit=credit,
        uses=list(uses.order_by("payment__created_at", "pk")),
        source=_source(credit),
    )


def _with_use() -> QuerySet[Any]:
    uses = CreditUse.objects.filter(credit=OuterRef("pk"), status__in=ALIVE).order_by()
    sums = uses.values("credit").annotate(sum=Sum("amount_minor")).values("sum")
    return Credit.objects.annotate(in_flight=Coalesce(Subquery(sums), 0))


def _source(credit: Credit) -> Payment | None:
    """Return the payment of ours whose money this is: the ERP knows it by our document number."""
    if credit.kind != Credit.Kind.PAYMENT:
        return None
    postings = ErpPosting.objects.filter(
        legal_entity_id=credit.legal_entity_id, document_number=credit.number,
        customer_account_id=credit.customer_account_id, source_kind=ErpPosting.Kind.PAYMENT,
    )  # fmt: skip
    return Payment.objects.filter(pk__in=postings.values(paid=F("source_id"))).first()
