"""Finds out what a movement on the bank account pays: by itself where it is sure, else it asks.

The order of evidence: the creditor reference, then the amount with an account from which this
customer has paid before. Whatever does not fit exactly is a suggestion for a clerk. Source:
features.md, 5.8.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import DatabaseError, OperationalError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from quittance.core import clock
from quittance.core.errors import QuittanceError, RuleBroken
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from quittance.transfers.booking import book, use_of
from quittance.transfers.models import Announcement, BankEntry
from quittance.transfers.reference import cut_off_in, found_in, names_another
from quittance.transfers.transitions import A, DecidedMeanwhile, E

log = logging.getLogger(__name__)
AT_ONCE: Final = 200  # movements in one go
_WORD: Final = re.compile(r"[0-9A-Z][0-9A-Z/._-]{3,}")
_WORDS: Final = 40  # of a text that are looked up as invoice numbers


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which transfer a movement may be; ``why`` it must be decided by a person, "" when sure."""

    announcement: Announcement | None
    why: str


def match_waiting(most: int = AT_ONCE) -> int:
    """Look at the movements that nobody has looked at; return how many are booked now.

    One that cannot be matched for a fault of ours is parked, so that the others go on.
    """
    with reading():
        waiting = BankEntry.objects.filter(status=E.WAITING, looked_at=None)
        ids = list(waiting.order_by("booked_date", "pk").values_list("pk", flat=True)[:most])
    booked = 0
    for entry_id in ids:
        try:
            booked += match(entry_id)
        except OperationalError:  # a lock was not to be had in time: the next run tries again
            log.warning("bank movement %s is matched later", entry_id)
        except (DatabaseError, QuittanceError):
            log.exception("bank movement %s is parked", entry_id)
            _park(entry_id)
    return booked


def match(entry_id: UUID) -> bool:
    """Book one movement when it fits exactly; else say why not. Run it as often as you like."""
    try:
        with writing():
            entry = lock_entry(entry_id)
            if entry.status != E.WAITING:
                return False
            verdict = verdict_on(entry)
            if verdict.announcement is None or verdict.why:
                _note(entry, verdict)
                return False
            announcement = Announcement.objects.select_for_update().get(pk=verdict.announcement.pk)
            if announcement.status != A.ANNOUNCED:
                raise DecidedMeanwhile
            book(entry, use_of(announcement), announcement=announcement)
    except RuleBroken as error:
        log.info("bank movement %s waits for a person: %s", entry_id, type(error).__name__)
        with writing():
            entry = lock_entry(entry_id)
            if entry.status == E.WAITING:
                verdict = verdict_on(entry)
                _note(entry, Verdict(verdict.announcement, verdict.why or words_of(error)))
        return False
    return True


def lock_entry(entry_id: UUID) -> BankEntry:
    """Return a movement that stays ours until the transaction ends."""
    entry = BankEntry.objects.select_for_update().get(pk=entry_id)
    entry.bank_account = type(entry.bank_account).objects.get(pk=entry.bank_account_id)
    return entry


def words_of(error: RuleBroken) -> str:
    """Return a refusal in words for a clerk: no payer is charged here."""
    return str(error).replace("Nothing was charged", _("Nothing was booked"))[:500]


def verdict_on(entry: BankEntry) -> Verdict:
    """Say what a movement pays, in a transaction of the caller."""
    texts = [*entry.references, entry.text]
    named = list(Announcement.objects.filter(reference__in=found_in(texts)).order_by("pk"))
    if entry.amount_minor < 0:
        return Verdict(None, _went_away(entry, named))
    if entry.problem:
        return Verdict(named[0] if len(named) == 1 else None, entry.problem)
    if len(named) > 1:
        numbers = ", ".join(each.number for each in named)
        words = _("It names several announced transfers: %(numbers)s. Book it for one of them.")
        return Verdict(None, words % {"numbers": numbers})
    if named:
        return Verdict(named[0], _doubt(entry, named[0]))
    return _without_reference(entry, texts)


def _without_reference(entry: BankEntry, texts: Sequence[str]) -> Verdict:
    cut = _cut_off(texts)
    if cut is not None:
        return Verdict(cut, _("The end of its reference is missing; this one begins so."))
    if names_another(texts):
        return Verdict(None, _("It carries a creditor reference that is none of ours."))
    return _by_amount(entry)


def _doubt(entry: BankEntry, announcement: Announcement) -> str:
    """Return why an announced transfer that is named cannot be booked by itself."""
    number = announcement.number
    if announcement.status == A.MATCHED:
        words = _("The money for %(number)s had come before: it may be paid twice, or told twice.")
        return words % {"number": number}
    if announcement.status != A.ANNOUNCED:
        words = _("%(number)s does not wait for money any more: %(status)s. Look what is owed.")
        return words % {"number": number, "status": announcement.get_status_display().lower()}
    if announcement.bank_account_id != entry.bank_account_id:
        return _("It came on another account than the one announced.")
    if announcement.amount_minor != entry.amount_minor:
        words = _("%(came)s came, %(announced)s was announced.")
        return words % {"came": entry.amount, "announced": announcement.amount}
    if _typed_twin(entry):
        return _("A clerk typed a movement of this day and amount. Set this one aside if it is it.")
    return ""


def _by_amount(entry: BankEntry) -> Verdict:
    """Without a reference: the amount, and an account from which the customer paid before."""
    fits = list(_open(entry).filter(amount_minor=entry.amount_minor).order_by("created_at"))
    customers = _customers_of(entry)
    theirs = [each for each in fits if each.customer_account_id in customers]
    if len(theirs) == 1 and len(fits) == 1 and len(customers) == 1:
        return Verdict(theirs[0], _doubt(entry, theirs[0]))
    if len(theirs) == 1:
        return Verdict(theirs[0], _("It has no reference. Amount and payer's account fit this."))
    if len(fits) == 1:
        words = _("It has no reference. Only this announced transfer has its amount.")
        return Verdict(fits[0], words)
    invoices = _invoices_in(entry)
    if invoices:
        words = _("It has no reference. Its text names %(invoices)s.")
        return Verdict(None, words % {"invoices": ", ".join(invoices)})
    return Verdict(None, _("Nothing that was announced fits it."))


def _went_away(entry: BankEntry, named: Sequence[Announcement]) -> str:
    payments = [
        each.payment.number
        for each in BankEntry.objects.filter(announcement__in=named, status=E.MATCHED)
        .select_related("payment")
        if each.payment
    ]  # fmt: skip
    if payments:
        words = _("Money of payment %(payments)s went back. Take that back in the ERP, so that the"
                  " invoices are open again, then set this aside with a note.")  # fmt: skip
        return words % {"payments": ", ".join(payments)}
    return entry.problem or _("This money went away from the account. It pays nothing here.")


def _cut_off(texts: Sequence[str]) -> Announcement | None:
    for beginning in cut_off_in(texts):
        found = list(Announcement.objects.filter(reference__startswith=beginning)[:2])
        if len(found) == 1:
            return found[0]
    return None


def _open(entry: BankEntry) -> QuerySet[Announcement]:
    return Announcement.objects.filter(status=A.ANNOUNCED, bank_account_id=entry.bank_account_id)


def _customers_of(entry: BankEntry) -> set[UUID]:
    """Return whose money came from this payer's account before."""
    if not entry.payer_account:
        return set()
    before = BankEntry.objects.filter(payer_account=entry.payer_account, status=E.MATCHED)
    return set(before.values_list("payment__customer_account_id", flat=True))


def _typed_twin(entry: BankEntry) -> bool:
    if entry.statement_id is None:
        return False
    return BankEntry.objects.filter(
        bank_account_id=entry.bank_account_id, statement=None, booked_date=entry.booked_date,
        amount_minor=entry.amount_minor,
    ).exists()  # fmt: skip


def _invoices_in(entry: BankEntry) -> list[str]:
    words = _WORD.findall(entry.text.upper())[:_WORDS]
    found = Invoice.objects.filter(
        number__in=words, legal_entity_id=entry.bank_account.legal_entity_id
    ).select_related("customer_account")
    return [
        f"{each.number} ({each.customer_account.name})" for each in found.order_by("number")[:5]
    ]


def _park(entry_id: UUID) -> None:
    words = _(
        "It could not be matched for a fault on our side. Tell your operator; match it again."
    )
    with writing():
        rows = BankEntry.objects.filter(pk=entry_id, status=E.WAITING)
        rows.update(looked_at=clock.now(), why=words)


def _note(entry: BankEntry, verdict: Verdict) -> None:
    BankEntry.objects.filter(pk=entry.pk).update(
        looked_at=clock.now(), announcement=verdict.announcement, why=verdict.why[:500]
    )
