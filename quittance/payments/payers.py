"""Says who is paying an invoice at this moment, to somebody who wanted to pay it too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.payments.models import Allocation, Payment
from quittance.payments.orders import AmountNotOwed
from quittance.payments.owed import ALIVE
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened

_ORIGIN = Payment.Origin
# Nobody clicks for these, whoever agreed to them once.
_BY_ITSELF: Final = {
    _ORIGIN.AUTOPAY: noop("An automatic payment"),
    _ORIGIN.INSTALMENT: noop("An instalment of a payment plan"),
}
_UNKNOWN_PERSON: Final = {
    _ORIGIN.PAY_LINK: noop("Somebody with the pay link"),
    _ORIGIN.BACK_OFFICE: noop("The seller's team"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A part of an invoice that is reserved, or paid and not shown by the mirror yet.

    Of a payment that the reader may not see, because it began at an account that is not theirs,
    only the amount is told: ``payment`` is ``None``.
    """

    invoice_id: UUID
    amount: Money  # money, discount and credit together
    payment: Payment | None
    name: str  # of who pays; "" when nobody in particular does


Reserved = list[tuple[Allocation, Payment | None]]  # what is under way, for ``told``


def under_way(invoice_ids: Collection[UUID]) -> Sequence[UnderWay]:
    """Return what is under way for these invoices, the oldest first, outside of a transaction.

    Who may act for the same account is told the name of who pays; nobody else sees the payment.
    """
    with reading():
        alive = list(
            Allocation.objects.filter(invoice_id__in=invoice_ids, status__in=ALIVE).order_by("pk")
        )
        payments = Payment.objects.in_bulk({each.payment_id for each in alive}) if alive else {}
    return told([(each, payments.get(each.payment_id)) for each in alive])


def told(reserved: Reserved, *, reader: UUID | None = None) -> Sequence[UnderWay]:
    """Return ``reserved`` with the names of who pays, outside of a transaction.

    The ``reader`` is told no name of their own.
    """
    payers = {payment.user_id for _, payment in reserved if payment and payment.user_id}
    names = names_of(payers - {reader})
    return [_under_way(allocation, payment, names) for allocation, payment in reserved]


def names_of(user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of people who acted for an account that the reader may act for too.

    A buyer may read no other person's row (identity/models.py); so this reads the names, and only
    them, for all of the organization.
    """
    if not user_ids:
        return {}
    with widened(), reading():
        return dict(User.objects.filter(pk__in=user_ids).values_list("pk", "name"))


def named(error: AmountNotOwed, *, reader: UUID | None) -> AmountNotOwed:
    """Return the refusal with the name of who was faster, for who may know it.

    Where no person pays, it is said what does: autopay, an instalment, a pay link.
    """
    invoice_id = error.facts.get("invoice_id")
    found = under_way([UUID(str(invoice_id))]) if invoice_id else []
    number = str(error.facts.get("invoice", ""))
    each_said = (_told(each.payment, each.name, number, reader) for each in found if each.payment)
    words = next(filter(None, each_said), "")
    return AmountNotOwed(f"{words} {error}", **error.facts) if words else error


def _told(payment: Payment, name: str, number: str, reader: UUID | None) -> str:
    """Say who pays an invoice; "" when nothing is known of them."""
    origin = _ORIGIN(payment.origin)
    who = _(_BY_ITSELF[origin]) if origin in _BY_ITSELF else name
    if not who and origin in _UNKNOWN_PERSON:
        who = _(_UNKNOWN_PERSON[origin])
    if origin not in _BY_ITSELF and payment.user_id and payment.user_id == reader:
        said = noop("You are paying invoice %(invoice)s, payment %(payment)s.")
        over = noop("You are done with paying invoice %(invoice)s, payment %(payment)s.")
    elif who:
        said = noop("%(who)s is paying invoice %(invoice)s, payment %(payment)s.")
        over = noop("%(who)s is done with paying invoice %(invoice)s, payment %(payment)s.")
    else:
        return ""
    is_over = payment.status == Payment.Status.SUCCEEDED
    facts = {"who": who, "invoice": number, "payment": payment.number}
    return _(over if is_over else said) % facts


def _under_way(allocation: Allocation, payment: Payment | None, names: dict[UUID, str]) -> UnderWay:
    name = names.get(payment.user_id, "") if payment and payment.user_id else ""
    return UnderWay(
        invoice_id=allocation.invoice_id,
        amount=Money(allocation.settles_minor, allocation.currency),
        payment=payment,
        name=name,
    )
