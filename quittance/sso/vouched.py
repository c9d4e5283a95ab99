"""What a provider says of somebody, whichever way it says so."""

from __future__ import annotations

from dataclasses import dataclass

from quittance.core.errors import RuleBroken


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Somebody for whom a provider vouches.

    ``subject``: its own key of him, which no other of its people ever has. ``mail_seen``: it says
    that it has seen that the mailbox is his.
    """

    subject: str
    email: str
    mail_seen: bool
    name: str
    groups: frozenset[str]


class NotVouched(RuleBroken):
    """What came back from there cannot be trusted. Nobody was signed in. Begin again."""
