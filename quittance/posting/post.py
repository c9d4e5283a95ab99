"""Brings a posting into the ERP: once, whatever happens on the way."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
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
from quittance.core.money import Money
from quittance.erp.base import (
    Erp,
    InstructionLine,
    InvoiceStatus,
    PaymentInstruction,
    PostedPayment,
)
from quittance.jobs.later import next_look
from quittance.posting.models import ErpPosting
from quittance.posting.transitions import LostClaim, claim, move, note, release, still_mine
from quittance.tenancy.rows import reading

log = logging.getLogger(__name__)
S = ErpPosting.Status
# After this time nothing that was sent can still be under way at the ERP: Business Central ends an
# operation after 8 minutes and its gateway after 10 (business-central.md, 3.8).
HORIZON: Final = timedelta(minutes=12)
_WORDS = 1000


def advance(posting: ErpPosting) -> None:
    """Bring one posting as far as it goes now. Run it as often as you like: it posts once.

    It looks before it sends, commits "sending" before it sends, and believes only what it reads
    back. Nothing is raised: an answer that did not come is asked for later, a refusal is kept in
    the ERP's words for the AR team.
    """
    if not claim(posting):
        return
    try:
        _advance(posting)
    except LostClaim:
        log.info("another worker goes on with posting %s", posting.pk)


def _advance(posting: ErpPosting) -> None:
    try:
        erp = erp_for(posting.legal_entity_id)
        _go_on(erp, posting, instruction_of(posting))
    except Refused as error:
        _reject(posting, error)
    except OutsideError as error:
        _later(posting, error)
    else:
        waits = posting.status == S.CONFIRMED and posting.tidied_at is None
        release(posting, next_at=_tidy_at(posting) if waits else None, failures=0, rejection="")


def instruction_of(posting: ErpPosting) -> PaymentInstruction:
    """Return what the ERP is told: always the same for one posting."""
    with reading():
        lines = list(posting.lines.order_by("line_number"))
    return PaymentInstruction(
        posting_id=posting.pk,
        document_number=posting.document_number,
        external_reference=posting.external_reference,
        customer_erp_id=posting.customer_erp_id,
        posting_date=posting.posting_date,
        description=posting.description,
        lines=[
            InstructionLine(
                line_number=line.line_number,
                invoice_erp_id=line.invoice_erp_id,
                invoice_number=line.invoice_number,
                amount=Money(line.amount_minor, posting.currency),
            )
            for line in lines
        ],
    )


def _go_on(erp: Erp, posting: ErpPosting, instruction: PaymentInstruction) -> None:
    if posting.status == S.CONFIRMED:
        return _tidy(erp, posting, instruction)
    posted = erp.find_posting(instruction) or _send_and_look(erp, posting, instruction)
    return _keep(posting, posted)


def _send_and_look(erp: Erp, posting: ErpPosting, instruction: PaymentInstruction) -> PostedPayment:
    try:
        _send(erp, posting, instruction)
    except Refused:
        # It may refuse because an earlier send of ours, whose answer was lost, has paid these
        # invoices meanwhile. Its ledger knows.
        posted = erp.find_posting(instruction)
        if posted is None:
            raise
        return posted
    posted = erp.find_posting(instruction)
    if posted is None:
        raise OutcomeUnknown("The ERP took the post and shows no entry yet.")
    return posted


def _send(erp: Erp, posting: ErpPosting, instruction: PaymentInstruction) -> None:
    """Draft and post. The status says "sending" in the database before anything is sent."""
    quiet = posting.last_sent_at is None or posting.last_sent_at < clock.now() - HORIZON
    if posting.status != S.SENDING:
        cause = "the ERP shows no such entry" if posting.last_sent_at else "the money is ours"
        move(posting, S.SENDING, cause=cause, last_sent_at=clock.now())
    else:  # a worker died in the middle: the same step again
        still_mine(posting)
        note(posting, last_sent_at=clock.now())  # lines are sent now: the horizon begins anew
    note(posting, remark=_shortfall(erp, instruction)[:_WORDS])
    draft = erp.draft_payment(instruction, again=quiet)
    move(posting, S.DRAFTED, cause="the lines were read back complete")
    still_mine(posting)
    move(posting, S.SENDING, cause="the ERP is asked to post them", last_sent_at=clock.now())
    erp.post_draft(draft)


def _shortfall(erp: Erp, instruction: PaymentInstruction) -> str:
    """Say for which invoices less is open now than was paid; "" if there are none.

    Somebody booked or credited there since the payer confirmed. The money is posted all the same;
    the ERP applies what it can and leaves the rest on the customer's account without a word
    (business-central.md, 2.6), so the AR team is told here.
    """
    now = {each.erp_id: each for each in erp.read_invoices(
        [line.invoice_erp_id for line in instruction.lines]
    )}  # fmt: skip
    short = []
    for line in instruction.lines:
        found = now.get(line.invoice_erp_id)
        is_open = found is not None and found.status is InvoiceStatus.OPEN
        open_now = found.open if found and is_open else Money(0, line.amount.currency)
        if open_now < line.amount:
            short.append(f"{line.invoice_number}: {line.amount} was paid, {open_now} was open.")
    if not short:
        return ""
    words = "Somebody booked in the ERP meanwhile, so part of this payment is not applied there. "
    return words + " ".join(short) + " Apply the rest to other invoices or give it back."


def _keep(posting: ErpPosting, posted: PostedPayment) -> None:
    if posting.status == S.QUEUED:  # found before we sent: an earlier life of this row did
        move(posting, S.SENDING, cause="found in the ERP", last_sent_at=clock.now())
    if posting.status != S.POSTED:
        move(
            posting, S.POSTED, cause="the ERP's ledger shows the entries",
            posted_at=clock.now(), erp_entries=", ".join(map(str, posted.entry_numbers))[:500],
        )  # fmt: skip
    move(posting, S.CONFIRMED, cause="read back: document, amount and date agree")


def _tidy(erp: Erp, posting: ErpPosting, instruction: PaymentInstruction) -> None:
    if posting.tidied_at is None and clock.now() >= _tidy_at(posting):
        erp.remove_draft(instruction)
        note(posting, tidied_at=clock.now())


def _tidy_at(posting: ErpPosting) -> datetime:
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
    """Keep what is known: surely nothing happened, or we do not know what did."""
    if posting.status == S.SENDING:
        if isinstance(error, OutcomeUnknown):
            move(posting, S.UNKNOWN, cause=f"the answer was lost: {error}"[:200])
        else:
            move(posting, S.QUEUED, cause=f"surely nothing happened: {error}"[:200])
    wait = error.retry_after_seconds if isinstance(error, Unavailable) else None
    if isinstance(error, Misconfigured):
        wait = 60.0
    release(
        posting,
        next_at=next_look(posting.failures, at_least_seconds=wait),
        failures=posting.failures + 1,
        rejection=str(error)[:_WORDS],
    )
