"""What both sides do with a dispute: say, ask, accept, reject, withdraw, close."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.core.numbers import has_card_number
from quittance.disputes.evidence import Evidence, keep_files
from quittance.disputes.limits import keep_to_limits
from quittance.disputes.models import DisputeNote, InvoiceDispute
from quittance.disputes.telling import team_addresses, tell
from quittance.disputes.transitions import MovedOn, S, move_dispute
from quittance.identity.models import User
from quittance.receivables.people import who_may_pay
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

A = DisputeNote.Act
R = InvoiceDispute.Remedy
_LONGEST = 2000


class NoWords(RuleBroken):
    """Write what you want to say."""


class CardNumber(RuleBroken):
    """A card's number stands in the text. Nothing was sent: take it out."""


class NotAgreed(RuleBroken):
    """What is accepted lies between nothing and what is disputed, and has a remedy."""


class NoSuchDispute(RuleBroken):
    """There is no such dispute here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words that somebody sends, with files. ``key``: the form's; sent twice it counts once."""

    by: User
    text: str
    key: UUID
    files: Sequence[Evidence] = ()

    @property
    def words(self) -> str:
        """The words as they are kept. Raises ``CardNumber``: those are never kept."""
        if has_card_number(self.text):
            raise CardNumber
        # A form sends two signs for each new line, and counts one of its ``maxlength``.
        return self.text.replace("\0", "").replace("\r\n", "\n").strip()[:_LONGEST]


def say(dispute_id: UUID, said: Said, *, asks: bool = False) -> None:
    """Answer. ``asks``, by staff: the buyer has the next move then; a buyer's answer ends that.

    Raises ``NoWords``, ``TooManyFiles``, ``MovedOn`` for one that is over, ``NoSuchDispute``.
    """
    if not said.words and not said.files:
        raise NoWords

    def act(dispute: InvoiceDispute) -> None:
        if not dispute.is_alive:
            raise MovedOn
        staff = said.by.is_staff
        if staff and asks and dispute.status == S.OPEN:
            move_dispute(dispute, S.WAITING, cause="the seller asked the buyer")
        elif not staff and dispute.status == S.WAITING:
            move_dispute(dispute, S.OPEN, cause="the buyer answered")

    _do(dispute_id, said, A.ASKED if asks and said.by.is_staff else A.SAID, act)


def accept(dispute_id: UUID, said: Said, *, amount: Money, remedy: str) -> None:
    """Say yes to all or a part of it, and what will be done about it in the ERP.

    Raises ``NotAgreed``, ``MovedOn``, ``NoSuchDispute``.
    """

    def act(dispute: InvoiceDispute) -> int:
        fits = amount.currency == dispute.currency and 0 < amount.minor <= dispute.amount_minor
        if not fits or remedy not in R.values or not remedy:
            raise NotAgreed
        move_dispute(
            dispute, S.ACCEPTED, cause=f"{amount} accepted: {remedy}",
            agreed_minor=amount.minor, remedy=remedy,
            version_seen=0,  # the ERP may show already what is agreed only now
        )  # fmt: skip
        return amount.minor

    _do(dispute_id, said, A.ACCEPTED, act)


def reject(dispute_id: UUID, said: Said) -> None:
    """Say no, and why. Raises ``NoWords``, ``MovedOn``, ``NoSuchDispute``."""
    _end(dispute_id, said, A.REJECTED, S.REJECTED)


def close(dispute_id: UUID, said: Said) -> None:
    """Close it by hand, with a note that the buyer reads, too. Raises as ``reject``."""
    _end(dispute_id, said, A.CLOSED, S.CLOSED)


def withdraw(dispute_id: UUID, said: Said) -> None:
    """Take it back, with or without words. Raises ``MovedOn``, ``NoSuchDispute``."""
    _end(dispute_id, said, A.WITHDRAWN, S.WITHDRAWN, silent=True)


def hand_to(dispute_id: UUID, owner: User | None) -> None:
    """Say who of the seller looks after it. Raises ``MovedOn``, ``NoSuchDispute``."""
    with writing():
        dispute = _locked(dispute_id)
        if not dispute.is_alive:
            raise MovedOn
        InvoiceDispute.objects.filter(pk=dispute_id).update(owner=owner)
        record_event(
            "dispute.handed", subject_kind="invoice_dispute", subject_id=dispute_id,
            to=owner.email if owner else None,
            number=dispute.number,
        )  # fmt: skip


def add_note(
    dispute: InvoiceDispute,
    act: str,
    *,
    key: UUID | None = None,
    by: User | None = None,
    text: str = "",
    amount_minor: int | None = None,
) -> DisputeNote:
    """Write one step of the conversation down, inside a transaction."""
    known = {} if key is None else {"id": key}
    return DisputeNote.objects.create(
        **known, customer_account_id=dispute.customer_account_id, dispute=dispute, act=act,
        author=by, author_name=by.name if by else "", by_staff=bool(by and by.is_staff), text=text,
        amount_minor=amount_minor,
    )  # fmt: skip


def buyer_address(dispute: InvoiceDispute) -> Sequence[str]:
    """Return who of the buyer is told: who opened it, while they may pay for the customer.

    Else everybody who may, for somebody has to act.
    """
    with widened(), reading():
        people = who_may_pay(dispute.customer_account_id)
        opener = people.filter(pk=dispute.opened_by_id)
        return list((opener if opener.exists() else people).values_list("email", flat=True))


def _end(dispute_id: UUID, said: Said, act: str, to: str, *, silent: bool = False) -> None:
    if not said.words and not silent:
        raise NoWords

    def end(dispute: InvoiceDispute) -> None:
        cause = f"{said.by.name}: {said.words}" if said.words else said.by.name
        if not dispute.is_alive:
            raise MovedOn
        move_dispute(dispute, to, cause=cause, ended_at=clock.now())

    _do(dispute_id, said, act, end)


def _do(
    dispute_id: UUID, said: Said, act: str, change: Callable[[InvoiceDispute], int | None]
) -> None:
    """Change the dispute, keep the words, tell the other side: all of it or nothing, once."""
    with reading():
        dispute = InvoiceDispute.objects.filter(pk=dispute_id).first()
        done = DisputeNote.objects.filter(pk=said.key, dispute_id=dispute_id).first()
    if dispute is None:
        raise NoSuchDispute
    if done is not None:
        if done.act != act:
            raise MovedOn
        return
    staff = said.by.is_staff
    to = buyer_address(dispute) if staff else team_addresses(dispute.owner_id)
    try:
        with writing():
            dispute = _locked(dispute_id)
            if not staff:
                keep_to_limits(dispute.customer_account_id, said.files)
            amount = change(dispute)
            note = add_note(
                dispute, act, key=said.key, by=said.by, text=said.words, amount_minor=amount
            )
            keep_files(dispute, note, said.files)
            tell(dispute, note, to, team=not staff)
            record_event(
                f"dispute.{act}",
                subject_kind="invoice_dispute",
                subject_id=dispute_id,
                number=dispute.number,
            )
    except IntegrityError:
        raise MovedOn from None  # the same form, sent twice at once


def _locked(dispute_id: UUID) -> InvoiceDispute:
    rows = InvoiceDispute.objects.select_for_update(of=("self",)).select_related("invoice")
    found = rows.filter(pk=dispute_id).first()
    if found is None:
        raise NoSuchDispute
    return found
