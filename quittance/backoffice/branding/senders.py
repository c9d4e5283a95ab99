"""Looks into the DNS whether receivers will believe that a mail is from the address in From.

SPF says which servers may send for a domain, DKIM has the key that a mail is signed with, DMARC
says what becomes of a mail that neither speaks for. Sources: RFC 7208, RFC 6376, RFC 7489.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.conf import settings

from quittance.httpclient.txt import texts_at
from quittance.tenancy.domains import domain_name


class Standing(StrEnum):
    """How one of the three stands."""

    GOOD = "good"
    WEAK = "weak"  # there, and it keeps nobody from sending in this name
    MISSING = "missing"  # not there, or not as receivers read it
    UNKNOWN = "unknown"  # we were not told where to look


@dataclass(frozen=True, slots=True)
class Record:
    """One of the three: where it was looked for, how it stands, and what to do, in words."""

    kind: str
    name: str  # in the DNS
    standing: Standing
    sentence: str


_NO_SPF: Final = (
    "There is none. Publish a TXT record that begins with v=spf1, names the servers that send your"
    " mail, and ends with -all."
)
_NO_SELECTOR: Final = (
    "Nobody said under which selector your mail server signs. Whoever runs this installation sets"
    " QUITTANCE_DKIM_SELECTOR."
)
_NO_KEY: Final = (
    "There is no key. Have your mail server sign with this selector, and publish its public key."
)
_ALL: Final = ("+all", "all", "?all")  # everybody may send, or nothing is said of others


def records_of(address: str) -> Sequence[Record]:
    """Look at SPF, DKIM and DMARC of the domain in ``address``.

    Whether SPF names the server that sends for us, only that server's owner can say. Raises
    ``NotADomain`` for an address at none, ``Unavailable`` when the DNS does not answer.
    """
    domain = domain_name(address.rpartition("@")[2])
    return [_spf(domain), _dkim(domain), _dmarc(domain)]


def _texts(name: str) -> list[str]:
    return sorted(texts_at(name, servers=settings.DNS_SERVERS))


def _spf(domain: str) -> Record:
    found = [each for each in _texts(domain) if each.lower().split(" ")[0] == "v=spf1"]
    if not found:
        return Record("SPF", domain, Standing.MISSING, _NO_SPF)
    if len(found) > 1:
        words = f"There are {len(found)}, so receivers heed none. Put them together into one."
        return Record("SPF", domain, Standing.MISSING, words)
    terms = found[0].lower().split()
    if any(each in _ALL for each in terms):
        words = "It lets everybody send in your name. Write -all or ~all at its end."
        return Record("SPF", domain, Standing.WEAK, words)
    if not any(each in {"-all", "~all"} or each.startswith("redirect=") for each in terms):
        words = "It says nothing of servers that it does not name. Write -all or ~all at its end."
        return Record("SPF", domain, Standing.WEAK, words)
    words = "It is there. See that it names the server that sends for the portal."
    return Record("SPF", domain, Standing.GOOD, words)


def _dkim(domain: str) -> Record:
    selector = settings.DKIM_SELECTOR
    if not selector:
        return Record("DKIM", f"…._domainkey.{domain}", Standing.UNKNOWN, _NO_SELECTOR)
    name = f"{selector}._domainkey.{domain}"
    keys = [tags["p"] for each in _texts(name) if "p" in (tags := _tags(each))]
    if not keys:
        return Record("DKIM", name, Standing.MISSING, _NO_KEY)
    if not all(keys):
        words = (
            "The key is withdrawn: its p= is empty. Publish the one that your server signs with."
        )
        return Record("DKIM", name, Standing.MISSING, words)
    return Record("DKIM", name, Standing.GOOD, "The key is there.")


def _dmarc(domain: str) -> Record:
    """The policy of the domain, or of the nearest one above it. Source: RFC 7489, 6.6.3."""
    own = f"_dmarc.{domain}"
    labels = domain.split(".")
    for above in range(len(labels) - 1):
        name = f"_dmarc.{'.'.join(labels[above:])}"
        found = [tags for each in _texts(name) if (tags := _tags(each)).get("v") == "DMARC1"]
        if len(found) == 1:
            policy = found[0].get("sp" if above else "p", found[0].get("p", "")).lower()
            return Record("DMARC", name, *_policy(policy))
        if found:
            return Record(
                "DMARC", name, Standing.MISSING,
                f"There are {len(found)}, so receivers heed none. Leave one.",
            )  # fmt: skip
    return Record(
        "DMARC", own, Standing.MISSING,
        "There is none. Publish a TXT record like v=DMARC1; p=none; rua=mailto:you@your.domain,"
        " read the reports, then say p=quarantine or p=reject.",
    )  # fmt: skip


def _policy(policy: str) -> tuple[Standing, str]:
    if policy in {"quarantine", "reject"}:
        return Standing.GOOD, f"Mails in your name that are not yours: {policy}."
    if policy == "none":
        return Standing.WEAK, (
            "It only asks for reports. When they show that all your mail passes, say p=quarantine"
            " or p=reject."
        )
    return Standing.MISSING, "It has no policy that receivers know. Say p=quarantine or p=reject."


def _tags(text: str) -> dict[str, str]:
    pairs = (each.partition("=") for each in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
