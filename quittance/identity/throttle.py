"""Slows down who guesses, without locking out who owns the account for good."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Final

from django.db import connection

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import SignInTry

WINDOW: Final = timedelta(minutes=10)
NETWORK_WINDOW: Final = timedelta(hours=1)  # of acts that a network is counted by
_LIMITS: Final = {"address": 8, "network": 40}
# Who guesses second factors knows the first: wrong ones within a time, and then the wait grows.
_GROWING: Final = (
    (8, WINDOW),
    (16, timedelta(hours=1)),
    (24, timedelta(hours=6)),
    (32, timedelta(hours=24)),
)


class TooManyTries(RuleBroken):
    """There were too many tries. Nothing has changed. Wait ten minutes, then try again."""

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


def check_tries(*, email: str, ip: str) -> None:
    """Raise ``TooManyTries`` if address or network failed too often, in a transaction."""
    for kind, key_hash in _keys(email, ip):
        wait = _wait(key_hash, most=_LIMITS[kind], window=WINDOW)
        if wait > timedelta(0):
            raise TooManyTries(retry_after_seconds=ceil(wait.total_seconds()))


def take_try(*, email: str, ip: str) -> Sequence[SignInTry]:
    """Count a try before it is looked at; one that was right is given back.

    In a transaction that writes. So of many at the same moment no more are looked at than of many
    in a row. Raises ``TooManyTries``; then nothing is counted.
    """
    keys = _keys(email, ip)
    _one_by_one(*(key_hash for _, key_hash in keys))
    check_tries(email=email, ip=ip)
    return SignInTry.objects.bulk_create(SignInTry(key_hash=hash_) for _, hash_ in keys)


def take_guess(*, key: str, ip: str) -> Sequence[SignInTry]:
    """Count a guess as ``take_try`` does, after a wait that grows."""
    taken = take_try(email=key, ip=ip)
    hashed = _hash(f"address:{key}")
    # One more: the one that was just counted.
    wait = max(_wait(hashed, most=most + 1, window=window) for most, window in _GROWING)
    if wait > timedelta(0):
        raise TooManyTries(retry_after_seconds=ceil(wait.total_seconds()))
    return taken


def give_back(taken: Sequence[SignInTry]) -> None:
    """Count a try no more: it was right. In a transaction."""
    SignInTry.objects.filter(pk__in=[each.pk for each in taken]).delete()


def note_try(*, email: str, ip: str) -> None:
    """Count a try that did not succeed, in a transaction."""
    SignInTry.objects.bulk_create(SignInTry(key_hash=hash_) for _, hash_ in _keys(email, ip))


def note_network(act: str, ip: str) -> None:
    """Count an act of a caller's network, in a transaction."""
    SignInTry.objects.create(key_hash=_hash(f"{act}:{network_of(ip)}"))


def wait_or_count(act: str, who: str, *, most: int, window: timedelta) -> timedelta:
    """Count an act of somebody if there is room for it, and return no time; else how long to wait.

    In a transaction that writes. Of many at the same moment each sees those before it, in whatever
    process: ``most`` of them have room within any ``window``, and no more.
    """
    key_hash = _hash(f"{act}:{who}")
    _one_by_one(key_hash)
    wait = _wait(key_hash, most=most, window=window)
    if wait <= timedelta(0):
        SignInTry.objects.create(key_hash=key_hash)
    return wait


def forget_tries() -> None:
    """Throw away what counts nowhere any more, of the organization, in a transaction."""
    longest = max(window for _, window in _GROWING)
    SignInTry.objects.filter(tried_at__lt=clock.now() - longest - NETWORK_WINDOW).delete()


def wait_of_network(act: str, ip: str, *, most: int) -> timedelta:
    """Return how long a network has to wait that did ``act`` ``most`` times within an hour."""
    return _wait(_hash(f"{act}:{network_of(ip)}"), most=most, window=NETWORK_WINDOW)


def network_of(ip: str) -> str:
    """Return the caller's network: /24, or /64, because one guesser has many addresses there."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped  # as a server that listens on both says it
    prefix = 24 if address.version == 4 else 64
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))


def _one_by_one(*key_hashes: str) -> None:
    """Let one transaction at a time go on that counts by these; in the same order, everywhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s::text[]) AS key",
            [sorted(key_hashes)],
        )


def _wait(key_hash: str, *, most: int, window: timedelta) -> timedelta:
    now = clock.now()
    rows = SignInTry.objects.filter(key_hash=key_hash, tried_at__gt=now - window)
    times = rows.order_by("-tried_at").values_list("tried_at", flat=True)[most - 1 : most]
    return next((earliest + window - now for earliest in times), timedelta(0))


def _keys(email: str, ip: str) -> Sequence[tuple[str, str]]:
    return [
        ("address", _hash(f"address:{email}")),
        ("network", _hash(f"network:{network_of(ip)}")),
    ]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
