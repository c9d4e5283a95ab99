"""Books money that came on a bank account: one payment for one movement, once.

No gateway is asked. The bank has said that the money is ours, so the payment begins and succeeds in
one transaction, with its entry in the ledger, its posting and its receipt, as for any other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.payments.models import Payment
from quittance.payments.orders import OrderLine, PaymentOrder
from quittance.payments.receiving import Came, receive_money
from quittance.receivables.models import CustomerAccount
from quittance.reconciliation.models import GatewayMovement
from quittance.transfers.accounts import METHOD
from quittance.transfers.models import Announcement, BankAccount, BankEntry
from quittance.transfers.transitions import A, DecidedMeanwhile, E, move_announcement, move_entry

_CAUSE: Final = "the money came on the bank account"
_NOON: Final = time(12, tzinfo=UTC)


class CannotBeBooked(RuleBroken):
    """This movement cannot be booked as a payment. Nothing was booked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a movement pays: amounts in minor units by invoice; the rest lies on an account."""

    customer_account_id: UUID
    shares: Mapping[UUID, int] = field(default_factory=dict)
    reasons: Mapping[UUID, str] = field(default_factory=dict)
    other_account_ids: Collection[UUID] = ()
    user_id: UUID | None = None  # who gets the receipt


def book(entry: BankEntry, use: Use, *, announcement: Announcement | None, by: str = "") -> Payment:
    """Book one movement, inside a transaction that holds ``entry``. ``by``: "" by itself.

    What pays no invoice lies on the customer's account. Raises ``DecidedMeanwhile``,
    ``CannotBeBooked``, and what ``record_order`` raises; then roll back.
    """
    _check(entry, use)
    payment, is_new = receive_money(_order(entry, use), _came(entry), key=f"transfer:{entry.pk}")
    if not is_new:
        raise DecidedMeanwhile
    if payment.status != Payment.Status.SUCCEEDED:
        raise CannotBeBooked
    _into_the_books(entry)
    move_entry(
        entry, E.MATCHED, cause=by or _CAUSE, payment=payment, announcement=announcement,
        customer_account_id=payment.customer_account_id, decided_by=by[:100],
        looked_at=clock.now(), why="",
    )  # fmt: skip
    if announcement and announcement.status != A.MATCHED:
        move_announcement(
            announcement, A.MATCHED, cause=_CAUSE, ended_at=clock.now(), payment=payment
        )
    record_event("bank movement booked", subject_kind="bank_entry", subject_id=entry.pk,
                 payment=payment.number,
                 amount_minor=entry.amount_minor, currency=entry.currency)  # fmt: skip
    return payment


def use_of(announcement: Announcement) -> Use:
    """Return what an announced transfer pays, as it was announced, in a caller's transaction."""
    lines = list(announcement.lines.all())
    others = {each.customer_account_id for each in lines} - {announcement.customer_account_id}
    return Use(
        customer_account_id=announcement.customer_account_id,
        shares={each.invoice_id: each.amount_minor for each in lines},
        reasons={each.invoice_id: each.reason for each in lines},
        other_account_ids=others,
        user_id=announcement.user_id,
    )


def object_of(entry: BankEntry) -> str:
    """Return under which name a movement stands in the books of its account."""
    return f"bank:{entry.pk}"


def _check(entry: BankEntry, use: Use) -> None:
    if entry.status != E.WAITING:
        raise DecidedMeanwhile
    if entry.bank_account.booked_by != BankAccount.BookedBy.PORTAL:
        raise CannotBeBooked(_("The ERP books this account now: from here it would be twice."))
    if entry.amount_minor <= 0:
        raise CannotBeBooked(_("This money went away from the account. It pays nothing."))
    if entry.currency != entry.bank_account.currency:
        raise CannotBeBooked(_("It is in another currency than the account."))
    if any(minor <= 0 for minor in use.shares.values()):
        raise CannotBeBooked(_("Every amount must be above zero."))
    given = Money(sum(use.shares.values()), entry.currency)
    if given.minor > entry.amount_minor:
        words = _("%(given)s is allocated, but %(came)s came.")
        raise CannotBeBooked(words % {"given": given, "came": entry.amount})
    accounts = {use.customer_account_id, *use.other_account_ids}
    found = CustomerAccount.objects.filter(
        pk__in=accounts, legal_entity_id=entry.bank_account.legal_entity_id, gone_at=None
    )
    if found.count() != len(accounts):
        raise CannotBeBooked(_("The customer is not one of the legal entity of this account."))


def _order(entry: BankEntry, use: Use) -> PaymentOrder:
    paid = sum(use.shares.values())
    wished = bool(paid and use.user_id)
    return PaymentOrder(
        customer_account_id=use.customer_account_id, other_account_ids=use.other_account_ids,
        gateway_account_id=entry.bank_account.gateway_account_id, user_id=use.user_id,
        origin=Payment.Origin.CHECKOUT if wished else Payment.Origin.BACK_OFFICE,
        currency=entry.currency, method=METHOD, return_url="", cancel_url="",
        on_account_minor=entry.amount_minor - paid,
        lines=[
            OrderLine(invoice_id, Money(minor, entry.currency), use.reasons.get(invoice_id, ""))
            for invoice_id, minor in sorted(use.shares.items())
        ],
    )  # fmt: skip


def _came(entry: BankEntry) -> Came:
    end = entry.payer_account[-4:]
    return Came(
        object_id=object_of(entry),
        at=_came_at(entry),
        label=_("Bank transfer") + (f" ••{end}" if end else ""),
        detail=f"{entry.bank_reference} {entry.text}".strip(),
        cause=_CAUSE,
    )


def _into_the_books(entry: BankEntry) -> None:
    """The statement is the bank's own book: with it our side is compared, day by day."""
    GatewayMovement.objects.create(
        id=new_id(), gateway_account=entry.bank_account.gateway_account,
        movement_id=object_of(entry), kind=GatewayMovement.Kind.CHARGE,
        gateway_object=object_of(entry), subject="", gross_minor=entry.amount_minor, fee_minor=0,
        currency=entry.currency, code="", happened_at=_came_at(entry), read_at=clock.now(),
    )  # fmt: skip


def _came_at(entry: BankEntry) -> datetime:
    return datetime.combine(entry.booked_date, _NOON)
