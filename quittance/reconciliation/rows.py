"""One row of the queue of exceptions: something that a person must look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_noop as noop

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.receivables.models import CustomerAccount


class Kind(StrEnum):
    """What sort of trouble it is; its words are in ``TITLES``."""

    POSTING_REFUSED = "posting_refused"
    POSTING_BY_HAND = "posting_by_hand"
    POSTING_REMARK = "posting_remark"
    POSTINGS_STOPPED = "postings_stopped"
    SECOND_PERSON = "second_person"
    ANSWER_PUZZLING = "answer_puzzling"
    SURPLUS = "surplus"
    REFUND_FAILED = "refund_failed"
    RETURNED = "returned"
    DISPUTED = "disputed"
    UNKNOWN_MONEY = "unknown_money"
    PAYOUT_DIFFERS = "payout_differs"
    AMOUNTS_DIFFER = "amounts_differ"
    STUCK = "stuck"
    BROKEN_RULE = "broken_rule"
    WEBHOOKS_SILENT = "webhooks_silent"
    CARD_TESTING = "card_testing"
    KEPT_METHOD = "kept_method"
    REVOKED_LINK = "revoked_link"
    PAGE_DIFFERS = "page_differs"


class Act(StrEnum):
    """What a person does about it. ``subject_id`` says to which row."""

    RETRY_POSTING = "retry_posting"  # payments.repair.retry_posting(subject_id)
    DO_STEPS = "do_steps"  # ``steps`` in the ERP; its ledger is watched
    SETTLE_REMARK = "settle_remark"  # posting.queue.settle_remark(subject_id)
    RELEASE_POSTINGS = "release_postings"  # payments.repair.release_postings(subject_id, note=)
    CONFIRM = "confirm"  # payments.repair.confirm_correction(subject_id), by somebody else
    REFUND_PAYMENT = "refund_payment"  # the refund of ``payment_id``
    ANSWER_DISPUTE = "answer_dispute"  # in the gateway's pages, until ``until``
    REFUND_UNKNOWN = "refund_unknown"  # reconciliation.unknown.refund_unknown(subject_id)
    ASK_GATEWAY = "ask_gateway"  # payments.puzzles.ask_again(subject_id); money goes back
    LOOK_AND_HANDLE = "look_and_handle"  # look; then exceptions.handle(key, note)
    WAIT = "wait"  # look; it closes by itself when it is mended


TITLES: Final[Mapping[Kind, str]] = {
    Kind.POSTING_REFUSED: noop("Posting refused"),
    Kind.POSTING_BY_HAND: noop("To be booked by hand"),
    Kind.POSTING_REMARK: noop("Posted with a remark"),
    Kind.POSTINGS_STOPPED: noop("Postings are stopped"),
    Kind.SECOND_PERSON: noop("Waits for a second person"),
    Kind.ANSWER_PUZZLING: noop("Puzzling answer"),
    Kind.SURPLUS: noop("Paid too much"),
    Kind.REFUND_FAILED: noop("Refund failed"),
    Kind.RETURNED: noop("Returned debit"),
    Kind.DISPUTED: noop("Disputed"),
    Kind.UNKNOWN_MONEY: noop("Unknown money"),
    Kind.PAYOUT_DIFFERS: noop("Payout differs"),
    Kind.AMOUNTS_DIFFER: noop("Amounts differ"),
    Kind.STUCK: noop("Stuck"),
    Kind.BROKEN_RULE: noop("Broken rule"),
    Kind.WEBHOOKS_SILENT: noop("Webhooks are silent"),
    Kind.CARD_TESTING: noop("Many cards are tried"),
    Kind.KEPT_METHOD: noop("Kept way to pay"),
    Kind.REVOKED_LINK: noop("Revoked pay link"),
    Kind.PAGE_DIFFERS: noop("Payment page differs"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """Something that a person must look at. ``key`` is what ``take`` and ``handle`` are given."""

    key: str  # "posting:<id>", "finding:<id>", ...
    kind: Kind
    title: str  # of its kind, in the reader's language
    sentence: str  # what happened, with amounts and numbers; may be the ERP's own words
    cure: str  # what to do, and what happens by itself
    act: Act  # what we suggest
    since: datetime  # its age counts from here
    subject_id: UUID  # of the posting, correction, legal entity, attempt, dispute or finding
    amount: Money | None = None
    until: datetime | None = None  # a dispute's answer is due
    steps: Sequence[str] = ()  # what to do in the ERP, in its own words
    posting_id: UUID | None = None  # what it is about, where it is one posting
    payment_id: UUID | None = None
    reversal_id: UUID | None = None
    method_id: UUID | None = None  # of a kept way to pay, where it is about one
    payment_number: str = ""
    customer_account_id: UUID | None = None
    customer: CustomerAccount | None = None
    owner: User | None = None
    may_be_handled: bool = False  # whether ``handle`` with a note takes it off the list
