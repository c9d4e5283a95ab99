"""Where a company decides how its people sign in, nothing frees them of it silently."""

from __future__ import annotations

import argparse
import io
from datetime import timedelta

import pytest

from quittance.core import clock
from quittance.identity.models import User
from quittance.notifications.models import Message
from quittance.sso.models import ProviderDomain
from quittance.sso.providers import Wanted, give_domain_up, keep_provider, look_again
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE
from tests.portal.doors import PASSWORD, Door
from tests.sso.liar import CLIENT, SECRET, Liar
from tests.sso.roads import DOMAIN, provider
from tests.tenancy.dns_server import name_server

MAIL = f"wanda@{DOMAIN}"


def lose() -> None:
    """Two days without the record."""
    with writing():
        ProviderDomain.objects.update(proven_at=clock.now() - timedelta(days=2))
    with name_server():
        look_again()
        look_again()


def status(door: Door) -> list[int]:
    """What a password, a wish for a code, and single sign-on come to."""
    client = door.client()
    return [
        client.post("/sign-in", {"email": MAIL, "password": PASSWORD}).status_code,
        client.post("/sign-in/send-code", {"email": MAIL}).status_code,
        client.post("/sign-in/company", {"email": MAIL}).status_code,
    ]


def test_a_required_domain_whose_proof_is_lost_lets_nobody_in_by_another_way(
    door: Door, liar: Liar
) -> None:
    provider(liar, required=True)
    door.person(HARBORLINE, email=MAIL)
    lose()

    assert status(door) == [403, 403, 403]
    with reading():
        assert not Message.objects.filter(kind="sign_in_code").exists()


def test_a_domain_that_is_not_required_goes_back_to_passwords_when_it_is_lost(
    door: Door, liar: Liar
) -> None:
    provider(liar)
    door.person(HARBORLINE, email=MAIL)
    lose()

    assert status(door) == [303, 303, 422]


def test_a_required_domain_that_was_never_proven_closes_nobody_out(door: Door, liar: Liar) -> None:
    provider(liar, required=True)
    door.person(HARBORLINE, email=MAIL)
    with writing():
        ProviderDomain.objects.update(proven_at=None)

    assert status(door) == [303, 303, 422]


def test_another_issuer_opens_no_required_domain(door: Door, liar: Liar) -> None:
    made = provider(liar, required=True)
    door.person(HARBORLINE, email=MAIL)
    keep_provider(
        made.pk,
        Wanted(
            name="Contoso", for_staff=False, issuer="https://login.other.com", client_id=CLIENT,
            secret=SECRET, customers=[HARBORLINE], roles={"payers": "pay"}, required=True,
        ),
    )  # fmt: skip

    assert status(door) == [403, 403, 403]


def test_an_administrator_opens_a_closed_domain_by_giving_it_up(door: Door, liar: Liar) -> None:
    made = provider(liar, required=True)
    door.person(HARBORLINE, email=MAIL)
    lose()
    with reading():
        row = made.domains.get()
    give_domain_up(row.pk)

    assert status(door) == [303, 303, 422]


def test_an_operator_opens_a_closed_domain_when_no_administrator_can_sign_in(
    door: Door, liar: Liar
) -> None:
    from quittance.project import sign_ins
    from quittance.project.terminal import Terminal

    provider(liar, required=True)
    door.person(HARBORLINE, email=MAIL)
    lose()
    said = io.StringIO()
    given = ["open", "--organization", str(door.ground.organization_id)]
    terminal = Terminal(source=io.StringIO(), to=said, asks=False)

    def run(*more: str) -> int:
        chosen: argparse.Namespace = sign_ins.options([*given, *more], explained="")
        return sign_ins.run(chosen, terminal)

    assert run("--domain", "fabrikam.test") == 2
    assert status(door) == [403, 403, 403]
    assert run("--domain", DOMAIN.upper()) == 0
    assert "Contoso" in said.getvalue()
    assert status(door) == [303, 303, 422]


@pytest.mark.parametrize("new", ["wanda@elsewhere.test", "wanda@contoso.test.elsewhere.test"])
def test_nobody_leaves_a_required_domain_by_changing_the_address(
    door: Door, liar: Liar, new: str
) -> None:
    client = door.signed_in(HARBORLINE, email=MAIL)
    provider(liar, required=True)

    answer = client.post("/profile/mail", {"email": new, "password": PASSWORD})

    assert answer.status_code == 422
    assert "Your company decides how you sign in" in answer.content.decode()
    with reading():
        assert not Message.objects.filter(kind="mail_change").exists()


def test_a_domain_that_became_required_meanwhile_is_not_left_either(door: Door, liar: Liar) -> None:
    client = door.signed_in(HARBORLINE, email=MAIL)
    client.post("/profile/mail", {"email": "wanda@elsewhere.test", "password": PASSWORD})
    with reading():
        paths = [
            "/" + str(each.facts["address"]).split("/", 3)[3]
            for each in Message.objects.filter(kind="mail_change").order_by("pk")
        ]
    provider(liar, required=True)

    answers = [client.post(path).status_code for path in paths]

    assert answers == [303, 409]
    with reading():
        assert User.objects.filter(email=MAIL).exists()


def test_within_the_companys_domains_an_address_may_change(door: Door, liar: Liar) -> None:
    client = door.signed_in(HARBORLINE, email=MAIL)
    provider(liar, required=True)

    answer = client.post("/profile/mail", {"email": f"wanda.new@{DOMAIN}", "password": PASSWORD})

    assert answer.status_code == 303
