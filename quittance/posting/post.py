"""Brings a payment's posting into the ERP: once, whatever happens on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.errors import (
    Misconfigured,
    OutcomeUnknown,
    OutsideError,
    Refused,
    Unavailable,
)
from quittance.erp.base import Draft, Erp, PaymentInstruction, PostedPayment
from quittance.jobs.later import next_look
from quittance.posting import gate
from quittance.posting.fit import Fit, look
from quittance.posting.instructions import payment_of
from quittance.posting.models import ErpPosting
from quittance.posting.transitions import LostClaim, claim, move, note, release, still_mine
from quittance.tenancy.rows import reading

log = logging.getLogger(__name__)
S = ErpPosting.Status
# After this time nothing that was sent can still be under way at the ERP: Business Central ends an
# operation after 8 minutes and its gateway after 10 (business-central.md, 3.8).
HORIZON: Final = timedelta(minutes=12)
_WORDS = 1000

# Puts another posting in the place of one of which nothing was ever sent, and that we hold: its
# lines cannot be applied as they are. Raises ``LostClaim``.
Refit = Callable[[ErpPosting, Fit], None]


def advance(posting: ErpPosting, *, refit: Refit) -> None:
    """Bring one posting as far as it goes now. Run it as often as you like: it posts once.

    It looks before it sends, commits "sending" before it sends, and believes only what it reads
    back. Nothing is raised: an answer that did not come is asked for later, a refusal is kept in
    the ERP's words for the AR team. ``refit`` is called when the first look shows that the ERP
    could not apply the lines; the posting is ``REPLACED`` then.
    """
    if not claim(posting):
        return
    try:
        _advance(posting, refit)
    except LostClaim:
        log.info("another worker goes on with posting %s", posting.pk)


def surely_quiet(posting: ErpPosting) -> bool:
    """Say whether nothing that was ever sent for this posting can still be under way."""
    return posting.last_sent_at is None or posting.last_sent_at < clock.now() - HORIZON


def later(posting: ErpPosting, error: OutsideError) -> None:
    """Keep what is known of a posting that we hold, and come back; hold the others if need be."""
    gate.hold(posting.legal_entity_id, error)
    wait = error.retry_after_seconds if isinstance(error, Unavailable) else None
    if isinstance(error, Misconfigured):
        wait = gate.MISCONFIGURED_WAITS
    release(
        posting,
        next_at=next_look(posting.failures, at_least_seconds=wait),
        failures=posting.failures + 1,
        rejection=str(error)[:_WORDS],
    )


def _advance(posting: ErpPosting, refit: Refit) -> None:
    with reading():
        closed_until = gate.closed_until(posting.legal_entity_id)
        instruction = payment_of(posting)
    if closed_until:
        return release(posting, next_at=closed_until)
    try:
        _go_on(erp_for(posting.legal_entity_id), posting, instruction, refit)
    except Refused as error:
        return _reject(posting, error)
    except OutsideError as error:
        return _later(posting, error)
    if posting.status == S.REPLACED:
        return None  # given back with the step itself
    waits = posting.status == S.CONFIRMED and posting.tidied_at is None
    next_at = _tidy_at(posting) if waits else None
    return release(posting, next_at=next_at, failures=0, rejection="")


def _go_on(erp: Erp, posting: ErpPosting, instruction: PaymentInstruction, refit: Refit) -> None:
    if posting.status == S.CONFIRMED:
        return _tidy(erp, posting, instruction)
    posted, answered = erp.find_posting(instruction), False
    if posted is None and posting.status == S.POSTED:
        raise OutcomeUnknown("The ERP showed the entries and does not any more.")
    if posted is None:
        fit = look(erp, posting)
        if fit.changed and posting.last_sent_at is None:
            return refit(posting, fit)
        posted, answered = _send_and_look(erp, posting, instruction, fit)
    _keep(posting, posted)
    if not answered:  # whoever posted it did not come to this
        erp.shut_draft(instruction)
    return _confirm(posting, posted)


def _send_and_look(
    erp: Erp, posting: ErpPosting, instruction: PaymentInstruction, fit: Fit
) -> tuple[PostedPayment, bool]:
    """Return what the ERP shows then, and whether it had answered the post."""
    try:
        _send(erp, posting, instruction, fit)
    except Refused:
        # It may refuse because an earlier send of ours, whose answer was lost, has paid these
        # invoices meanwhile. Its ledger knows.
        posted = erp.find_posting(instruction)
        if posted is None:
            raise
        return posted, False
    posted = erp.find_posting(instruction)
    if posted is None:
        raise OutcomeUnknown("The ERP took the post and shows no entry yet.")
    return posted, True


def _send(erp: Erp, posting: ErpPosting, instruction: PaymentInstruction, fit: Fit) -> None:
    """Draft and post. The status says "sending" in the database before anything is sent."""
    quiet = surely_quiet(posting)
    draft = _laid(erp, posting, instruction)
    if posting.status != S.SENDING:
        cause = "the ERP shows no such entry" if posting.last_sent_at else "the money is ours"
        move(posting, S.SENDING, cause=cause, last_sent_at=clock.now())
    else:  # a worker died in the middle: the same step again
        still_mine(posting)
        note(posting, last_sent_at=clock.now())  # lines are sent now: the horizon begins anew
    draft = draft or erp.draft_payment(
        instruction, again=quiet, still_mine=partial(still_mine, posting)
    )
    # The ledger was asked once more after the look: what is missing there, no post of ours took.
    remark = f"{posting.facts.get('instead', '')} {fit.words}".strip()[:_WORDS]
    kept = {"laid_at": clock.now()} if posting.route.get("journal") else {}
    move(posting, S.DRAFTED, cause="the lines were read back complete", remark=remark, **kept)
    still_mine(posting)
    move(posting, S.SENDING, cause="the ERP is asked to post them", last_sent_at=clock.now())
    erp.post_draft(draft)


def _laid(erp: Erp, posting: ErpPosting, instruction: PaymentInstruction) -> Draft | None:
    """Return what we laid into a shared journal before; ``None``: nothing was laid yet.

    Somebody who gave the lines another number and posted them has booked the payment where we do
    not see it. So what is gone we never lay again by ourselves. Raises ``Refused``.
    """
    if posting.laid_at is None:
        return None
    draft = erp.find_draft(instruction)
    if draft is None:
        raise Refused(
            f"The lines are gone from journal {posting.route['journal']}, and the ledger does not"
            f" show document {posting.document_number}. Somebody may have booked it under another"
            " number. If not, press Retry and they are laid again; else close this with a note."
        )
    return draft


def _keep(posting: ErpPosting, posted: PostedPayment) -> None:
    if posting.status == S.QUEUED:  # found before we sent: an earlier life did
        move(posting, S.SENDING, cause="found in the ERP", last_sent_at=clock.now())
    if posting.status != S.POSTED:
        move(
            posting, S.POSTED, cause="the ERP's ledger shows the entries",
            posted_at=clock.now(), erp_entries=", ".join(map(str, posted.entry_numbers))[:500],
        )  # fmt: skip


def _confirm(posting: ErpPosting, posted: PostedPayment) -> None:
    kept = {}
    if posted.unapplied and posted.unapplied.minor:
        # Somebody booked between our look and our post: the ERP says nothing and leaves it open.
        words = (
            f"{posted.unapplied} of it is on the customer's account: when it was posted, less was"
            " open than before. Apply it or give it back."
        )
        kept = {"remark": f"{posting.remark} {words}".strip()[:_WORDS]}
    move(
        posting, S.CONFIRMED, cause="read back: the ledger has it on the account it was sent to",
        verified_at=clock.now(), **kept,
    )  # fmt: skip


def _tidy(erp: Erp, posting: ErpPosting, instruction: PaymentInstruction) -> None:
    if posting.tidied_at is None and surely_quiet(posting):
        erp.remove_draft(instruction)
        note(posting, tidied_at=clock.now())


def _tidy_at(posting: ErpPosting) -> datetime:
    """When to come back: later than need be, so that a clock that is behind agrees."""
    return (posting.last_sent_at or posting.created_at) + HORIZON + timedelta(minutes=3)


def _reject(posting: ErpPosting, error: Refused) -> None:
    if posting.status == S.CONFIRMED:  # only the tidying was refused: no money is meant
        return release(posting, next_at=None, tidied_at=clock.now())
    if posting.status == S.POSTED:  # it is posted, but not as we said: a person must look
        return release(posting, next_at=next_look(7), remark=str(error)[:_WORDS])
    if posting.status in {S.UNKNOWN, S.DRAFTED, S.QUEUED}:
        move(posting, S.SENDING, cause="asked the ERP", last_sent_at=posting.last_sent_at)
    move(posting, S.REJECTED, cause="the ERP refused", rejection=str(error)[:_WORDS])
    return release(posting, next_at=None, failures=0)


def _later(posting: ErpPosting, error: OutsideError) -> None:
    """Surely nothing happened, or we do not know what did: the status says which."""
    if posting.status == S.SENDING:
        if isinstance(error, OutcomeUnknown):
            move(posting, S.UNKNOWN, cause=f"the answer was lost: {error}"[:200])
        else:
            move(posting, S.QUEUED, cause=f"surely nothing happened: {error}"[:200])
    later(posting, error)
