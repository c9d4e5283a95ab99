"""Takes over what the gateway's own books say and we do not know: what goes back without us.

Refunds made in the gateway's pages, debits that a bank took back, disputes. What the books say is
the truth, also when it is more than came in. Source: F32 to F35 of reliability.md.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from quittance.audit.record import record_event
from quittance.connections.open import gateway_for
from quittance.core.errors import Refused
from quittance.core.money import Money
from quittance.gateways.base import (
    GatewayRefund,
    Movement,
    MovementKind,
    Refunds,
    ReportsDisputes,
    ReportsMovements,
)
from quittance.payments.asking import ask
from quittance.payments.disputes import keep_disputes, settle_losses
from quittance.payments.models import GatewayAttempt, Reversal
from quittance.payments.models.attempt import WITH_MONEY
from quittance.payments.returned import instruction_of, rule_for, stop_what_was_returned
from quittance.payments.reversals import (
    GONE_ELSEWHERE,
    apply_refund,
    fail,
    gone,
    lock,
    new_reversal,
    note,
    succeed,
)
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.models import KeptMethod

log = logging.getLogger(__name__)
A, R, K, M = GatewayAttempt.Status, Reversal.Status, Reversal.Kind, MovementKind
_KINDS: Final[Mapping[MovementKind, Reversal.Kind]] = {
    M.REFUND: K.REFUND,
    M.REFUND_FAILED: K.REFUND,
    M.RETURN: K.RETURN,
    M.DISPUTE: K.DISPUTE,
    M.DISPUTE_WON: K.DISPUTE_WON,
}
_TAKES: Final = frozenset({M.DISPUTE, M.RETURN})  # what the bank may give back


def look_into_the_books(attempt: GatewayAttempt) -> int:
    """Read what the gateway's books say of one attempt, and take over what is new.

    Returns how much was new. Raises ``OutsideError``.
    """
    gateway, object_ = gateway_for(attempt.gateway_account_id), attempt.gateway_object or ""
    new = 0
    if isinstance(gateway, ReportsMovements):
        new += adopt_movements(attempt.pk, gateway.movements_of(object_))
    if isinstance(gateway, ReportsDisputes):
        new += keep_disputes(attempt.pk, gateway.disputes_of(object_))
    return new


def adopt_movements(attempt_id: UUID, movements: Sequence[Movement]) -> int:
    """Take over those movements of one attempt's object that we do not know; return how many.

    Idempotent, in any order, also while a refund of ours is on its way: a refund that carries our
    reference is ours and counts once. Asks the gateway, so call it outside of a transaction.
    Raises ``OutsideError``; then nothing, or a part, was taken over: call it again.
    """
    news: Sequence[Movement]
    taking = [each for each in movements if each.kind in _KINDS]
    if not taking:
        return 0
    with reading():
        attempt = GatewayAttempt.objects.select_related("payment").get(pk=attempt_id)
        news = [each for each in taking if not _known(attempt, each)]
    _must_be_of(attempt, taking)
    if not news:
        return 0
    if attempt.status not in WITH_MONEY and not _has_money_now(attempt):
        return 0  # what came is in quarantine, and its problem is shown
    news = _with_what_comes_before(attempt, news)
    refunds = _refunds_of(attempt, news)
    nowhere = _ids_that_lead_nowhere(attempt, refunds.values())
    wrong = _wrong_ids(attempt, refunds.values(), nowhere)
    with widened(), writing():
        attempt = lock(attempt_id)
        for gateway_object, refund in wrong.items():
            _correct_id(attempt, gateway_object, refund)
        done = [
            _adopt(attempt, each, refunds.get(each.subject), nowhere) for each in _in_order(news)
        ]
        settle_losses(attempt)
    return sum(done)


def _known(attempt: GatewayAttempt, movement: Movement) -> bool:
    """Say whether a movement is in our books; one of a refund of ours has our reference."""
    found = attempt.reversals.filter(kind=_KINDS[movement.kind])
    if movement.kind is M.REFUND:
        return found.filter(gateway_object=movement.subject).exists()
    if movement.kind is M.REFUND_FAILED:
        return found.filter(gateway_object=movement.subject, status=R.FAILED).exists()
    return found.filter(idempotency_key=_key(attempt, movement)).exists()


def _must_be_of(attempt: GatewayAttempt, movements: Sequence[Movement]) -> None:
    others = {each.gateway_object for each in movements} - {attempt.gateway_object}
    if others:
        raise ValueError(f"Movements of {others} are none of attempt {attempt.pk}.")


def _has_money_now(attempt: GatewayAttempt) -> bool:
    """The books are ahead of us: have the gateway's word on the payment itself written down."""
    ask(attempt.payment, attempt)
    with reading():
        return GatewayAttempt.objects.filter(pk=attempt.pk, status__in=WITH_MONEY).exists()


def _with_what_comes_before(
    attempt: GatewayAttempt, news: Sequence[Movement]
) -> Sequence[Movement]:
    """What a bank gives back can be told to the ERP only after what it has taken."""
    won = [each for each in news if each.kind is M.DISPUTE_WON]
    if not won:
        return news
    taken: set[str | None] = {_what(each) for each in news if each.kind in _TAKES}
    with reading():
        rows = attempt.reversals.filter(kind__in=[K.DISPUTE, K.RETURN])
        taken |= set(rows.values_list("gateway_object", flat=True))
    gateway = gateway_for(attempt.gateway_account_id)
    if all(each.subject in taken for each in won) or not isinstance(gateway, ReportsMovements):
        return news
    whole = gateway.movements_of(attempt.gateway_object or "")
    with reading():
        return [each for each in whole if each.kind in _KINDS and not _known(attempt, each)]


def _in_order(movements: Sequence[Movement]) -> Sequence[Movement]:
    """Sort by time, so that each finds what it takes; what comes again never stands before it."""
    begun = {_what(each): each.happened_at for each in movements if each.kind in _TAKES}

    def place(movement: Movement) -> tuple[datetime, bool]:
        won = movement.kind is M.DISPUTE_WON
        at = movement.happened_at
        return max(at, begun.get(movement.subject, at)) if won else at, won

    return sorted(movements, key=place)


def _what(movement: Movement) -> str:
    """Return the gateway's id of what a movement is about; a return's is that of its entry."""
    return movement.subject or movement.movement_id


def _refunds_of(
    attempt: GatewayAttempt, movements: Sequence[Movement]
) -> Mapping[str, GatewayRefund]:
    """Read the refunds that are news: the books do not say whether their reference is ours."""
    subjects = {each.subject for each in movements if _KINDS[each.kind] == K.REFUND} - {""}
    if not subjects:
        return {}
    gateway = gateway_for(attempt.gateway_account_id)
    if not isinstance(gateway, Refunds):
        return {}
    return {subject: gateway.read_refund(subject) for subject in sorted(subjects)}


def _ids_that_lead_nowhere(
    attempt: GatewayAttempt, refunds: Collection[GatewayRefund]
) -> frozenset[str]:
    """Return the ids of refunds of ours that the gateway does not know, when ``refunds`` are news.

    An answer of its own may have named a wrong one.
    """
    if not refunds:
        return frozenset()
    read = {each.gateway_refund for each in refunds}
    gateway = gateway_for(attempt.gateway_account_id)
    with reading():
        ours = attempt.reversals.filter(kind=K.REFUND).exclude(gateway_object=None)
        ids = list(ours.values_list("gateway_object", flat=True))
    return frozenset(id_ for id_ in ids if id_ and id_ not in read and not _has(gateway, id_))


def _wrong_ids(
    attempt: GatewayAttempt, refunds: Iterable[GatewayRefund], nowhere: frozenset[str]
) -> Mapping[str, GatewayRefund]:
    """Return those of ``nowhere`` whose refund is found, with what the gateway has instead.

    Our reference tells which refund is ours.
    """
    ours = {each.reference: each for each in refunds if each.reference}
    with reading():
        known = list(attempt.reversals.filter(kind=K.REFUND, gateway_object__in=nowhere))
    return {
        each.gateway_object: ours[each.reference]
        for each in known
        if each.gateway_object and each.reference in ours
    }


def _has(gateway: object, gateway_refund: str) -> bool:
    if not isinstance(gateway, Refunds):
        return True
    try:
        gateway.read_refund(gateway_refund)
    except Refused:
        return False
    return True


def _correct_id(attempt: GatewayAttempt, was: str, refund: GatewayRefund) -> None:
    record_event(
        "the gateway knows no refund under its first id",
        subject_kind="payment", subject_id=attempt.payment_id,
        was=was, now=refund.gateway_refund,
    )  # fmt: skip
    attempt.reversals.filter(kind=K.REFUND, gateway_object=was).update(
        gateway_object=refund.gateway_refund, problem=""
    )


def _adopt(
    attempt: GatewayAttempt,
    movement: Movement,
    refund: GatewayRefund | None,
    nowhere: frozenset[str],
) -> int:
    if _known(attempt, movement):  # another worker was faster
        return 0
    known = _ours(attempt, movement, refund)
    if known is not None and refund is not None and refund.reference == known.reference:
        apply_refund(known, refund)
        return 1
    if known is None and movement.kind is M.REFUND and _may_be_ours(attempt, movement, nowhere):
        return 0  # once ours is known, this one is ours or it is taken over
    if known is None:
        known = _new(attempt, movement, refund)
        succeed(known, cause="found in the gateway's books", succeeded_at=movement.happened_at)
        _end_what_was_not_sent(attempt)
        _say_what_follows(attempt, known, stop_what_was_returned(known, attempt))
    if movement.kind is M.REFUND_FAILED:
        fail(known, cause="found in the gateway's books", detail=movement.code)
    return 1


def _ours(
    attempt: GatewayAttempt, movement: Movement, refund: GatewayRefund | None
) -> Reversal | None:
    """Return the refund that we have already for a movement: by the gateway's id, or by ours."""
    if _KINDS[movement.kind] != K.REFUND:
        return None
    refunds = attempt.reversals.filter(kind=K.REFUND)
    found = refunds.filter(gateway_object=movement.subject).first()
    if found is None and refund is not None and refund.reference:
        living = refunds.exclude(status=R.FAILED)
        found = next((each for each in living if each.reference == refund.reference), None)
    if found is not None:
        found.attempt, found.payment = attempt, attempt.payment
    return found


def _may_be_ours(attempt: GatewayAttempt, movement: Movement, nowhere: frozenset[str]) -> bool:
    """Say whether a refund of ours may be this one: its answer has not come, or named ``nowhere``.

    The reference should tell, and an answer that was altered on its way tells another.
    """
    unanswered = Q(gateway_object=None, status__in=[R.SENT, R.UNKNOWN])
    misnamed = Q(gateway_object__in=nowhere) & ~Q(status=R.FAILED)
    asked = attempt.reversals.filter(unanswered | misnamed, kind=K.REFUND)
    return asked.filter(amount_minor=abs(movement.gross.minor)).exists()


def _new(attempt: GatewayAttempt, movement: Movement, refund: GatewayRefund | None) -> Reversal:
    kind = _KINDS[movement.kind]
    object_ = _what(movement)
    if attempt.reversals.filter(kind=kind, gateway_object=object_).exists():
        object_ = movement.movement_id  # a second round of the same dispute
    reversal = new_reversal(
        attempt,
        Money(abs(movement.gross.minor), movement.gross.currency),
        key=_key(attempt, movement),
        kind=kind,
        origin=Reversal.Origin.OUTSIDE,
        gateway_object=object_,
        # While a dispute is not decided nobody owes it again (features.md, 5.8).
        reopens=attempt.status == A.SUCCEEDED and kind in {K.REFUND, K.RETURN},
        code=movement.code[:40],
        detail=refund.detail[:500] if refund else "",
    )
    record_event(
        f"{kind.label.lower()} found in the gateway's books",
        subject_kind="reversal", subject_id=reversal.pk,
        code=movement.code, method_must_stop=kind == K.RETURN and bool(rule_for(reversal).stops),
    )  # fmt: skip
    return reversal


def _key(attempt: GatewayAttempt, movement: Movement) -> str:
    """Return the name under which a movement is taken over once; a refund's is its own id."""
    account = attempt.gateway_account_id.hex
    if _KINDS[movement.kind] == K.REFUND and movement.subject:
        return f"{account}:refund:{movement.subject}"[:100]
    return f"{account}:{movement.movement_id}"[:100]


def _end_what_was_not_sent(attempt: GatewayAttempt) -> None:
    """A refund that was asked for here, and surely not sent, may be too much now."""
    for each in attempt.reversals.filter(kind=K.REFUND, status=R.REQUESTED).order_by("created_at"):
        if gone(attempt) > attempt.came.minor:
            each.attempt, each.payment = attempt, attempt.payment
            fail(each, cause=GONE_ELSEWHERE, detail=GONE_ELSEWHERE)


def _say_what_follows(
    attempt: GatewayAttempt, reversal: Reversal, stopped: Sequence[KeptMethod]
) -> None:
    """Tell the AR team what a person must know or do; the rest shows itself."""
    words = []
    if reversal.kind == K.RETURN or stopped:
        words.append(instruction_of(reversal, attempt, stopped))
    too_much = gone(attempt) - attempt.came.minor
    if too_much > 0:
        over = Money(too_much, attempt.came.currency)
        words.append(f"{over} more has gone back than came in. Ask the payer for it.")
    if reversal.currency != attempt.came.currency:
        words.append(f"It went back in {reversal.currency}, but {attempt.came} came in.")
    if words:
        note(reversal, problem=" ".join(words)[:500])
