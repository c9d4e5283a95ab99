"""Writes a transfer down that a payer says they make, and takes it back when they say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.approvals.pledges import pledge
from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.payments.approving import check_approved, wanted_of
from quittance.payments.baskets import BasketChanged
from quittance.payments.contents import BasketGone, Contents, Item, find_basket, payment_of
from quittance.payments.models import Basket
from quittance.payments.orders import AmountNotOwed, Suspended
from quittance.payments.sealing import accounts_in, as_plain, fingerprint_of_basket
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import because, reading, writing
from quittance.tenancy.scope import current_organization_id
from quittance.transfers.accounts import METHOD, account_for
from quittance.transfers.models import AnnouncedLine, Announcement, BankAccount
from quittance.transfers.reference import new_announcement_number, reference_of
from quittance.transfers.transitions import A, move_announcement


class NoBankAccount(RuleBroken):
    """The seller takes no bank transfer for these invoices. Choose another way to pay."""


class NothingToTransfer(RuleBroken):
    """Nothing is left to pay on these invoices. Choose them again."""


class NotOpen(RuleBroken):
    """This transfer does not wait for money any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a basket comes to when it is paid by bank transfer."""

    contents: Contents
    account: BankAccount
    amount: Money
    others: Sequence[Announcement]  # open ones for the same invoices


def plan_of(contents: Contents) -> Plan | None:
    """Return the transfer that a basket may become, in a transaction; ``None``: none may.

    Credits stay for another payment: nothing is reserved, so they could be gone when money comes.
    There is no fee.
    """
    account = _account_of(contents)
    if account is None:
        return None
    plain = _plain(contents)
    ids = [item.invoice.pk for item in contents.items]
    others = Announcement.objects.filter(status=A.ANNOUNCED, lines__invoice_id__in=ids)
    others = others.exclude(basket_id=contents.basket.pk).distinct().order_by("created_at")
    return Plan(contents=plain, account=account, amount=plain.money, others=list(others))


def as_transfer(contents: Contents) -> Contents | None:
    """Return a basket as a transfer pays it; ``None`` where the seller takes none."""
    with reading():
        account = _account_of(contents)
    if account is None:
        return None
    plain = _plain(contents)
    return plain if plain.money.minor else None


def announce(basket_id: UUID, *, user_id: UUID, version: int, seal: str) -> Announcement:
    """Write a transfer down, and give it its reference. It reserves nothing.

    Idempotent: a second click finds the first. ``seal`` is that of the page that showed it. Raises
    ``BasketGone``, ``BasketChanged``, ``NoBankAccount``, ``NothingToTransfer``, ``AmountNotOwed``,
    ``Suspended``, ``MayNot`` (or ``AboveLimit``), ``NeedsApproval``.
    """
    with writing():
        basket = Basket.objects.select_for_update().filter(pk=basket_id).first()
        earlier = announced_of(basket_id)
        if earlier:
            return earlier
        if basket is None or payment_of(basket_id):
            raise BasketGone
        if Organization.objects.filter(pk=current_organization_id(), suspended_at__isnull=False):
            raise Suspended(_("This portal takes no new payments now. Nothing was announced."))
        plan = plan_of(find_basket(basket_id))
        if plan is None:
            raise NoBankAccount
        if plan.contents.basket.version != version or plan.contents.seal != seal:
            raise BasketChanged(
                _("Something has changed since the page was shown. Look once more.")
            )
        if not plan.amount.minor:
            raise NothingToTransfer
        announcement_id = new_id()
        check_approved(
            wanted_of(plan.contents, user_id), basket_id=basket_id,
            fingerprint=fingerprint_of_basket(plan.contents), used_for=announcement_id,
        )  # fmt: skip
        return _write(plan, user_id, announcement_id)


def announced_of(basket_id: UUID) -> Announcement | None:
    """Return the transfer that a basket became, in a transaction of the caller."""
    return Announcement.objects.filter(basket_id=basket_id).first()


def cancel(announcement_id: UUID) -> Announcement:
    """Take an announced transfer back. Money that comes all the same waits for a clerk.

    Raises ``NotOpen``, also for one that the scope may not see.
    """
    with writing():
        row = Announcement.objects.select_for_update().filter(pk=announcement_id).first()
        if row is None or row.status not in {A.ANNOUNCED, A.CANCELLED}:
            raise NotOpen
        cause = "the payer took it back"
        if move_announcement(row, A.CANCELLED, cause=cause, ended_at=clock.now()):
            record_event("transfer taken back", subject_kind="announcement", subject_id=row.pk)
    return row


def _account_of(contents: Contents) -> BankAccount | None:
    entities = {item.invoice.legal_entity_id for item in contents.items}
    return account_for(entities, contents.basket.currency)


def _plain(contents: Contents) -> Contents:
    """Return the basket without its credits, as the slowest way pays it."""
    return as_plain(contents, METHOD)


def _write(plan: Plan, user_id: UUID, announcement_id: UUID) -> Announcement:
    because("the payer announced it")
    basket, number = plan.contents.basket, new_announcement_number()
    row = Announcement.objects.create(
        id=announcement_id, number=number, reference=reference_of(number),
        customer_account_id=basket.customer_account_id, user_id=user_id,
        bank_account=plan.account, basket_id=basket.pk, amount_minor=plan.amount.minor,
        currency=plan.amount.currency,
    )  # fmt: skip
    AnnouncedLine.objects.bulk_create(
        _line(row, item) for item in plan.contents.items if item.part.money_minor
    )
    pledge(row.pk, accounts_in(plan.contents), user_id=user_id, amount=row.amount)
    record_event("transfer announced", subject_kind="announcement", subject_id=row.pk,
                 amount_minor=row.amount_minor,
                 currency=row.currency)  # fmt: skip
    return row


def _line(row: Announcement, item: Item) -> AnnouncedLine:
    if item.amount.minor > item.free.minor:
        raise AmountNotOwed(
            _(
                "%(free)s of invoice %(number)s can be paid now, not %(amount)s. Nothing was"
                " announced. Change the amounts."
            )
            % {"free": item.free, "number": item.invoice.number, "amount": item.amount},
            invoice=item.invoice.number,
        )
    return AnnouncedLine(
        customer_account_id=item.invoice.customer_account_id, announcement=row,
        invoice=item.invoice, amount_minor=item.part.money_minor, reason=item.reason,
        open_seen_minor=item.invoice.open_minor,
    )  # fmt: skip


def shares_of(announcement: Announcement) -> Mapping[UUID, int]:
    """Return how much is for each invoice, in minor units, in a transaction of the caller."""
    return dict(announcement.lines.values_list("invoice_id", "amount_minor"))
