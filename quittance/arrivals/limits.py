"""How often somebody may ask in. Every try is counted before it is looked at."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Final

from quittance.core.errors import RuleBroken
from quittance.identity.throttle import network_of, wait_or_count
from quittance.tenancy.rows import writing

CODES_OF_A_MAILBOX: Final = 3  # an hour: each is a mail to somebody who may not have asked
CODES_OF_A_NETWORK: Final = 20  # an hour
CODE_TRIES_OF_A_MAILBOX: Final = 15  # a day, of all its codes
FACTS_OF_A_MAILBOX: Final = 3  # a day; source: security.md, Z3
FACTS_OF_A_NETWORK: Final = 10  # a day
FACTS_OF_AN_ACCOUNT: Final = 10  # a day, of all mailboxes that it does not know; as above
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class TooManyAsked(RuleBroken):
    """There were too many tries. Nothing was changed. Try later, or ask to be invited."""

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class DoorClosed(TooManyAsked):
    """There were too many tries. Nothing was changed. Try later, or ask to be invited."""


def take_code(email: str, ip: str) -> None:
    """Count a code that somebody wants mailed. Raises ``TooManyAsked``; not in a transaction."""
    _take("join code", email, most=CODES_OF_A_MAILBOX, window=HOUR)
    _take("join code of", network_of(ip), most=CODES_OF_A_NETWORK, window=HOUR)


def take_code_try(email: str) -> None:
    """Count a code that somebody typed. Raises ``TooManyAsked``; not in a transaction."""
    _take("join code try", email, most=CODE_TRIES_OF_A_MAILBOX, window=DAY)


def take_facts(email: str, ip: str, number: str, *, known: bool) -> None:
    """Count facts that somebody named of the customer ``number``. Not in a transaction.

    A number that nobody has is counted like any other. Whose mailbox the ERP has for the customer
    (``known``) is not kept out by strangers who guess: only by their own tries. Raises
    ``TooManyAsked``, or ``DoorClosed`` if it is the customer's door.
    """
    _take("join facts", email, most=FACTS_OF_A_MAILBOX, window=DAY)
    _take("join facts of", network_of(ip), most=FACTS_OF_A_NETWORK, window=DAY)
    if not known:
        _take("join facts for", number, most=FACTS_OF_AN_ACCOUNT, window=DAY, closed=DoorClosed)


def _take(
    act: str, who: str, *, most: int, window: timedelta, closed: type[TooManyAsked] = TooManyAsked
) -> None:
    with writing():
        wait = wait_or_count(act, who, most=most, window=window)
    if wait > timedelta(0):
        raise closed(retry_after_seconds=ceil(wait.total_seconds()))
