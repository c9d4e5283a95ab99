"""What tests of disputes do again and again."""

from __future__ import annotations

import uuid
from typing import Any

from quittance.core.money import Money
from quittance.disputes.conversation import Said
from quittance.disputes.models import InvoiceDispute
from quittance.disputes.opening import Wrong, open_dispute
from quittance.identity.models import User
from quittance.payments.disputed import settled_of
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from tests.payments.people import may_pay_for

PDF = b"%PDF-1.7\nproof of delivery\n%%EOF\n"


def person(*, role: str = "", email: str = "", name: str = "Dana Okafor") -> User:
    """A buyer, or with a role one of the seller's own."""
    with writing():
        return User.objects.create(
            email=email or f"{uuid.uuid4().hex}@example.test", name=name, staff_role=role
        )


def said(by: User, text: str = "Four cases were missing.", **more: Any) -> Said:
    """Words of somebody, sent once."""
    return Said(by=by, text=text, key=uuid.uuid4(), **more)


def disputed(
    invoice: Invoice, by: User, amount: str = "50.00", *, reason: str = "quantity",
    words: Said | None = None,
) -> InvoiceDispute:  # fmt: skip
    """A dispute about an amount of the invoice."""
    from decimal import Decimal

    may_pay_for(by, invoice.customer_account_id)
    with reading():
        settled = settled_of([invoice.pk], shown=True).get(invoice.pk, 0)
    minor = Money.from_decimal(Decimal(amount), invoice.currency)
    return open_dispute(
        invoice.pk, words or said(by), reason=reason, wrong=[Wrong(None, minor)],
        settled_minor=settled,
    )  # fmt: skip


def again(dispute: InvoiceDispute) -> InvoiceDispute:
    """Read a dispute again."""
    with reading():
        dispute.refresh_from_db()
    return dispute
