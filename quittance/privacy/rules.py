"""How long what is known of people is kept: one table. Source: security.md, Z9.

What is about money is kept as long as books must be, whoever it names; see ``KEPT``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Rows of one table that have had their time.

    ``over`` is the moment from which the time counts, as SQL; ``only`` narrows the rows down.
    ``empties`` are the columns that become ""; without any, rows go.
    """

    key: str
    what: str
    table: str
    over: str
    keeps: timedelta
    why: str
    only: str = "true"
    empties: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()  # tables and their columns: what goes with a row

    @property
    def happens(self) -> str:
        """What becomes of them, in a word or two."""
        return "made anonymous" if self.empties else "deleted"

    @property
    def period(self) -> str:
        """How long they are kept, in words."""
        return f"{self.keeps.days} day{'s' if self.keeps.days != 1 else ''}"


def _days(count: int) -> timedelta:
    return timedelta(days=count)


RULES: Final = (
    Rule(
        key="codes", what="mailed codes to sign in (as hashes)", table="identity_signincode",
        over="expires_at", keeps=_days(1), why="they are good for ten minutes",
    ),
    Rule(
        key="challenges", what="what passkeys were asked to sign",
        table="identity_passkeychallenge", over="expires_at", keeps=_days(1),
        why="they are good for five minutes",
    ),
    Rule(
        key="browsers", what="browsers at which somebody was signed in",
        table="identity_signin", over="greatest(until, ended_at)", keeps=_days(30),
        why="their owner may look where it was",
    ),
    Rule(
        key="addresses", what="addresses that somebody wanted to change to",
        table="identity_mailchange", over="greatest(expires_at, ended_at)", keeps=_days(30),
        why="to explain a change that went wrong",
    ),
    Rule(
        key="mails", what="whom a mail went to (its words go when it is sent)",
        table="notifications_message", over="coalesce(sent_at, withheld_at)", keeps=_days(90),
        why="to answer who was told; that it was told stays, so nobody is told twice",
        only="\"to\" <> ''", empties=("to",),
    ),
    Rule(
        key="messages", what="messages of gateways that were looked at",
        table="payments_gatewaymessage", over="done_at", keeps=_days(30),
        why="gateways repeat them for days; what they told of is in the payment",
    ),
    Rule(
        key="invitations", what="invitations, with name and address of who was invited",
        table="invitations_invitation",
        over="greatest(expires_at, accepted_at, withdrawn_at)", keeps=_days(90),
        why="to see what became of it, and to send it again",
        parts=(("invitations_invitedrole", "invitation_id"),),
    ),
    Rule(
        key="mailboxes", what="addresses that somebody proved to come in by knowing invoices",
        table="arrivals_mailbox", over="expires_at", keeps=_days(1),
        why="what they opened is over after half an hour",
    ),
    Rule(
        key="newcomers", what="name and address of who asked to come in",
        table="arrivals_joinrequest", over="ended_at", keeps=_days(90),
        why="to see what became of it", only="email <> '' OR name <> ''",
        empties=("email", "name"),
    ),
    Rule(
        key="links", what="whom a pay link was mailed to", table="paylinks_paylink",
        over="least(expires_at, revoked_at)", keeps=_days(90), why="to see what became of it",
        only="sent_to <> ''", empties=("sent_to",),
    ),
    Rule(
        key="person files", what="files with everything that is kept of a person",
        table="privacy_personfile", over="created_at", keeps=_days(1),
        why="who asked for one takes it away within a day; then it opens no more",
    ),
    Rule(
        key="visits", what="who of the staff looked at the portal as which customer, and why",
        table="visits_visit", over="greatest(began_at, ends_at)", keeps=_days(90),
        why="the customer's people may see who looked; that somebody did stays in the audit",
    ),
    Rule(
        key="savings", what="name and address with which a way to pay was saved",
        table="wallet_saving", over="created_at", keeps=_days(90),
        why="the gateway is asked again with them while its answer is lost",
        only="payer_name <> '' OR payer_email <> ''", empties=("payer_name", "payer_email"),
    ),
    Rule(
        key="baskets", what="name and address of a guest in a checkout", table="payments_basket",
        over="expires_at", keeps=_days(30),
        why="a checkout is good for hours; what was paid is in the payment",
        only="payer_name <> '' OR payer_mail <> ''", empties=("payer_name", "payer_mail"),
    ),
    Rule(
        key="guests", what="name and address of a guest who paid", table="payments_payment",
        over="ended_at", keeps=_days(3650), why="who paid belongs to the books for ten years",
        only="payer_name <> '' OR payer_mail <> ''", empties=("payer_name", "payer_mail"),
    ),
)  # fmt: skip

# What no rule lets go of by itself, and why: as the page of periods says it.
KEPT: Final[Mapping[str, str]] = {
    "payments, allocations, refunds, postings, the ledger, bank movements": (
        "they are books; laws want them for ten years in many countries, and nobody's name is in"
        " them but a guest's (above) and what a bank wrote"
    ),
    "people with a sign-in, and who they act for": (
        "while somebody may let them in again; an administrator switches them off, or erases them"
    ),
    "what a company's directory says of its people: names, addresses, groups": (
        "while the connection is kept; who was deleted there stays as who may come back, switched"
        " off"
    ),
    "what a payer agreed to, word for word, with network address and browser": (
        "a bank may ask for the proof of a mandate as long as money can be claimed back"
    ),
    "what was said in a dispute of an invoice, with files": (
        "it explains what was paid and what not"
    ),
    "the audit": (
        "it is a chain: what is taken out shows. It names people by their id; network addresses"
        " and browsers stand in it too, and before November 2026 whom invitations went to"
    ),
    "names and addresses of customers": "they are the ERP's; what is changed there changes here",
}
