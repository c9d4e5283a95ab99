"""Opens a link by its token, and finds it again while it is in use."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from uuid import UUID

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.throttle import note_network, wait_of_network
from quittance.paylinks.making import hash_of
from quittance.paylinks.models import PayLink
from quittance.tenancy.rows import reading, writing

ACT = "pay-link"
WRONG_AN_HOUR = 20  # tokens of one network that fit nothing
_LONGEST = 100


class NoLink(RuleBroken):
    """This link does not open anything. Look whether all of its address was copied."""


class TooManyWrong(RuleBroken):
    """Too many links that open nothing came from your network. Wait an hour, then try again."""

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class LinkOver(RuleBroken):
    """This link has ended."""


def open_link(token: str, *, ip: str) -> PayLink:
    """Return the link of a token, good or over. Raises ``NoLink``, ``TooManyWrong``."""
    with reading():
        found = PayLink.objects.filter(token_hash=hash_of(token[:_LONGEST])).first()
        # A right token opens whatever others of its network do: nobody guesses 256 bits.
        wait = timedelta(0) if found else wait_of_network(ACT, ip, most=WRONG_AN_HOUR)
    if wait > timedelta(0):
        raise TooManyWrong(retry_after_seconds=ceil(wait.total_seconds()))
    with writing():
        if found is None:
            note_network(ACT, ip)
        else:
            PayLink.objects.filter(pk=found.pk).update(opened_at=clock.now())
            record_event("pay_link.opened", subject_kind="pay_link", subject_id=found.pk)
    if found is None:
        raise NoLink
    return found


def find_link(link_id: UUID) -> PayLink | None:
    """Return a link by its id, in a transaction of the caller."""
    return PayLink.objects.select_related("customer_account").filter(pk=link_id).first()


def hold_good(link_id: UUID) -> None:
    """Keep a link from being revoked until the caller's transaction ends. Raises ``LinkOver``."""
    link = PayLink.objects.select_for_update().filter(pk=link_id).first()
    if link is None or not link.is_good(clock.now()):
        raise LinkOver
