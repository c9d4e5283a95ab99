"""Asks for a second person's word, gives or refuses it, and takes it back.

What an act does belongs to others: here it is sealed, with words for pages. It runs in a
transaction of the caller, but for ``reseal``.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.confirmations.models import ALIVE, Confirmation
from quittance.confirmations.people import are_two, kinds_of, others_for
from quittance.confirmations.rules import NobodyElse
from quittance.confirmations.telling import tell_asker, tell_others
from quittance.confirmations.transitions import DecidedAlready, S, move_on
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.identity.models import User
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id
from quittance.tenancy.seal import open_sealed, seal

GOOD_FOR: Final = timedelta(days=7)
MOST_TEXT: Final = 300  # characters of a note or a reason
_PLACE: Final = "confirmation"
_SALT: Final = "salt"
Line = tuple[str, str, str]  # what, before, after


class WaitsAlready(RuleBroken):
    """A change of this waits for a second person. Have it decided or take it back first."""


class NotYours(RuleBroken):
    """Another person who may do this has to confirm it. Nothing was changed."""


class AskerGone(RuleBroken):
    """Who asked for this may not do it any more. Refuse it; whoever needs it asks anew."""


class Over(RuleBroken):
    """The days for this are over. Nothing was changed. It can be asked for again."""


class Another(RuleBroken):
    """This is not what the page showed. Nothing was changed: look at it as it is now."""


class NoReason(RuleBroken):
    """Write why: who asked reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An act as it is to be confirmed."""

    kind: str
    about: str
    title: str
    shown: Sequence[Line]
    content: Mapping[str, str]  # may have secrets
    subject_id: UUID | None = None
    customer_account_id: UUID | None = None
    note: str = ""


def ask(wish: Wish, *, by: User) -> Confirmation:
    """Seal the act and mail all who may confirm it. Raises ``NobodyElse``, ``WaitsAlready``."""
    others = others_for(wish.kind, by)
    if not others:
        raise NobodyElse
    row_id, content = new_id(), {**wish.content, _SALT: secrets.token_hex(16)}
    organization_id = current_organization_id()
    made = Confirmation(
        id=row_id, kind=wish.kind, about=wish.about, subject_id=wish.subject_id,
        customer_account_id=wish.customer_account_id,
        title=wish.title[:200], shown=[list(line) for line in wish.shown],
        sealed=seal(content, organization_id=organization_id, place=_PLACE, row_id=row_id),
        fingerprint=_fingerprint(content), asked_by=by, expires_at=clock.now() + GOOD_FOR,
        note=" ".join(wish.note.split())[:MOST_TEXT],
    )  # fmt: skip
    Confirmation.objects.bulk_create([made], ignore_conflicts=True)
    if not Confirmation.objects.filter(pk=row_id).exists():
        raise WaitsAlready
    _write_down("confirmation asked", made)
    tell_others(made, others)
    return made


def waiting_of(kind: str) -> list[Confirmation]:
    """Return what is alive of a kind, the oldest first."""
    rows = Confirmation.objects.filter(kind=kind, status__in=ALIVE)
    return list(rows.select_related("asked_by").order_by("created_at", "pk"))


def waiting_about(abouts: Sequence[str]) -> dict[str, Confirmation]:
    """Return what is alive of these, by what it is about."""
    rows = Confirmation.objects.filter(about__in=abouts, status__in=ALIVE)
    return {each.about: each for each in rows}


def check_may_confirm(row: Confirmation, *, by: User, fingerprint: str) -> None:
    """Say no to whoever may not confirm ``row`` now.

    Raises ``DecidedAlready``, ``Over``, ``Another``, ``NotYours``, ``AskerGone``.
    """
    if row.status != S.ASKED:
        raise DecidedAlready
    if row.is_over(clock.now()):
        raise Over
    if not secrets.compare_digest(row.fingerprint.encode(), fingerprint.encode()):
        raise Another
    asker = User.objects.get(pk=row.asked_by_id)
    if not asker.is_active or row.kind not in kinds_of(asker):
        raise AskerGone
    if not are_two(asker, by) or row.kind not in kinds_of(User.objects.get(pk=by.pk)):
        raise NotYours


def content_of(row: Confirmation) -> dict[str, str]:
    """Open what was asked for. Raises ``Another`` for what is not the very content, ``Over``."""
    if not row.is_alive:
        raise Over
    opened = open_sealed(
        row.sealed, organization_id=current_organization_id(), place=_PLACE, row_id=row.pk
    )
    if _fingerprint(opened) != row.fingerprint:
        raise Another
    return {name: value for name, value in opened.items() if name != _SALT}


def confirm(row_id: UUID, *, by: User, fingerprint: str) -> Confirmation:
    """Say yes, in the transaction that does the act, or before who asked may do it.

    Raises as ``check_may_confirm`` does: of two at once, one has decided.
    """
    row = Confirmation.objects.select_for_update(of=("self",)).get(pk=row_id)
    check_may_confirm(row, by=by, fingerprint=fingerprint)
    move_on(row, S.CONFIRMED, cause="another person said yes", decided_by_id=by.pk,
            decided_at=clock.now())  # fmt: skip
    _write_down("confirmation given", row)
    return row


def done(row: Confirmation, *, tells: bool = True) -> None:
    """Write down that what was confirmed is done, in the transaction that does it.

    ``tells``: who asked gets a mail; not, if they did it themselves.
    """
    move_on(row, S.DONE, cause="what was confirmed was done", ended_at=clock.now())
    _write_down("confirmation used", row)
    if tells:
        tell_asker(row)


def refuse(row_id: UUID, *, by: User, reason: str) -> None:
    """Say no, and why. Raises ``NoReason``, ``NotYours``, ``DecidedAlready``."""
    why = " ".join(reason.split())[:MOST_TEXT]
    if not why:
        raise NoReason
    row = Confirmation.objects.select_for_update(of=("self",)).get(pk=row_id)
    if row.asked_by_id == by.pk or row.kind not in kinds_of(by):
        raise NotYours
    if row.status != S.ASKED:
        raise DecidedAlready
    now = clock.now()
    move_on(row, S.REFUSED, cause="another person said no", decided_by_id=by.pk, decided_at=now,
            reason=why, ended_at=now)  # fmt: skip
    _write_down("confirmation refused", row, reason=why)
    tell_asker(row)


def withdraw(row_id: UUID, *, by: User) -> None:
    """Take one's own request back. Raises ``NotYours``, ``DecidedAlready``."""
    row = Confirmation.objects.select_for_update(of=("self",)).get(pk=row_id)
    if row.asked_by_id != by.pk:
        raise NotYours
    move_on(row, S.WITHDRAWN, cause="who asked took it back", ended_at=clock.now())
    _write_down("confirmation withdrawn", row)


def expire(row: Confirmation) -> None:
    """End what nobody decided about in time."""
    move_on(row, S.EXPIRED, cause="its days were over", ended_at=clock.now())
    _write_down("confirmation expired", row)
    tell_asker(row)


def reseal() -> int:
    """Seal what waits with the key of now; return how many rows. See connections/keep.py."""
    organization_id = current_organization_id()
    with writing():
        rows = Confirmation.objects.select_for_update(of=("self",)).filter(status__in=ALIVE)
        found = list(rows.order_by("pk"))
        for each in found:
            opened = open_sealed(
                each.sealed, organization_id=organization_id, place=_PLACE, row_id=each.pk
            )
            each.sealed = seal(
                opened, organization_id=organization_id, place=_PLACE, row_id=each.pk
            )
            each.save(update_fields=["sealed"])
    return len(found)


def _fingerprint(content: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(content), sort_keys=True).encode()).hexdigest()


def _write_down(what: str, row: Confirmation, **facts: object) -> None:
    record_event(
        what, subject_kind="confirmation", subject_id=row.pk, kind=str(row.kind), title=row.title,
        asked_by=str(row.asked_by_id), fingerprint=row.fingerprint, **facts,
    )  # fmt: skip
