"""What a clerk decides about a movement: what it pays, or that nothing is to be booked."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.payments.models import Payment
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import because, writing
from quittance.tenancy.scope import current_scope
from quittance.transfers.booking import Use, book, use_of
from quittance.transfers.matching import lock_entry
from quittance.transfers.models import Announcement, BankEntry
from quittance.transfers.transitions import E, move_entry


class NoteMissing(RuleBroken):
    """Write in a few words why: others will read it."""


class NoSuchTransfer(RuleBroken):
    """There is no announced transfer with this number."""


class NoSuchCustomer(RuleBroken):
    """This legal entity has no customer with this number."""


def book_for(entry_id: UUID, announcement_id: UUID, shares: Mapping[UUID, int]) -> Payment:
    """Book a movement for an announced transfer, with amounts by invoice in minor units.

    What is left lies on the customer's account. Raises what ``book`` raises.
    """
    with writing():
        entry = lock_entry(entry_id)
        row = Announcement.objects.select_for_update().filter(pk=announcement_id).first()
        if row is None:
            raise NoSuchTransfer
        told = use_of(row)
        if not set(shares) <= set(told.shares):
            raise RuleBroken(_("An invoice is not one of this transfer. Nothing was booked."))
        use = Use(
            customer_account_id=told.customer_account_id, shares=shares, reasons=told.reasons,
            other_account_ids=told.other_account_ids, user_id=told.user_id,
        )  # fmt: skip
        return book(entry, use, announcement=row, by=current_scope().actor)


def book_on_account(entry_id: UUID, customer_number: str) -> Payment:
    """Book a movement on a customer's account; what it pays is applied in the ERP.

    Raises ``NoSuchCustomer`` and what ``book`` raises.
    """
    with writing():
        entry = lock_entry(entry_id)
        found = CustomerAccount.objects.filter(
            number=customer_number.strip()[:40],
            legal_entity_id=entry.bank_account.legal_entity_id, gone_at=None,
        ).first()  # fmt: skip
        if found is None:
            raise NoSuchCustomer
        use = Use(customer_account_id=found.pk)
        return book(entry, use, announcement=None, by=current_scope().actor)


def set_aside(entry_id: UUID, *, note: str) -> BankEntry:
    """Say that a movement is booked elsewhere, or none of ours. Raises ``NoteMissing``."""
    if not note.strip():
        raise NoteMissing
    with writing():
        entry = lock_entry(entry_id)
        by = current_scope().actor[:100]
        move_entry(entry, E.SET_ASIDE, cause=note, note=note.strip()[:500], decided_by=by)
        record_event(
            "bank movement set aside",
            subject_kind="bank_entry",
            subject_id=entry.pk,
            note=note[:500],
        )
    return entry


def put_back(entry_id: UUID) -> BankEntry:
    """Look at a movement again that was set aside; it is matched anew."""
    with writing():
        entry = lock_entry(entry_id)
        because("put back by a clerk")
        move_entry(entry, E.WAITING, cause="put back by a clerk", looked_at=None, decided_by="")
        record_event("bank movement put back", subject_kind="bank_entry", subject_id=entry.pk)
    return entry


def look_again(entry_id: UUID) -> None:
    """Have a waiting movement matched anew: a transfer may have been announced meanwhile."""
    with writing():
        BankEntry.objects.filter(pk=entry_id, status=E.WAITING).update(looked_at=None)
        record_event(
            "bank movement looked at again",
            subject_kind="bank_entry",
            subject_id=entry_id,
            at=str(clock.now()),
        )
