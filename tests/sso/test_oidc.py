"""Who is let in by OpenID Connect, and every lie that is not believed."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from quittance.audit.models import AuditEvent
from quittance.identity.models import User
from quittance.receivables.models import Contact
from quittance.sso.models import ExternalIdentity
from quittance.tenancy.rows import reading
from tests.portal.doors import Door
from tests.sso.liar import CLIENT, Liar
from tests.sso.roads import come_back, go, provider, there_and_back


def test_whom_the_provider_vouches_for_is_made_and_let_in_with_the_role_of_his_group(
    door: Door, liar: Liar
) -> None:
    provider(liar)
    client = door.client()

    answer = there_and_back(client, liar)

    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert client.get("/invoices").status_code == 200
    with reading():
        person = User.objects.get(email="wanda@contoso.test")
        (contact,) = Contact.objects.filter(user=person)
    assert (person.name, person.password, person.staff_role) == ("Wanda Contoso", "", "")
    assert contact.role == "pay"


def test_the_code_is_exchanged_with_the_verifier_that_only_we_know(door: Door, liar: Liar) -> None:
    provider(liar)
    client = door.client()
    asked = go(client)
    liar.nonce = asked["nonce"]
    come_back(client, code="code-1", state=asked["state"])

    (form,) = [form for path, form in liar.asked if path == "/token"]
    assert asked["code_challenge_method"] == "S256"
    assert form["code"] == ["code-1"]
    assert form["redirect_uri"] == [asked["redirect_uri"]]
    assert len(form["code_verifier"][0]) >= 43
    assert form["code_verifier"][0] not in asked["code_challenge"]


def test_somebody_is_known_by_his_subject_and_not_by_his_address(door: Door, liar: Liar) -> None:
    provider(liar)
    there_and_back(door.client(), liar)
    liar.claims = {"email": "wanda.new@contoso.test"}
    there_and_back(door.client(), liar)

    with reading():
        assert User.objects.filter(email__endswith="@contoso.test").count() == 1
        assert ExternalIdentity.objects.get().user.email == "wanda@contoso.test"


def _says(**claims: Any) -> Callable[[Liar], None]:
    return lambda it: it.claims.update(claims)


def _unsigned(it: Liar) -> None:
    it.token = f"{_part({'alg': 'none'})}.{_part(it.honest())}."


def _with_the_public_key_as_secret(it: Liar) -> None:
    signed = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(it.honest())}"
    made = hmac.digest(it.key.as_pem(private=False), signed.encode(), "sha256")
    it.token = f"{signed}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def _with_another_key(it: Liar) -> None:
    it.signed_with = RSAKey.generate_key(2048, {"kid": "one"})


def _with_a_key_that_the_token_names(it: Liar) -> None:
    it.signed_with = RSAKey.generate_key(2048, {"kid": "two"})
    it.header = {"kid": "two", "jku": f"{it.issuer}/jwks"}


def _by_another_algorithm(it: Liar) -> None:
    it.header = {"alg": "RS512"}


def _with_no_token(it: Liar) -> None:
    it.token = "no.token"


def _with_somebody_elses_facts(it: Liar) -> None:
    it.claims = {"email": None}
    it.userinfo = {"sub": "somebody-else", "email": "wanda@contoso.test"}


def _part(what: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(what).encode()).rstrip(b"=").decode()


HIDING = "boss@fabrikam.test@contoso.test.evil.test"
LIES: dict[str, Callable[[Liar], None]] = {
    "no signature": _unsigned,
    "our public key as a shared secret": _with_the_public_key_as_secret,
    "another key": _with_another_key,
    "a key of which the token itself tells": _with_a_key_that_the_token_names,
    "an algorithm that we do not take": _by_another_algorithm,
    "another issuer": _says(iss="https://login.other.test"),
    "no issuer": _says(iss=None),
    "another audience": _says(aud="somebody-else"),
    "no audience": _says(aud=None),
    "several audiences and none named": _says(aud=[CLIENT, "another"]),
    "for another party": _says(azp="somebody-else"),
    "expired": _says(exp=1_000_000_000),
    "without an end": _says(exp=None),
    "not yet": _says(iat=9_000_000_000),
    "another nonce": _says(nonce="of-another-sign-in"),
    "no nonce": _says(nonce=None),
    "no subject": _says(sub=None),
    "an empty subject": _says(sub=""),
    "no address": _says(email=None),
    "an address that is a list": _says(email=["wanda@contoso.test"]),
    "another company's address": _says(email="boss@fabrikam.test"),
    "an address that hides another domain": _says(email=HIDING),
    "a group without a role": _says(groups=["guests"]),
    "no token at all": _with_no_token,
    "a user's facts about somebody else": _with_somebody_elses_facts,
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_lets_nobody_in_makes_nobody_and_is_written_down(
    door: Door, liar: Liar, lie: str
) -> None:
    provider(liar)
    client = door.client()
    asked = go(client)
    liar.nonce = asked["nonce"]
    LIES[lie](liar)

    answer = come_back(client, code="code-1", state=asked["state"])

    assert answer.status_code in {403, 503}, answer.content.decode()
    assert client.get("/invoices").status_code == 303
    with reading():
        assert (
            not User.objects.filter(email__contains="@")
            .exclude(email__endswith=".example")
            .exists()
        )
        assert AuditEvent.objects.filter(what="single sign-on refused").exists()


def test_an_honest_provider_is_believed_when_the_same_goes_right(door: Door, liar: Liar) -> None:
    provider(liar)

    assert there_and_back(door.client(), liar).status_code == 303


@pytest.mark.parametrize(
    "sent",
    [
        {"state": "of-another-browser"},
        {"code": ""},
        {"error": "access_denied"},
        {"iss": "https://login.other.test"},
    ],
)
def test_an_answer_to_another_question_is_refused(
    door: Door, liar: Liar, sent: dict[str, str]
) -> None:
    provider(liar)

    assert there_and_back(door.client(), liar, **sent).status_code == 403


def test_an_answer_counts_once_and_in_the_browser_that_asked(door: Door, liar: Liar) -> None:
    provider(liar)
    client, other = door.client(), door.client()
    asked = go(client)
    liar.nonce = asked["nonce"]
    sent = {"code": "code-1", "state": asked["state"]}

    elsewhere = come_back(other, **sent)
    first = come_back(client, **sent)
    again = come_back(client, **sent)

    assert (elsewhere.status_code, first.status_code, again.status_code) == (422, 303, 422)


def test_a_provider_that_does_not_answer_loses_nothing_and_says_so(door: Door, liar: Liar) -> None:
    provider(liar)
    liar.status = 503

    answer = door.client().post("/sign-in/company", {"email": "wanda@contoso.test"})

    assert answer.status_code == 503
    assert "does not answer as agreed" in answer.content.decode()


def test_a_provider_that_calls_itself_otherwise_is_not_asked_further(
    door: Door, liar: Liar
) -> None:
    provider(liar)
    liar.metadata = {"issuer": "https://login.other.test"}

    assert (
        door.client().post("/sign-in/company", {"email": "wanda@contoso.test"}).status_code == 503
    )
