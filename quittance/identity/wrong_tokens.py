"""Slows down who guesses the tokens of links, without keeping anybody's right one out."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Final

from quittance.core.errors import RuleBroken
from quittance.identity.throttle import note_network, wait_of_network
from quittance.tenancy.rows import writing

WRONG_AN_HOUR: Final = 20  # tokens of one network that fit nothing, for each kind of link


class TooManyWrong(RuleBroken):
    """Too many links that open nothing came from your network. Wait an hour, then try again."""

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


def note_wrong_token(kind: str, ip: str) -> None:
    """Count a token of some ``kind`` of link that fits nothing. Raises ``TooManyWrong``.

    A right token is not asked for here: it opens whatever others of its network do, for nobody
    guesses 256 bits. Not inside of a transaction.
    """
    with writing():
        wait = wait_of_network(kind, ip, most=WRONG_AN_HOUR)
        if wait <= timedelta(0):
            note_network(kind, ip)
    if wait > timedelta(0):
        raise TooManyWrong(retry_after_seconds=ceil(wait.total_seconds()))
