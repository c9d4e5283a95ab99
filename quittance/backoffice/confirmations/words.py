"""Says in words what wants a second person, and how a request for their word stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from quittance.confirmations.models import Confirmation, Kind

S = Confirmation.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A kind of act: what it is called, what wants another person, and what their word does."""

    name: str
    wants: str
    does: str


ACTS: Final[Mapping[str, Act]] = {
    Kind.BANK_ACCOUNTS: Act(
        name="Bank accounts",
        wants="A new or changed bank account to which buyers are told to pay",
        does="From then on buyers who choose a transfer are told to pay there. Look the account up"
        " where the bank tells it, not in a message that asks for the change.",
    ),
    Kind.CREDENTIALS: Act(
        name="Connections",
        wants="A key, an address or another setting of a gateway or an ERP",
        does="The settings are tried out once more and used from then on, for everything that is"
        " asked there. If something does not work, those of now stay.",
    ),
    Kind.DOMAINS: Act(
        name="Domains",
        wants="To prove a domain as ours, or to give one up: of the portal, or of who signs in with"
        " a provider",
        does="The DNS is asked once more for a proof. A proven domain of the portal leads buyers"
        " here; one of a provider lets its people in; one that is given up does so no more.",
    ),
    Kind.VISITS: Act(
        name="Looks as a customer",
        wants="To look at the portal as a customer sees it",
        does="Who asked may begin this look, once, in the days that are left. It lasts 30 minutes"
        " and changes nothing.",
    ),
    Kind.RULES: Act(
        name="These rules",
        wants="To want a second person no more",
        does="From then on one person alone can do this.",
    ),
}
STATES: Final[Mapping[str, tuple[str, str, str]]] = {
    S.ASKED: ("Waits", "clock", "warn"),
    S.CONFIRMED: ("Confirmed", "user-check", "info"),
    S.DONE: ("Done", "circle-check", "good"),
    S.REFUSED: ("Refused", "circle-x", "bad"),
    S.WITHDRAWN: ("Taken back", "circle-x", "quiet"),
    S.EXPIRED: ("Expired", "clock", "quiet"),
}
