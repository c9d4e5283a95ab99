"""Has another person confirm what a domain of the organization is, where that is wanted."""

from __future__ import annotations

from uuid import UUID

from quittance.audit.record import record_event
from quittance.confirmations.models import Kind
from quittance.confirmations.requests import Wish, ask
from quittance.confirmations.rules import wants_second
from quittance.identity.models import User
from quittance.tenancy.models import DomainClaim
from quittance.tenancy.rows import reading, writing

_THEN = {
    "prove": ("not proven", "proven: ours"), "release": ("proven: ours", "given up"),
    "claim": ("given up, or not for the portal", "claimed again"),
    "prove mail": ("not proven", "its people sign in with the provider"),
    "release mail": ("its people sign in with the provider", "nobody vouches for it"),
}  # fmt: skip


def wants_word() -> bool:
    """Say whether the organization wants another person's word about domains."""
    with reading():
        return wants_second(Kind.DOMAINS)


def ask_about(
    act: str, row_id: UUID, domain: str, *, by: User, title: str, provider: str = "", **more: str
) -> None:
    """Ask for the word about one act. Raises ``WaitsAlready``, ``NobodyElse``."""
    shown = [(domain, *_THEN[act])]
    if provider:
        shown.append(("Identity provider", provider, provider))
    if more.get("for_portal") == "yes":
        shown.append(("The portal answers under it", "", "yes"))
    with writing():
        ask(Wish(
            kind=Kind.DOMAINS, about=f"domain:{row_id}", subject_id=row_id, title=title,
            shown=shown, content={"act": act, "domain": domain, **more},
        ), by=by)  # fmt: skip


def remember(what: str, claim: DomainClaim, **facts: str) -> None:
    """Write an act about a domain into the audit."""
    with writing():
        record_event(what, subject_id=claim.pk, subject_kind="domain", domain=claim.name, **facts)
