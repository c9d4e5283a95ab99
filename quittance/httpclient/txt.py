"""Asks the DNS for the texts that stand under a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import dns.exception
import dns.nameserver
import dns.resolver

from quittance.core.errors import Unavailable

_SECONDS: Final = 5.0  # for all tries together


def texts_at(name: str, *, servers: Sequence[tuple[str, int]] = ()) -> frozenset[str]:
    """Return the TXT records of ``name``, none when there is no such name.

    ``servers`` are addresses and ports to ask instead of those that this machine knows. Raises
    ``Unavailable`` when nobody answers, or the servers of the name fail: then nothing is known.
    """
    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(*each) for each in servers]
    try:
        answer = resolver.resolve(name, "TXT", search=False, lifetime=_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return frozenset()
    except (dns.exception.DNSException, OSError) as error:
        raise Unavailable("The DNS did not answer.", name=name) from error
    # A long text comes in several strings, which belong together: RFC 7208, 3.3.
    return frozenset(b"".join(each.strings).decode("ascii", "replace") for each in answer)
