"""Where an address leads that a person has typed: its origin, and whether that looks public."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_ADDRESS: Final = re.compile(r"[!-~]+")  # no space, no control character
_TWO_EARS: Final = re.compile(r"[?#@\\]")  # what one reads as another's host, or as no host at all
_HOST: Final = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+")
_LABEL: Final = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_PUBLIC: Final = re.compile(rf"({_LABEL}\.)+[a-z]([a-z0-9-]*[a-z0-9])?")  # its end is no number
_INSIDE: Final = {
    "arpa", "corp", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost",
    "private", "svc",
}  # fmt: skip
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """The server that an address leads to, as RFC 6454 tells two of them apart."""

    scheme: str  # "http" or "https"
    host: str  # in lower case
    port: int

    @property
    def looks_public(self) -> bool:
        """Whether the host is a name in the public DNS by its form. Nobody is asked.

        No number in any writing, no name without a dot, none of the endings of inner networks.
        """
        return bool(_PUBLIC.fullmatch(self.host)) and self.host.rpartition(".")[2] not in _INSIDE


def origin_of(address: str) -> Origin | None:
    """Return the origin of an address like https://host/path; ``None`` for anything else."""
    if not _ADDRESS.fullmatch(address) or _TWO_EARS.search(address):
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or port == 0:
        return None
    return Origin(parts.scheme, host, _PORTS[parts.scheme] if port is None else port)
