"""The pages of single sign-on: an administrator sets it up, nobody sees the secret again."""

from __future__ import annotations

import re

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.test import override_settings

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.identity.models import User
from quittance.sso.metadata import split
from quittance.sso.models import ExternalIdentity, IdentityProvider
from quittance.sso.providers import client_of, reseal
from quittance.tenancy.rows import reading, writing
from tests.gateways.stripe.shop_pages import Shop
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.sso.saml_idp import ISSUER, SIGN_ON, Pair, SamlIdp, pair
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


SAML = {
    "kind": "saml", "side": "customers", "name": "Contoso", "groups_claim": "groups",
    "customers": f"{HARBORLINE}", "group": ["payers"], "role": ["pay"], "is_active": "1",
}  # fmt: skip


def as_pem(*pairs: Pair) -> list[str]:
    return [each.certificate.public_bytes(Encoding.PEM).decode() for each in pairs]


def test_an_administrator_sets_a_saml_provider_up_from_its_metadata(door: Door) -> None:
    client = door.signed_in(role="administrator", email="sam@example.test")
    idp = SamlIdp()
    empty = client.get("/office/single-sign-on/new?kind=saml").content.decode()

    kept = client.post("/office/single-sign-on/keep", SAML | {"metadata": idp.metadata()})

    assert kept.status_code == 303, kept.content.decode()
    made = the_provider()
    assert (made.kind, made.issuer, made.sign_on_url) == ("saml", ISSUER, SIGN_ON)
    assert split(made.certificates) == as_pem(idp.pair)
    page = client.get(kept["Location"]).content.decode()
    fingerprint = idp.pair.certificate.fingerprint(SHA256()).hex(":").upper()
    for said in (ISSUER, fingerprint, f"{door.host}/sign-in/company/saml"):
        assert said in page
    assert "Client secret" not in empty + page
    assert reseal() == 0


def test_while_a_provider_changes_its_certificate_both_sign_and_then_one(door: Door) -> None:
    client = door.signed_in(role="administrator", email="sam@example.test")
    idp, new, over = SamlIdp(), pair("next"), pair("over", days=-1)
    first = client.post("/office/single-sign-on/keep", SAML | {"metadata": idp.metadata(over)})
    path = first["Location"].partition("?")[0]
    shown = client.get(path).content.decode()

    def read(metadata: str, **more: str) -> list[str]:
        answer = client.post(f"{path}/keep", SAML | {"metadata": metadata} | more)
        assert answer.status_code == 303, answer.content.decode()
        return list(split(the_provider().certificates))

    both = read(idp.metadata(new), keep_certificates="1")
    alone = read(idp.metadata(new))
    at_once = read(idp.metadata(idp.pair, new))
    untouched = read("")
    elsewhere = read(SamlIdp(issuer="https://login.other.com").metadata(new), keep_certificates="1")

    assert "Over" in shown
    assert both == as_pem(new, over)
    assert alone == elsewhere == as_pem(new)
    assert at_once == untouched == as_pem(idp.pair, new)


def test_another_issuer_in_the_metadata_knows_nobody_of_the_first(door: Door) -> None:
    client = door.signed_in(role="administrator", email="sam@example.test")
    kept = client.post("/office/single-sign-on/keep", SAML | {"metadata": SamlIdp().metadata()})
    path = kept["Location"].partition("?")[0]
    made = the_provider()
    with writing():
        ExternalIdentity.objects.create(
            provider=made, subject="key", user=User.objects.get(), seen_at=clock.now()
        )
    client.post(f"{path}/keep", SAML | {"metadata": SamlIdp().metadata(pair("next"))})
    with reading():
        still = ExternalIdentity.objects.count()
    other = SamlIdp(issuer="https://login.other.com").metadata()
    client.post(f"{path}/keep", SAML | {"metadata": other})

    with reading():
        assert (still, ExternalIdentity.objects.count()) == (1, 0)


TWO = f"<a>{SamlIdp().metadata().partition('-->')[2] * 2}</a>"


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ("", "are missing"),
        ("Hello", "not the SAML metadata"),
        ("<a/>", "not the SAML metadata"),
        (TWO, "not the SAML metadata"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "not the SAML metadata"),
        (SamlIdp(issuer="").metadata(), "names no issuer"),
        (SamlIdp().metadata(door="http://10.0.0.7/in"), "must begin with https"),
        (SamlIdp().metadata(door="javascript:alert(1)"), "not an address"),
        (SamlIdp().metadata(WantAuthnRequestsSigned="true"), "requests that are signed"),
        (SamlIdp().metadata(pair("weak", bits=1024)), "too weak"),
        (SamlIdp().metadata(*[pair(f"one of {n}") for n in range(5)]), "one to 4 certificates"),
        (SamlIdp().metadata().replace("MII", "AII", 1), "cannot be read"),
        ("<a>" + "a" * 256 * 1024 + "</a>", "not the SAML metadata"),
    ],
)
def test_what_are_no_metadata_of_one_provider_is_not_kept(
    door: Door, metadata: str, why: str
) -> None:
    client = door.signed_in(role="administrator", email="sam@example.test")

    with override_settings(PRIVATE_ADDRESSES=False):
        answer = client.post("/office/single-sign-on/keep", SAML | {"metadata": metadata})

    assert answer.status_code == 422
    assert why in answer.content.decode()
    with reading():
        assert not IdentityProvider.objects.exists()


def test_metadata_are_read_at_their_address_and_never_in_our_own_network(
    door: Door,
) -> None:
    client = door.signed_in(role="administrator", email="sam@example.test")
    published = Shop()
    published.pages["/metadata"] = ("application/xml", SamlIdp().metadata())
    sent = SAML | {"metadata_url": f"{published.url}/metadata"}
    with override_settings(PRIVATE_ADDRESSES=False):
        inside = client.post("/office/single-sign-on/keep", sent)
    read = client.post("/office/single-sign-on/keep", sent)
    published.close()
    silent = client.post("/office/single-sign-on/keep", sent)

    assert (inside.status_code, read.status_code, silent.status_code) == (422, 303, 422)
    assert the_provider().issuer == ISSUER
