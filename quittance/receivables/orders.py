"""Orders: asked of the ERP when somebody looks; of invoiced ones the mirror knows the invoices.

An ERP forgets an order when all of it is invoiced. Its invoices name it for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Count, Max

from quittance.connections.open import erp_for
from quittance.erp.base import InvoiceLineRecord
from quittance.erp.documents import OrderRecord, ShipmentRecord, ShowsDocuments
from quittance.receivables.models import Invoice

MOST: Final = 200  # of one customer, the newest; an older one is not found
_PATIENCE_SECONDS: Final = 6.0  # a person waits


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShown:
    """One order as the ERP shows it now. Wholly invoiced it shows its shipments only."""

    order: OrderRecord | None
    lines: Sequence[InvoiceLineRecord]
    shipments: Sequence[ShipmentRecord]


class InvoicedOrder(NamedTuple):
    """An order that invoices of the mirror name."""

    number: str
    purchase_order: str
    invoices: int
    last_date: date  # of the newest invoice


def orders_of(legal_entity_id: UUID, customer_erp_id: str) -> list[OrderRecord] | None:
    """Return the customer's orders that the seller has confirmed, the newest first.

    They are not wholly invoiced. ``None`` from an ERP that shows none. Raises ``OutsideError``.
    """
    erp = erp_for(legal_entity_id, seconds=_PATIENCE_SECONDS)
    if not isinstance(erp, ShowsDocuments):
        return None
    return [each for each in erp.orders(customer_erp_id, most=MOST) if each.is_released]


def order_of(legal_entity_id: UUID, customer_erp_id: str, number: str) -> OrderShown:
    """Return what the ERP shows of one of the customer's orders. Raises ``OutsideError``.

    The number is looked for among the customer's own: nobody is shown an order of others.
    """
    nothing = OrderShown(order=None, lines=(), shipments=())
    erp = erp_for(legal_entity_id, seconds=_PATIENCE_SECONDS)
    if not isinstance(erp, ShowsDocuments):
        return nothing
    found = [each for each in erp.orders(customer_erp_id, most=MOST) if each.number == number]
    order = found[0] if found and found[0].is_released else None
    sent = erp.shipments(customer_erp_id, most=MOST)
    return OrderShown(
        order=order,
        lines=erp.order_lines(order.erp_id) if order else (),
        shipments=[each for each in sent if each.order_number == number],
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
