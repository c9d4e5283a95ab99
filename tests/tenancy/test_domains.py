"""A domain is an organization's when a random text of ours stands in its DNS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from django.db.models import F

from quittance.core import clock
from quittance.core.errors import Unavailable
from quittance.core.ids import new_id
from quittance.jobs.domains import look
from quittance.tenancy import hosts
from quittance.tenancy.address import portal_address
from quittance.tenancy.domains import (
    KEPT_FROM_OTHERS,
    Found,
    NotADomain,
    check_domain,
    claim_domain,
    due_domains,
    proven_domains,
    release_domain,
)
from quittance.tenancy.models import DomainClaim, Host, Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.tenancy.dns_server import NameServer, name_server


@pytest.fixture
def dns() -> Iterator[NameServer]:
    with name_server() as server:
        yield server


@contextmanager
def somebody(name: str) -> Iterator[UUID]:
    """An organization of its own, its scope entered."""
    organization_id = new_id()
    with working_for(organization_id, actor="test"):
        with writing():
            Organization.objects.create(pk=organization_id, name=name)
        yield organization_id


@pytest.fixture
def us(database: None) -> Iterator[UUID]:
    with somebody("us") as organization_id:
        yield organization_id
        with writing():
            Host.objects.filter(organization_id=organization_id).delete()
            DomainClaim.objects.all().delete()


@pytest.fixture
def name(us: UUID) -> str:
    return f"pay-{us}.example.com"


def _publish(dns: NameServer, claim: DomainClaim) -> None:
    dns.texts[claim.record_name] = ["v=spf1 -all", claim.token]


def _proven(dns: NameServer, name: str, **facts: bool) -> DomainClaim:
    claim = claim_domain(name, **facts)
    _publish(dns, claim)
    assert check_domain(claim.pk) is Found.PROVEN
    return claim


def _now() -> frozenset[str]:
    with reading():
        return proven_domains()


def _serves(name: str) -> UUID | None:
    hosts._remembered.clear()  # what other processes see within half a minute
    found = hosts.find_organization(name)
    return found and found[0]


def _days_pass(claim: DomainClaim, days: timedelta) -> None:
    with writing():
        DomainClaim.objects.filter(pk=claim.pk).update(
            released_at=F("released_at") - days, lost_at=F("lost_at") - days
        )


def test_a_claim_alone_proves_nothing(dns: NameServer, name: str) -> None:
    claim = claim_domain(name, for_portal=True)

    assert check_domain(claim.pk) is Found.MISSING

    assert _now() == frozenset()
    assert _serves(name) is None


def test_the_text_in_the_dns_proves_it(dns: NameServer, name: str) -> None:
    _proven(dns, name)

    assert _now() == {name}
    assert dns.asked == [f"_portal-challenge.{name}"]
    assert _serves(name) is None  # a domain of mail addresses is not a portal


def test_another_text_proves_nothing(dns: NameServer, name: str) -> None:
    claim = claim_domain(name)
    dns.texts[claim.record_name] = [claim.token[:-1], claim.token + "x"]

    assert check_domain(claim.pk) is Found.MISSING


def test_the_portal_answers_under_a_domain_while_it_is_proven(
    dns: NameServer, us: UUID, name: str
) -> None:
    claim = _proven(dns, name, for_portal=True)
    assert _serves(name) == us

    release_domain(claim.pk)

    assert _serves(name) is None
    assert _now() == frozenset()


def test_one_miss_is_forgiven_and_two_in_a_row_lose_it(
    dns: NameServer, us: UUID, name: str
) -> None:
    claim = _proven(dns, name, for_portal=True)
    dns.texts.clear()

    check_domain(claim.pk)
    assert _serves(name) == us
    check_domain(claim.pk)

    assert _serves(name) is None
    assert _now() == frozenset()


def test_misses_that_are_not_in_a_row_lose_nothing(dns: NameServer, us: UUID, name: str) -> None:
    claim = _proven(dns, name, for_portal=True)
    for _ in range(3):
        dns.texts.clear()
        check_domain(claim.pk)
        _publish(dns, claim)
        check_domain(claim.pk)

    assert _serves(name) == us


def test_a_dns_that_does_not_answer_is_no_miss(dns: NameServer, us: UUID, name: str) -> None:
    claim = _proven(dns, name, for_portal=True)
    dns.broken = True

    for _ in range(3):
        with pytest.raises(Unavailable):
            check_domain(claim.pk)

    assert _serves(name) == us


def test_a_lost_domain_comes_back_with_its_text(dns: NameServer, us: UUID, name: str) -> None:
    claim = _proven(dns, name, for_portal=True)
    dns.texts.clear()
    check_domain(claim.pk)
    check_domain(claim.pk)
    _publish(dns, claim)

    assert check_domain(claim.pk) is Found.PROVEN

    assert _serves(name) == us


def test_the_daily_look_reaches_what_was_proven_once_and_not_what_was_released(
    dns: NameServer, us: UUID, name: str
) -> None:
    claim = _proven(dns, name, for_portal=True)
    waiting, gone = claim_domain(f"wait.{name}"), _proven(dns, f"gone.{name}")
    release_domain(gone.pk)
    assert due_domains() == [claim.pk]
    assert waiting.pk not in due_domains()
    dns.texts.clear()

    look(0)
    look(0)

    assert _serves(name) is None


def test_a_domain_that_another_holds_is_not_proven_twice(
    dns: NameServer, us: UUID, name: str
) -> None:
    theirs = _proven(dns, name, for_portal=True)
    with somebody("others"):
        ours = claim_domain(name, for_portal=True)
        dns.texts[ours.record_name] = [theirs.token, ours.token]

        assert check_domain(ours.pk) is Found.TAKEN
        assert _now() == frozenset()

    assert _serves(name) == us


@pytest.mark.parametrize("lost", ["released", "missed"])
def test_a_lost_domain_is_kept_from_others_for_thirty_days(
    dns: NameServer, us: UUID, name: str, lost: str
) -> None:
    claim = _proven(dns, name, for_portal=True)
    if lost == "released":
        release_domain(claim.pk)
    else:
        dns.texts.clear()
        check_domain(claim.pk)
        check_domain(claim.pk)
    with somebody("others") as others:
        theirs = claim_domain(name, for_portal=True)
        _publish(dns, theirs)
        with working_for(us, actor="test"):
            _days_pass(claim, KEPT_FROM_OTHERS - timedelta(minutes=5))
        assert check_domain(theirs.pk) is Found.TAKEN
        with working_for(us, actor="test"):
            _days_pass(claim, timedelta(minutes=5))

        assert check_domain(theirs.pk) is Found.PROVEN

        assert _serves(name) == others
        release_domain(theirs.pk)
    assert _now() == frozenset()


def test_who_claims_and_releases_again_and_again_keeps_nobody_from_the_domain(
    dns: NameServer, us: UUID, name: str
) -> None:
    claim = _proven(dns, name)
    release_domain(claim.pk)
    for _ in range(3):
        _days_pass(claim, KEPT_FROM_OTHERS / 3)
        release_domain(claim_domain(name).pk)

    with somebody("others"):
        theirs = claim_domain(name)
        _publish(dns, theirs)

        assert check_domain(theirs.pk) is Found.PROVEN
        release_domain(theirs.pk)


def test_a_claim_that_nobody_proves_is_forgotten_and_a_proven_one_stays(
    dns: NameServer, us: UUID, name: str
) -> None:
    old, young = claim_domain(f"old.{name}"), claim_domain(f"young.{name}")
    held = _proven(dns, name)
    with writing():
        DomainClaim.objects.exclude(pk=young.pk).update(
            claimed_at=clock.now() - KEPT_FROM_OTHERS - timedelta(minutes=1)
        )
    look(0)

    with reading():
        assert set(DomainClaim.objects.values_list("pk", flat=True)) == {young.pk, held.pk}
    assert old.pk != young.pk


def test_after_a_release_the_old_text_proves_nothing(dns: NameServer, name: str) -> None:
    claim = _proven(dns, name)
    release_domain(claim.pk)
    assert check_domain(claim.pk) is Found.OVER

    again = claim_domain(name)

    assert again.token != claim.token
    assert check_domain(again.pk) is Found.MISSING
    assert _now() == frozenset()


def test_a_second_claim_keeps_the_text_that_is_published(dns: NameServer, name: str) -> None:
    claim = _proven(dns, name)

    again = claim_domain(name.upper() + ".", for_portal=True)

    assert (again.pk, again.token) == (claim.pk, claim.token)
    assert _serves(name) is not None


@pytest.mark.parametrize(
    "wrong", ["", "localhost", "127.0.0.1", "https://a.example.com", "a.local", "a b.example.com"]
)
def test_what_is_no_public_domain_is_refused(us: UUID, wrong: str) -> None:
    with pytest.raises(NotADomain):
        claim_domain(wrong)


def test_another_script_is_kept_as_the_dns_writes_it(us: UUID) -> None:
    assert claim_domain("Zahlung.Bäcker.example").name == "zahlung.xn--bcker-gra.example"


def test_a_host_of_the_operator_is_never_taken_by_a_claim(
    dns: NameServer, us: UUID, name: str
) -> None:
    with writing():
        Host.objects.create(name=name, organization_id=us)
    with somebody("others"):
        claim = claim_domain(name, for_portal=True)
        _publish(dns, claim)

        assert check_domain(claim.pk) is Found.TAKEN

    assert _serves(name) == us


def test_a_new_domain_moves_no_link_until_it_is_chosen(
    dns: NameServer, us: UUID, name: str
) -> None:
    with writing():
        Host.objects.create(name=f"zz.{name}", organization_id=us)
    _proven(dns, name, for_portal=True)
    assert portal_address(us) == f"http://zz.{name}"

    with writing():
        Host.objects.filter(name=name).update(is_canonical=True)

    assert portal_address(us) == f"http://{name}"
