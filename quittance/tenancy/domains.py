"""Proves that a domain is an organization's: by a random text that only its owner can publish.

Whoever reads the text under ``_portal-challenge.<domain>`` in the DNS knows that the organization
may speak for the domain. So the portal answers under it, and sign-in may trust its mail addresses.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import dns.exception
import dns.name
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.origins import Origin
from quittance.httpclient.txt import texts_at
from quittance.tenancy.models import DomainClaim, Host
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id

WithWord = Callable[[], AbstractContextManager[object]]
LOST_AFTER: Final = 2  # misses in a row; security.md, Z8
KEPT_FROM_OTHERS: Final = timedelta(days=30)  # after it was lost or released; security.md, Z8
_MOST: Final = 20  # domains of one organization


class NotADomain(RuleBroken):
    """That is no domain of the public DNS. Write it like pay.example.com, without https://."""


class TooManyDomains(RuleBroken):
    """There are 20 domains already. Take one away that is not needed any more."""


class DomainTaken(RuleBroken):
    """Another organization holds this domain, or held it in the last 30 days. Nothing changed."""


class Found(StrEnum):
    """What a look into the DNS came to."""

    PROVEN = "proven"
    MISSING = "missing"  # the text is not there
    OVER = "over"  # the domain is no longer claimed
    TAKEN = "taken"  # the text is there, and another organization holds the domain


def claim_domain(
    name: str, *, for_portal: bool = False, with_word: WithWord = nullcontext
) -> DomainClaim:
    """Begin to prove that ``name`` is ours; return the claim with the text to publish.

    The same claim again is the same text, unless it was released: then it is a new one. With
    ``for_portal`` the portal answers under the domain as soon and as long as it is proven. Raises
    ``NotADomain``, ``TooManyDomains``. ``with_word``, here and below, is entered in the
    transaction: another person's word, which counts only if this is done.
    """
    domain = domain_name(name)
    with writing(), with_word():
        known = DomainClaim.objects.select_for_update().filter(name=domain).first()
        if known is None:
            if DomainClaim.objects.count() >= _MOST:
                raise TooManyDomains
            return DomainClaim.objects.create(
                name=domain, token=_new_token(), for_portal=for_portal, claimed_at=clock.now()
            )
        if known.released_at is not None:
            known.token, known.claimed_at = _new_token(), clock.now()
            known.lost_at, known.released_at = known.lost_at or known.released_at, None
            known.for_portal = for_portal
        known.for_portal = known.for_portal or for_portal
        known.save(update_fields=["token", "claimed_at", "lost_at", "released_at", "for_portal"])
        if known.is_proven:
            _answer_under(known)
        return known


def is_published(claim: DomainClaim) -> bool:
    """Ask the DNS whether the text stands there. Raises ``Unavailable``."""
    return claim.token in texts_at(claim.record_name, servers=settings.DNS_SERVERS)


def check_domain(claim_id: UUID, *, with_word: WithWord = nullcontext) -> Found:
    """Ask the DNS whether the text stands there, and write down what that means.

    Two misses in a row lose a proven domain: the portal answers under it no more. A hit brings it
    back. Raises ``Unavailable`` when the DNS does not answer; that is no miss.
    """
    with reading():
        claim = DomainClaim.objects.filter(pk=claim_id, released_at=None).first()
    if claim is None:
        return Found.OVER
    is_there = is_published(claim)
    try:
        with writing():
            if not is_there:
                return _miss(claim)
            with with_word():
                return _hit(claim)
    except IntegrityError:
        return Found.TAKEN


def release_domain(claim_id: UUID, *, with_word: WithWord = nullcontext) -> None:
    """Give a domain up. Nobody else may prove it for 30 days, and then only by a text of theirs."""
    with writing(), with_word():
        claim = DomainClaim.objects.select_for_update().get(pk=claim_id)
        if claim.proven_at is None:
            claim.delete()
            return
        DomainClaim.objects.filter(pk=claim_id, released_at=None).update(released_at=clock.now())
        Host.objects.filter(name=claim.name, is_claimed=True).delete()


def domains() -> list[DomainClaim]:
    """Return the organization's claims by name, in a transaction of the caller."""
    return list(DomainClaim.objects.filter(released_at=None).order_by("name"))


def proven_domains() -> frozenset[str]:
    """Return the names that are proven now, in a transaction of the caller."""
    rows = DomainClaim.objects.filter(released_at=None, lost_at=None, proven_at__isnull=False)
    return frozenset(rows.values_list("name", flat=True))


def due_domains() -> Sequence[UUID]:
    """Return the claims that were proven once: each is looked at anew every day."""
    rows = DomainClaim.objects.filter(released_at=None, proven_at__isnull=False)
    with reading():
        return list(rows.order_by("name").values_list("pk", flat=True))


def forget_unproven() -> None:
    """Forget claims that nobody has proven for 30 days, or any more: the list is for what is ours.

    One that was proven once stays as long as it keeps others from the domain.
    """
    before = clock.now() - KEPT_FROM_OTHERS
    with writing():
        DomainClaim.objects.filter(proven_at=None, claimed_at__lt=before).delete()


def _hit(claim: DomainClaim) -> Found:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenancy_free_domain(%s, %s)", [claim.name, now - KEPT_FROM_OTHERS])
    with transaction.atomic():  # a domain that another holds breaks a unique key
        changed = DomainClaim.objects.filter(
            pk=claim.pk, token=claim.token, released_at=None
        ).update(proven_at=now, checked_at=now, misses=0, lost_at=None)
    if not changed:
        return Found.OVER
    _answer_under(claim)
    return Found.PROVEN


def _miss(claim: DomainClaim) -> Found:
    rows = DomainClaim.objects.filter(pk=claim.pk, token=claim.token, released_at=None)
    rows.update(checked_at=clock.now(), misses=F("misses") + 1)
    lost = rows.filter(proven_at__isnull=False, lost_at=None, misses__gte=LOST_AFTER)
    if lost.update(lost_at=clock.now()):
        Host.objects.filter(name=claim.name, is_claimed=True).delete()
    return Found.MISSING


def _answer_under(claim: DomainClaim) -> None:
    """The name of a host is a key of all organizations: one that another has is refused there."""
    if claim.for_portal and not Host.objects.filter(name=claim.name).exists():
        Host.objects.create(
            name=claim.name, organization_id=current_organization_id(), is_claimed=True
        )


def domain_name(name: str) -> str:
    """Return the domain as the DNS writes it: lower case, other scripts in their xn-- form.

    Raises ``NotADomain``.
    """
    try:
        found = dns.name.from_text(name.strip().lower(), idna_codec=dns.name.IDNA_2008_UTS_46)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise NotADomain from error
    plain = found.to_text(omit_final_dot=True)
    if len(plain) > 230 or not Origin("https", plain, 443).looks_public:
        raise NotADomain
    return plain


def _new_token() -> str:
    return secrets.token_urlsafe(32)
