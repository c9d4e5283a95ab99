"""Domains: another person's word before one is proven as the organization's own, or given up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from quittance.confirmations.models import Confirmation
from quittance.confirmations.rules import switch_on
from quittance.core import clock
from quittance.identity.models import User
from quittance.sso.models import IdentityProvider, ProviderDomain
from quittance.tenancy.models import DomainClaim, Host
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import action, fields, words
from tests.backoffice.test_sso import FORM
from tests.confirmations.words import acting
from tests.portal.doors import Door
from tests.tenancy.dns_server import NameServer, name_server

PAGE, DOMAINS, SSO = "/office/confirmations", "/office/domains", "/office/single-sign-on"


class Two:
    """Two who administer, with the domain that one of them has claimed."""

    def __init__(self, door: Door, name: str) -> None:
        self.name = name
        self.ada = door.signed_in(email="ada@example.test", role="administrator", name="Ada Novak")
        self.ines = door.signed_in(email="ines@example.test", role="administrator", name="Ines")
        self.ada.post(f"{DOMAINS}/claim", {"name": name, "for_portal": "1"})
        self.claim = now()
        with writing():
            switch_on(["domains"])

    def check(self) -> Any:
        return self.ada.post(f"{DOMAINS}/{self.claim.pk}/check", follow=True)


@pytest.fixture
def dns() -> Iterator[NameServer]:
    with name_server() as server:
        yield server


@pytest.fixture
def two(door: Door) -> Iterator[Two]:
    yield Two(door, f"pay-{door.ground.organization_id}.example.com")
    with writing():
        Host.objects.filter(is_claimed=True, organization_id=door.ground.organization_id).delete()


def now() -> DomainClaim:
    with reading():
        return DomainClaim.objects.get()


def last() -> Confirmation:
    with reading():
        return Confirmation.objects.order_by("created_at").last()  # type: ignore[return-value]


def confirmed(client: Client) -> Any:
    page = client.get(f"{PAGE}/{last().pk}")
    return client.post(action(page, "confirm"), fields(page, "confirm"))


def test_a_domain_is_proven_and_given_up_by_two(two: Two, dns: NameServer) -> None:
    early = words(two.check())
    dns.texts[two.claim.record_name] = [two.claim.token]
    asked, before = words(two.check()), now()
    confirmed(two.ines)
    proven = now()
    gone = two.ada.post(f"{DOMAINS}/{two.claim.pk}/release")
    still = now()
    confirmed(two.ines)

    assert "not there yet" in early
    assert "Another person has to confirm it" in asked
    assert not before.is_proven
    assert proven.is_proven
    assert gone["Location"].endswith("?done=asked")
    assert still.is_proven
    assert now().released_at is not None


def test_what_the_dns_says_no_more_is_not_proven_by_a_yes(two: Two, dns: NameServer) -> None:
    dns.texts[two.claim.record_name] = [two.claim.token]
    two.check()
    dns.texts.clear()

    answer = confirmed(two.ines)

    assert answer.status_code == 409
    assert "The text is not in the DNS" in words(answer)
    assert (now().is_proven, last().status) == (False, "asked")


def test_a_domain_that_was_given_up_is_claimed_again_by_two(two: Two, dns: NameServer) -> None:
    with writing():
        DomainClaim.objects.update(proven_at=clock.now(), released_at=clock.now())
    dns.texts[two.claim.record_name] = [two.claim.token]

    two.ada.post(f"{DOMAINS}/claim", {"name": two.name})
    before = now()
    confirmed(two.ines)

    assert before.released_at is not None
    assert now().released_at is None


def test_a_mail_domain_is_proven_and_given_up_by_two(two: Two, dns: NameServer) -> None:
    path = two.ada.post(f"{SSO}/keep", FORM)["Location"].partition("?")[0]
    two.ada.post(f"{path}/domains", {"domain": "contoso.com"})
    with reading():
        row = ProviderDomain.objects.get()
        assert IdentityProvider.objects.count() == 1
    early = two.ada.post(f"{path}/domains/{row.pk}/prove")
    dns.texts[row.record_name] = [row.word]
    asked = two.ada.post(f"{path}/domains/{row.pk}/prove")
    with reading():
        before = ProviderDomain.objects.get()
    confirmed(two.ines)
    with reading():
        proven = ProviderDomain.objects.get()
    two.ada.post(f"{path}/domains/{row.pk}/give-up")
    with reading():
        still = ProviderDomain.objects.count()
    confirmed(two.ines)

    assert (early.status_code, asked["Location"]) == (422, f"{path}?done=asked")
    assert (before.proven_at, proven.proven_at is not None, still) == (None, True, 1)
    with reading():
        assert not ProviderDomain.objects.exists()


def test_postgresql_itself_refuses_a_proof_or_an_end_without_the_word(two: Two) -> None:
    two.ada.post(f"{SSO}/keep", FORM)
    with reading():
        ada = User.objects.get(email="ada@example.test")
        provider = IdentityProvider.objects.get()
    with writing():
        DomainClaim.objects.update(proven_at=clock.now())
        mail = ProviderDomain.objects.create(
            provider=provider, domain="contoso.com", word="x", proven_at=clock.now()
        )

    def refused(act: Any) -> None:
        with (
            pytest.raises(IntegrityError, match="another person has to confirm this"),
            acting(ada),
            writing(),
        ):
            act()

    refused(lambda: DomainClaim.objects.update(released_at=clock.now()))
    refused(lambda: DomainClaim.objects.all().delete())
    refused(lambda: ProviderDomain.objects.filter(pk=mail.pk).delete())
    with writing():
        ProviderDomain.objects.update(proven_at=None, lost_at=None)
        DomainClaim.objects.update(proven_at=None)
    refused(lambda: ProviderDomain.objects.update(proven_at=clock.now()))
    refused(lambda: DomainClaim.objects.update(proven_at=clock.now()))
