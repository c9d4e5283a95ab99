"""Orders: asked of the ERP when somebody looks; of invoiced ones the mirror knows the invoices.

An ERP forgets an order when all of it is invoiced. Its invoices name it for ever.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Count, Max

from quittance.connections.open import erp_for
from quittance.erp.base import InvoiceLineRecord
from quittance.erp.documents import OrderRecord, ShipmentRecord, ShowsDocuments
from quittance.receivables.models import Invoice

MOST: Final = 200  # of one customer, the newest; an older one is not found
_PATIENCE_SECONDS: Final = 6.0  # a person waits


class Told(StrEnum):
    """What the ERP says of one order."""

    KEPT = "kept"  # it keeps it: not wholly invoiced
    CHANGING = "changing"  # it keeps it, and the seller has taken back the confirmation
    GONE = "gone"  # it keeps it no longer: wholly invoiced, or deleted
    NOTHING = "nothing"  # it cannot tell: it shows no orders, or shows so many newer ones


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersShown:
    """A customer's orders as the ERP shows them now, the newest first."""

    orders: Sequence[OrderRecord]  # that the seller has confirmed; they are not wholly invoiced
    shipped_in_part: Set[str]  # the numbers of those of which something is shipped, as far as seen
    complete: bool  # False: there may be older ones


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShown:
    """One order as the ERP shows it now."""

    told: Told
    order: OrderRecord | None  # only where it is ``KEPT``
    lines: Sequence[InvoiceLineRecord]
    shipments: Sequence[ShipmentRecord]
    all_shipments: bool  # False: there may be others


class InvoicedOrder(NamedTuple):
    """An order that invoices of the mirror name."""

    number: str
    purchase_order: str
    invoices: int
    last_date: date  # of the newest invoice


def orders_of(legal_entity_id: UUID, customer_erp_id: str) -> OrdersShown | None:
    """Return the customer's orders that the seller has confirmed.

    ``None`` from an ERP that shows none. Raises ``OutsideError``.
    """
    erp = erp_for(legal_entity_id, seconds=_PATIENCE_SECONDS)
    if not isinstance(erp, ShowsDocuments):
        return None
    found = erp.orders(customer_erp_id, most=MOST)
    orders = [each for each in found if each.is_released]
    sent = (
        {each.order_number for each in erp.shipments(customer_erp_id, most=MOST)}
        if any(not each.is_shipped for each in orders)
        else set()
    )
    return OrdersShown(
        orders=orders,
        shipped_in_part={
            each.number for each in orders if each.number in sent and not each.is_shipped
        },
        complete=len(found) < MOST,
    )


def order_of(legal_entity_id: UUID, customer_erp_id: str, number: str) -> OrderShown:
    """Return what the ERP shows of one of the customer's orders. Raises ``OutsideError``.

    The number is looked for among the customer's own: nobody is shown an order of others.
    """
    erp = erp_for(legal_entity_id, seconds=_PATIENCE_SECONDS)
    if not isinstance(erp, ShowsDocuments):
        return OrderShown(
            told=Told.NOTHING, order=None, lines=(), shipments=(), all_shipments=False
        )
    kept = erp.orders(customer_erp_id, most=MOST)
    found = next((each for each in kept if each.number == number), None)
    order = found if found and found.is_released else None
    if found:
        told = Told.KEPT if order else Told.CHANGING
    else:
        told = Told.GONE if len(kept) < MOST else Told.NOTHING
    sent = erp.shipments(customer_erp_id, most=MOST)
    return OrderShown(
        told=told,
        order=order,
        lines=erp.order_lines(order.erp_id) if order else (),
        shipments=[each for each in sent if each.order_number == number],
        all_shipments=len(sent) < MOST,
    )


def invoices_of_order(account_id: UUID, number: str) -> list[Invoice]:
    """Return the invoices that name the order, the newest first, in the caller's transaction."""
    rows = Invoice.objects.filter(customer_account_id=account_id, order_number=number)
    return list(rows.exclude(order_number="").order_by("-issued_date", "-pk"))


def invoiced_orders(account_id: UUID, *, below: str = "", most: int) -> list[InvoicedOrder]:
    """Return orders that invoices name, the highest number first, in the caller's transaction."""
    rows = Invoice.objects.filter(customer_account_id=account_id).exclude(order_number="")
    if below:
        rows = rows.filter(order_number__lt=below)
    found = (
        rows.order_by()
        .values_list("order_number")
        .annotate(Max("purchase_order"), Count("pk"), Max("issued_date"))
    )
    return [InvoicedOrder(*each) for each in found.order_by("-order_number")[:most]]
