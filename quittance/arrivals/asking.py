"""Takes what a newcomer knows, and lets him in or has him wait, as the organization wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from quittance.arrivals.knowing import Named, account_known_by, is_known, knows_mailbox, tidy
from quittance.arrivals.letting import become
from quittance.arrivals.limits import DoorClosed, take_facts
from quittance.arrivals.models import ArrivalRules, JoinRequest
from quittance.arrivals.proving import proven
from quittance.arrivals.rules import Rules, rules_of
from quittance.arrivals.telling import tell_both_sides, tell_of_guesses
from quittance.arrivals.transitions import move_request
from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.receivables.models import Contact, CustomerAccount, FormerContact
from quittance.tenancy.rows import reading, writing

WAITS_FOR: Final = timedelta(days=14)
S = JoinRequest.Status


class NoMatch(RuleBroken):
    """These do not fit together. Look at the invoice again, or ask the seller to invite you."""


class NotProven(RuleBroken):
    """For safety this closes after half an hour. Begin again with your email address."""


class HereAlready(RuleBroken):
    """You act for this account already. Sign in to see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Who somebody says he is, and what he knows of an account."""

    name: str
    number: str  # of the customer
    invoices: Sequence[Named]
    language: str = ""


def ask_in(knows: Knowledge, session: SessionBase, *, ip: str) -> JoinRequest:
    """Let in who may come in at once, else keep what he asks for until somebody decides.

    Raises ``NoMatch`` whatever does not fit: number, invoice, amount, a person who was removed or
    switched off, or a way that is shut. Raises ``NotProven``, ``HereAlready``, ``TooManyAsked``.
    Not in a transaction.
    """
    number = tidy(knows.number)
    with reading():
        email = proven(session)
        known = knows_mailbox(number, email)
    if not email:
        raise NotProven
    try:
        take_facts(email, ip, number.upper(), known=known)
    except DoorClosed:
        _note_guesses()
        raise
    with writing():
        rules = rules_of()
        account_id = account_known_by(number, knows.invoices, rules)
        if account_id is None:
            record_event("join not let in")
        made = _asked(knows, email, account_id, rules) if account_id else None
    if made is None:
        raise NoMatch
    return made


def request_of(email: str) -> JoinRequest | None:
    """Return the latest request of a mailbox that was proven, in a transaction of the caller."""
    rows = JoinRequest.objects.filter(email=email).select_related("customer_account")
    return rows.order_by("-created_at", "-pk").first() if email else None


def _asked(knows: Knowledge, email: str, account_id: UUID, rules: Rules) -> JoinRequest | None:
    account = CustomerAccount.objects.select_for_update(of=("self",)).get(pk=account_id)
    person = User.objects.filter(email=email).first()
    if person and _stays_out(person, account_id):
        record_event("join not let in", subject_kind="user", subject_id=person.pk)
        return None
    here = Contact.objects.filter(user__email=email, customer_account_id=account_id)
    if here.exists():
        raise HereAlready
    waits = JoinRequest.objects.filter(
        email=email, customer_account_id=account_id, status=S.ASKED
    ).select_related("customer_account")
    again = waits.first()
    if again:
        return again
    now = clock.now()
    known = is_known(email, account.email)
    made = JoinRequest.objects.create(
        customer_account=account, email=email, name=knows.name, language=knows.language,
        role=rules.role, known=known, created_at=now, expires_at=now + WAITS_FOR,
    )  # fmt: skip
    record_event(
        "join asked", subject_kind="join_request", subject_id=made.pk, account=str(account_id),
        known=known, role=made.role,
    )  # fmt: skip
    at_once = rules.at_once == ArrivalRules.AtOnce.ANYBODY
    if at_once or (known and rules.at_once == ArrivalRules.AtOnce.KNOWN):
        become(made)
        move_request(made, S.LET_IN, cause="the organization's rules")
    tell_both_sides(made)
    return made


def _stays_out(person: User, account_id: UUID) -> bool:
    """Whom a team removed comes back by a new invitation only; whom the seller switched off not."""
    removed = FormerContact.objects.filter(
        user=person, customer_account_id=account_id, by_team=True
    )
    return not person.is_active or person.is_staff or removed.exists()


def _note_guesses() -> None:
    with writing():
        record_event("join door closed")
        tell_of_guesses()
