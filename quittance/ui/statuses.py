"""The words for where an invoice or a payment is, each with its icon and its tone."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.translation import gettext_noop as noop


class Status(NamedTuple):
    """One word of the vocabulary. A status is never its colour alone."""

    word: str
    icon: str
    tone: str  # good, warn, bad, info, note or quiet
    pill: bool = False  # filled: a person must act


STATUSES: Final[dict[str, Status]] = {
    # invoices, as the buyer sees them
    "open": Status(noop("Open"), "circle", "quiet"),
    "due_soon": Status(noop("Due soon"), "clock", "warn", pill=True),
    "overdue": Status(noop("Overdue"), "alert-circle", "bad", pill=True),
    "partly": Status(noop("Partly paid"), "half", "info"),
    "processing": Status(noop("Processing"), "progress", "info"),
    "paid": Status(noop("Paid"), "circle-check", "good"),
    "cancelled": Status(noop("Cancelled"), "circle-x", "quiet"),
    "credit": Status(noop("Credit"), "receipt-refund", "good"),
    "used_up": Status(noop("Used up"), "circle-check", "quiet"),
    "credit_being_applied": Status(noop("Being applied"), "progress", "info"),
    "credit_applied": Status(noop("Applied"), "circle-check", "good"),
    # orders
    "ordered": Status(noop("Ordered"), "circle", "quiet"),
    "part_shipped": Status(noop("Partly shipped"), "half", "info"),
    "shipped": Status(noop("Shipped"), "truck-delivery", "good"),
    "invoiced": Status(noop("Invoiced"), "file-invoice", "good"),
    # payments
    "created": Status(noop("Started"), "circle", "quiet"),
    "in_flight": Status(noop("Processing"), "progress", "info"),
    "waiting": Status(noop("Not finished"), "clock", "warn", pill=True),
    "succeeded": Status(noop("Paid"), "circle-check", "good"),
    "failed": Status(noop("Failed"), "circle-x", "bad", pill=True),
    # transfers that were announced, and what came on the bank account
    "announced": Status(noop("Waiting for the money"), "hourglass", "info"),
    "matched": Status(noop("Received"), "circle-check", "good"),
    "settled": Status(noop("Invoices paid"), "circle-check", "good"),
    "lapsed": Status(noop("Never came"), "clock", "quiet"),
    "to_decide": Status(noop("To be decided"), "help-circle", "warn", pill=True),
    "set_aside": Status(noop("Set aside"), "circle-x", "quiet"),
    # postings in the ERP, as the AR team sees them
    "queued": Status(noop("Waiting"), "clock", "quiet"),
    "sending": Status(noop("Being posted"), "progress", "info"),
    "drafted": Status(noop("Being posted"), "progress", "info"),
    "unknown": Status(noop("Being checked"), "help-circle", "warn", pill=True),
    "posted": Status(noop("Posted"), "circle-check", "good"),
    "confirmed": Status(noop("Posted"), "circle-check", "good"),
    "rejected": Status(noop("Rejected"), "circle-x", "bad", pill=True),
    "by_hand": Status(noop("To be booked by hand"), "clipboard-check", "warn", pill=True),
    "handled": Status(noop("Booked by hand"), "circle-check", "good"),
    "replaced": Status(noop("Replaced"), "arrows-exchange", "quiet"),
    # attempts at a gateway
    "prepared": Status(noop("Prepared"), "circle", "quiet"),
    "sent": Status(noop("Sent"), "progress", "info"),
    "surplus": Status(noop("Surplus money"), "alert-triangle", "note", pill=True),
    # money that goes back
    "requested": Status(noop("Asked for"), "circle", "quiet"),
    "pending": Status(noop("On its way"), "progress", "info"),
    "gone_back": Status(noop("Gone back"), "receipt-refund", "quiet"),
    "not_gone": Status(noop("Did not go back"), "circle-x", "bad", pill=True),
    "came_again": Status(noop("Came back to us"), "circle-check", "good"),
    "refunded": Status(noop("Refunded"), "receipt-refund", "quiet"),
    "part_refunded": Status(noop("Partly refunded"), "receipt-refund", "quiet"),
    "refunded_some": Status(noop("Paid, refunded"), "receipt-refund", "quiet"),
    "returned": Status(noop("Returned by the bank"), "refresh", "bad", pill=True),
    # what buyers dispute of invoices
    "dispute_open": Status(noop("With the seller"), "message-report", "note", pill=True),
    "dispute_waiting": Status(noop("Waiting for you"), "help-circle", "warn", pill=True),
    "dispute_accepted": Status(noop("Accepted"), "circle-check", "good"),
    "dispute_rejected": Status(noop("Not accepted"), "circle-x", "bad"),
    "dispute_withdrawn": Status(noop("Taken back"), "arrow-back-up", "quiet"),
    "dispute_closed": Status(noop("Closed"), "circle-check", "quiet"),
    "staff_dispute_open": Status(noop("To answer"), "message-report", "note", pill=True),
    "staff_dispute_waiting": Status(noop("With the customer"), "hourglass", "info"),
    "staff_dispute_accepted": Status(
        noop("To book in the ERP"), "clipboard-check", "warn", pill=True
    ),
    "staff_dispute_rejected": Status(noop("Rejected"), "circle-x", "bad"),
    "staff_dispute_withdrawn": Status(noop("Taken back"), "arrow-back-up", "quiet"),
    "staff_dispute_closed": Status(noop("Closed"), "circle-check", "quiet"),
    # what another person of the customer approves
    "approval_asked": Status(noop("Waiting for approval"), "hourglass", "info"),
    "approval_approved": Status(noop("Approved"), "circle-check", "good"),
    "approval_used": Status(noop("Approved and begun"), "circle-check", "good"),
    "approval_refused": Status(noop("Not approved"), "circle-x", "bad"),
    "approval_withdrawn": Status(noop("Taken back"), "arrow-back-up", "quiet"),
    "approval_outdated": Status(noop("Outdated"), "clock", "quiet"),
    # disputes of payments
    "disputed": Status(noop("Disputed"), "message-report", "note", pill=True),
    "under_review": Status(noop("Under review"), "hourglass", "info"),
    "won": Status(noop("Dispute won"), "circle-check", "good"),
    "lost": Status(noop("Dispute lost"), "circle-x", "bad", pill=True),
}
