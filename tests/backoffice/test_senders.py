"""Whether receivers will believe who a mail is from: SPF, DKIM and DMARC of the sender's domain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from quittance.backoffice.branding.senders import Standing, records_of
from quittance.core.errors import Unavailable
from quittance.project import commands
from quittance.tenancy.domains import NotADomain
from tests.ground import Ground
from tests.portal.doors import Door, make_door, plain_files
from tests.tenancy.dns_server import NameServer, name_server

SENDER = "billing@mail.northwind.example"
DOMAIN = "mail.northwind.example"
KEY = f"s1._domainkey.{DOMAIN}"


@pytest.fixture
def dns() -> Iterator[NameServer]:
    with name_server() as server, override_settings(DKIM_SELECTOR="s1", MAIL_FROM=SENDER):
        yield server


@pytest.fixture
def door(ground: Ground, tmp_path: Path) -> Iterator[Door]:
    with plain_files(tmp_path), make_door(ground) as made:
        yield made


def stands(kind: str) -> Standing:
    return {each.kind: each.standing for each in records_of(SENDER)}[kind]


def test_a_domain_that_says_nothing_lacks_all_three(dns: NameServer) -> None:
    assert [each.standing for each in records_of(SENDER)] == [Standing.MISSING] * 3


@pytest.mark.parametrize(
    ("texts", "standing"),
    [
        (["v=spf1 include:_spf.example.net -all"], Standing.GOOD),
        (["v=spf1 ip4:192.0.2.1 ~all", "something else"], Standing.GOOD),
        (["v=spf1 redirect=_spf.example.net"], Standing.GOOD),
        (["v=spf1 mx +all"], Standing.WEAK),
        (["v=spf1 mx all"], Standing.WEAK),
        (["v=spf1 mx ?all"], Standing.WEAK),
        (["v=spf1 mx"], Standing.WEAK),
        (["v=spf1 mx -all", "v=spf1 a -all"], Standing.MISSING),
        (["v=spf10 mx -all"], Standing.MISSING),
    ],
)
def test_spf_is_good_where_it_keeps_others_from_sending(
    texts: list[str], standing: Standing, dns: NameServer
) -> None:
    dns.texts[DOMAIN] = texts

    assert stands("SPF") == standing


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        ("v=DKIM1; k=rsa; p=MIGfMA0", Standing.GOOD),
        ("p=MIGfMA0", Standing.GOOD),
        ("v=DKIM1; p=", Standing.MISSING),
        ("v=DKIM1", Standing.MISSING),
    ],
)
def test_dkim_is_good_where_a_key_stands_that_is_not_withdrawn(
    text: str, standing: Standing, dns: NameServer
) -> None:
    dns.texts[KEY] = [text.replace(";", "\\;")]

    assert stands("DKIM") == standing


def test_without_a_selector_dkim_is_not_known(dns: NameServer) -> None:
    with override_settings(DKIM_SELECTOR=""):
        assert stands("DKIM") == Standing.UNKNOWN
    assert not [each for each in dns.asked if "_domainkey" in each]


@pytest.mark.parametrize(
    ("where", "text", "standing"),
    [
        (DOMAIN, "v=DMARC1; p=reject", Standing.GOOD),
        (DOMAIN, "v=DMARC1; p=quarantine", Standing.GOOD),
        (DOMAIN, "v=DMARC1; p=none; rua=mailto:a@b.example", Standing.WEAK),
        (DOMAIN, "v=DMARC1; p=whatever", Standing.MISSING),
        (DOMAIN, "p=reject", Standing.MISSING),
        ("northwind.example", "v=DMARC1; p=reject", Standing.GOOD),
        ("northwind.example", "v=DMARC1; p=reject; sp=none", Standing.WEAK),
    ],
)
def test_dmarc_is_good_where_the_domain_or_one_above_refuses_others(
    where: str, text: str, standing: Standing, dns: NameServer
) -> None:
    dns.texts[f"_dmarc.{where}"] = [text.replace(";", "\\;")]

    assert stands("DMARC") == standing


def test_a_dns_that_does_not_answer_says_nothing_of_the_records(dns: NameServer) -> None:
    dns.broken = True

    with pytest.raises(Unavailable):
        records_of(SENDER)


def test_an_address_without_a_domain_is_refused() -> None:
    with pytest.raises(NotADomain):
        records_of("no-reply@localhost")


def test_the_command_says_what_to_do_and_ends_with_1(
    dns: NameServer, door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    dns.texts |= {DOMAIN: ["v=spf1 mx -all"], KEY: ["p=MIGf"]}
    told = ["--organization", str(door.ground.organization_id)]

    with pytest.raises(SystemExit) as lacking:
        commands.check_mail(told)
    dns.texts[f"_dmarc.{DOMAIN}"] = ["v=DMARC1\\; p=reject"]
    said = capsys.readouterr().out
    commands.check_mail(told)
    again = capsys.readouterr().out

    assert lacking.value.code == 1
    assert "missing" not in again
    assert f"mails are from {SENDER}" in said
    assert "DMARC at _dmarc.mail.northwind.example: missing. There is none. Publish" in said


def test_the_page_of_the_brand_shows_what_is_missing_when_asked(
    dns: NameServer, door: Door
) -> None:
    dns.texts[DOMAIN] = ["v=spf1 mx -all"]
    office = door.signed_in(email="ada@example.test", role="administrator")

    plain = office.get("/office/branding").content.decode()
    asked = list(dns.asked)
    shown = office.get("/office/branding?sender=1").content.decode()
    dns.broken = True
    silent = office.get("/office/branding?sender=1").content.decode()

    assert "/office/branding?sender=1" in plain
    assert asked == []
    assert "It is there. See that it names the server" in shown
    assert "_dmarc.mail.northwind.example" in shown
    assert "The DNS did not answer" in silent
