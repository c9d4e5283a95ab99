"""Slows down who guesses, without locking out who owns the account for good."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import SignInTry

WINDOW: Final = timedelta(minutes=10)
NETWORK_WINDOW: Final = timedelta(hours=1)  # of acts that a network is counted by
_LIMITS: Final = {"address": 8, "network": 40}


class TooManyTries(RuleBroken):
    """There were too many tries. Nothing has changed. Wait ten minutes, then try again."""


def check_tries(*, email: str, ip: str) -> None:
    """Raise ``TooManyTries`` if address or network failed too often, in a transaction."""
    since = clock.now() - WINDOW
    for kind, key_hash in _keys(email, ip):
        tries = SignInTry.objects.filter(key_hash=key_hash, tried_at__gte=since)
        if tries.count() >= _LIMITS[kind]:
            raise TooManyTries


def note_try(*, email: str, ip: str) -> None:
    """Count a try that did not succeed, or a code that was asked for, in a transaction."""
    SignInTry.objects.bulk_create(SignInTry(key_hash=hash_) for _, hash_ in _keys(email, ip))


def note_network(act: str, ip: str) -> None:
    """Count an act of a caller's network, in a transaction."""
    SignInTry.objects.create(key_hash=_hash(f"{act}:{_network(ip)}"))


def wait_of_network(act: str, ip: str, *, most: int) -> timedelta:
    """Return how long a network has to wait that did ``act`` ``most`` times within an hour."""
    since = clock.now() - NETWORK_WINDOW
    key = _hash(f"{act}:{_network(ip)}")
    rows = SignInTry.objects.filter(key_hash=key, tried_at__gte=since).order_by("-tried_at")
    times = list(rows.values_list("tried_at", flat=True)[:most])
    return times[-1] + NETWORK_WINDOW - clock.now() if len(times) >= most else timedelta(0)


def _keys(email: str, ip: str) -> Sequence[tuple[str, str]]:
    return [
        ("address", _hash(f"address:{email}")),
        ("network", _hash(f"network:{_network(ip)}")),
    ]


def _network(ip: str) -> str:
    """Return the caller's network: /24, or /64, because one guesser has many addresses there."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped  # as a server that listens on both says it
    prefix = 24 if address.version == 4 else 64
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
