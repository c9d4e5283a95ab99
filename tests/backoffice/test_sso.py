"""The pages of single sign-on: an administrator sets it up, nobody sees the secret again."""

from __future__ import annotations

import re

import pytest

from quittance.audit.models import AuditEvent
from quittance.sso.models import IdentityProvider
from quittance.sso.providers import client_of
from quittance.tenancy.rows import reading
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.tenancy.dns_server import name_server

FORM = {
    "side": "customers", "name": "Contoso", "issuer": "https://login.contoso.com/v2",
    "client_id": "portal", "secret": "a secret of theirs", "groups_claim": "groups",
    "customers": f"{HARBORLINE}", "group": ["payers", "", ""], "role": ["pay", "", "view"],
    "everybody": "view", "is_active": "1",
}  # fmt: skip


def the_provider() -> IdentityProvider:
    with reading():
        return IdentityProvider.objects.get()


def test_an_administrator_sets_a_provider_up_and_the_owner_proves_the_domain(door: Door) -> None:
    client = door.signed_in(role="administrator", email="sam@example.test")

    kept = client.post("/office/single-sign-on/keep", FORM)
    path = kept["Location"].partition("?")[0]
    client.post(f"{path}/domains", {"domain": "Contoso.com"})
    page = client.get(path).content.decode()
    name, word = re.findall(r"<dd><code>([^<]+)</code>", page)
    domain = re.search(r"/domains/([0-9a-f-]{36})/prove", page)
    assert domain
    with name_server() as names:
        early = client.post(f"{path}/domains/{domain[1]}/prove")
        names.texts = {name: [word]}
        proven = client.post(f"{path}/domains/{domain[1]}/prove")

    assert name == "_portal-challenge.contoso.com"
    assert (early.status_code, proven.status_code) == (422, 303)
    assert "Proven" in client.get(path).content.decode()
    made = the_provider()
    with reading():
        assert client_of(made).secret == "a secret of theirs"
        assert dict(made.roles.values_list("group", "role")) == {"payers": "pay", "": "view"}
        assert set(AuditEvent.objects.values_list("what", flat=True)) >= {
            "identity provider kept", "domain claimed", "domain proven",
        }  # fmt: skip


def test_beside_the_form_stands_the_readers_own_role(door: Door) -> None:
    client = door.signed_in(role="administrator", email="sam@example.test")

    page = client.get("/office/single-sign-on/new").content.decode()

    assert "Administrator</a>" in page
    assert "Macro" not in page


def test_the_secret_is_sealed_and_comes_back_to_nobody(door: Door) -> None:
    client = door.signed_in(role="administrator", email="sam@example.test")
    path = client.post("/office/single-sign-on/keep", FORM)["Location"].partition("?")[0]

    again = client.post(f"{path}/keep", {**FORM, "secret": "", "name": "Contoso Ltd"})
    wrong = client.post(f"{path}/keep", {**FORM, "name": "", "secret": "another secret"})

    assert (again.status_code, wrong.status_code) == (303, 422)
    made = the_provider()
    with reading():
        assert client_of(made).secret == "a secret of theirs"
    assert b"a secret of theirs" not in bytes(made.sealed)
    pages = client.get(path).content + wrong.content
    assert b"a secret of theirs" not in pages
    assert b"another secret" not in pages


def test_a_secret_never_goes_to_another_issuer(door: Door) -> None:
    client = door.signed_in(role="administrator", email="sam@example.test")
    path = client.post("/office/single-sign-on/keep", FORM)["Location"].partition("?")[0]

    answer = client.post(
        f"{path}/keep", {**FORM, "secret": "", "issuer": "https://login.evil.test"}
    )

    assert answer.status_code == 422
    assert the_provider().issuer == FORM["issuer"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"issuer": ""}, {"issuer": "no address"}, {"client_id": ""}, {"secret": ""},
        {"customers": ""}, {"customers": "C-NOBODY"}, {"everybody": "", "role": ["", "", ""]},
        {"everybody": "administrator"},
    ],
)  # fmt: skip
def test_what_is_not_whole_is_not_kept(door: Door, wrong: dict[str, object]) -> None:
    client = door.signed_in(role="administrator", email="sam@example.test")

    answer = client.post("/office/single-sign-on/keep", FORM | wrong)

    assert answer.status_code == 422
    with reading():
        assert not IdentityProvider.objects.exists()


@pytest.mark.parametrize("role", ["clerk", "manager", "auditor"])
def test_nobody_but_an_administrator_says_who_vouches(door: Door, role: str) -> None:
    client = door.signed_in(role=role, email="sam@example.test")

    assert client.get("/office/single-sign-on").status_code == 404
    assert client.post("/office/single-sign-on/keep", FORM).status_code == 404
