"""Opens a link by its token, and finds it again while it is in use."""

from __future__ import annotations

from uuid import UUID

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.wrong_tokens import note_wrong_token
from quittance.paylinks.making import hash_of
from quittance.paylinks.models import PayLink
from quittance.tenancy.rows import reading, writing

ACT = "pay-link"
_LONGEST = 100


class NoLink(RuleBroken):
    """This link does not open anything. Look whether all of its address was copied."""


class LinkOver(RuleBroken):
    """This link has ended."""


def open_link(token: str, *, ip: str) -> PayLink:
    """Return the link of a token, good or over. Raises ``NoLink``, ``TooManyWrong``."""
    with reading():
        found = PayLink.objects.filter(token_hash=hash_of(token[:_LONGEST])).first()
    if found is None:
        note_wrong_token(ACT, ip)
        raise NoLink
    with writing():
        PayLink.objects.filter(pk=found.pk).update(opened_at=clock.now())
        record_event("pay_link.opened", subject_kind="pay_link", subject_id=found.pk)
    return found


def find_link(link_id: UUID) -> PayLink | None:
    """Return a link by its id, in a transaction of the caller."""
    return PayLink.objects.select_related("customer_account").filter(pk=link_id).first()


def hold_good(link_id: UUID) -> None:
    """Keep a link from being revoked until the caller's transaction ends. Raises ``LinkOver``."""
    link = PayLink.objects.select_for_update().filter(pk=link_id).first()
    if link is None or not link.is_good(clock.now()):
        raise LinkOver
