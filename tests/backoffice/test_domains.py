"""The page of domains: claimed, published, proven, given up; and the host of links in mails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quittance.audit.models import AuditEvent
from quittance.core.ids import new_id
from quittance.tenancy import hosts
from quittance.tenancy.models import DomainClaim, Host
from quittance.tenancy.rows import reading, writing
from tests.portal.doors import Door
from tests.tenancy.dns_server import NameServer, name_server

PAGE = "/office/domains"


@pytest.fixture
def dns() -> Iterator[NameServer]:
    with name_server() as server:
        yield server


@pytest.fixture
def name(door: Door) -> Iterator[str]:
    yield f"pay-{door.ground.organization_id}.example.com"
    with writing():
        Host.objects.filter(is_claimed=True, organization_id=door.ground.organization_id).delete()


def the_claim() -> DomainClaim:
    with reading():
        return DomainClaim.objects.get()


def test_a_domain_is_claimed_published_and_proven(door: Door, dns: NameServer, name: str) -> None:
    office = door.signed_in(email="ada@example.test", role="administrator")

    claimed = office.post(f"{PAGE}/claim", {"name": name, "for_portal": "1"}, follow=True)
    found = the_claim()
    early = office.post(f"{PAGE}/{found.pk}/check", follow=True).content.decode()
    dns.texts[found.record_name] = [found.token]
    proven = office.post(f"{PAGE}/{found.pk}/check", follow=True).content.decode()

    shown = claimed.content.decode()
    assert f"_portal-challenge.{name}" in shown
    assert found.token in shown
    assert "not there yet" in early
    assert "the domain is proven" in proven
    hosts._remembered.clear()
    assert hosts.find_organization(name)
    with reading():
        events = set(AuditEvent.objects.filter(subject_id=found.pk).values_list("what", flat=True))
    assert events == {"domain claimed", "domain looked at"}


def test_a_domain_that_is_given_up_is_answered_under_no_more(
    door: Door, dns: NameServer, name: str
) -> None:
    office = door.signed_in(email="ada@example.test", role="administrator")
    office.post(f"{PAGE}/claim", {"name": name, "for_portal": "1"})
    found = the_claim()
    dns.texts[found.record_name] = [found.token]
    office.post(f"{PAGE}/{found.pk}/check")

    shown = office.post(f"{PAGE}/{found.pk}/release", follow=True).content.decode()

    assert found.token not in shown
    hosts._remembered.clear()
    assert hosts.find_organization(name) is None


def test_a_dns_that_is_silent_and_a_wrong_name_are_told(
    door: Door, dns: NameServer, name: str
) -> None:
    office = door.signed_in(email="ada@example.test", role="administrator")
    wrong = office.post(f"{PAGE}/claim", {"name": "https://example.com"})
    office.post(f"{PAGE}/claim", {"name": name})
    dns.broken = True

    silent = office.post(f"{PAGE}/{the_claim().pk}/check", follow=True).content.decode()

    assert wrong.status_code == 422
    assert "no domain of the public DNS" in wrong.content.decode()
    assert "The DNS did not answer. Nothing changed" in silent


def test_a_pay_link_is_of_the_host_that_was_chosen_for_mails(door: Door) -> None:
    other = f"zz-{door.ground.organization_id}.example.test"
    with writing():
        Host.objects.create(name=other, organization_id=door.ground.organization_id)
    office = door.signed_in(email="ada@example.test", role="administrator")

    office.post(f"{PAGE}/canonical", {"host": other})
    sent = {"invoice": str(door.ground.bill("80.00").pk), "key": str(new_id()), "days": "14"}
    shown = office.post("/office/links/keep", sent).content.decode()

    assert f'value="http://{other}/pay/' in shown
    for wrong in ("evil.example", f"{other}\0", "\0", ""):
        assert office.post(f"{PAGE}/canonical", {"host": wrong}).status_code == 404


@pytest.mark.parametrize("role", ["clerk", "auditor", "integrator", "manager"])
def test_others_do_not_see_the_page(door: Door, role: str) -> None:
    office = door.signed_in(email="x@example.test", role=role)

    assert office.get(PAGE).status_code == 404
    assert office.post(f"{PAGE}/claim", {"name": "pay.example.com"}).status_code == 404
    assert office.post(f"{PAGE}/{new_id()}/check").status_code == 404
