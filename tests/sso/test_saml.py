"""Who is let in by SAML 2.0, and every lie that is not believed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.identity.models import User
from quittance.receivables.models import Contact
from quittance.sso.asked import forget_old
from quittance.sso.models import ExternalIdentity, SamlQuestion, SeenAssertion
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.sso.saml_idp import Asked, SamlIdp, pair
from tests.sso.saml_roads import bring, go, provider, there_and_back

TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
MAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
GROUPS_LINK = "http://schemas.microsoft.com/claims/groups.link"


@pytest.fixture
def idp() -> SamlIdp:
    """Contoso's provider."""
    return SamlIdp()


def refusals() -> list[str]:
    with reading():
        rows = AuditEvent.objects.filter(what="single sign-on refused")
        return [str(each.facts["problem"]) for each in rows]


def nobody_was_made() -> bool:
    with reading():
        return not User.objects.filter(email__endswith="@contoso.test").exists()


def test_whom_the_provider_vouches_for_is_made_and_let_in_with_the_role_of_his_group(
    door: Door, idp: SamlIdp
) -> None:
    provider(idp)
    client = door.client()

    answer = there_and_back(door, client, idp, then="/invoices")

    assert (answer.status_code, answer["Location"]) == (303, "/invoices"), refusals()
    assert client.get("/invoices").status_code == 200
    with reading():
        person = User.objects.get(email="wanda@contoso.test")
        (contact,) = Contact.objects.filter(user=person)
    assert (person.name, person.password, person.staff_role) == ("Wanda Contoso", "", "")
    assert contact.role == "pay"


def test_the_sellers_staff_come_in_by_a_provider_of_their_own(door: Door, idp: SamlIdp) -> None:
    provider(idp, for_staff=True, customers=(), roles={"payers": "clerk"})
    client = door.client()

    assert there_and_back(door, client, idp)["Location"] == "/office/"
    with reading():
        assert User.objects.get(email="wanda@contoso.test").staff_role == "clerk"


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        ({"pair": pair("somebody else")}, "ignature validation failed"),
        ({"attributes": {"email": ["boss@fabrikam.test"]}}, "no domain of"),
        ({"attributes": {"groups": ["guests"]}}, "has a role"),
        ({"facts": {"audience": "https://other.test"}}, "not a valid audience"),
    ],
)
def test_a_lie_lets_nobody_in_makes_nobody_and_is_written_down(
    door: Door, idp: SamlIdp, lie: dict[str, Any], why: str
) -> None:
    provider(idp)
    client = door.client()

    answer = there_and_back(door, client, idp.but(**lie))

    assert answer.status_code == 403, answer.content.decode()
    assert client.get("/invoices").status_code == 303
    with reading():
        assert not User.objects.exists()
    (problem,) = refusals()
    assert why in problem


def test_an_answer_counts_once(door: Door, idp: SamlIdp) -> None:
    provider(idp)
    client = door.client()
    asked = go(client)
    answer = idp.answer(asked)

    first = bring(door, client, answer, asked.relay)
    again = bring(door, client, answer, asked.relay)

    assert (first.status_code, again.status_code) == (303, 422)
    with reading():
        assert not SamlQuestion.objects.exists()


def test_an_assertion_that_was_here_before_answers_no_later_question(
    door: Door, idp: SamlIdp
) -> None:
    """A provider that signs the same id twice: two answers, both honest by themselves."""
    provider(idp)
    same = idp.but(facts={"id": "_the-same-twice"})

    first = there_and_back(door, door.client(), same)
    again = there_and_back(door, door.client(), same)

    assert (first.status_code, again.status_code) == (303, 403)
    assert refusals() == ["this assertion was here before"]


def test_an_answer_to_somebody_elses_question_signs_nobody_in(door: Door, idp: SamlIdp) -> None:
    """Who plants his own answer in another's browser finds no session that asked for it."""
    provider(idp)
    attacker, victim = door.client(), door.client()
    asked = go(attacker)

    planted = bring(door, victim, idp.answer(asked), asked.relay)

    assert planted.status_code == 422
    assert victim.get("/invoices").status_code == 303


def test_another_persons_answer_does_not_fit_to_a_question_of_ours(
    door: Door, idp: SamlIdp
) -> None:
    provider(idp)
    attacker, victim = door.client(), door.client()
    theirs, ours = go(victim), go(attacker)

    answer = bring(door, attacker, idp.answer(theirs), ours.relay)

    assert answer.status_code == 403
    assert "another question" in refusals()[0]


def test_the_first_answer_to_a_question_stays(door: Door, idp: SamlIdp) -> None:
    provider(idp)
    client, other = door.client(), door.client()
    asked = go(client)
    form = {"SAMLResponse": idp.answer(asked), "RelayState": asked.relay}
    client.post("/sign-in/company/saml", form)

    other.post("/sign-in/company/saml", form | {"SAMLResponse": "Hello"})

    assert client.get("/sign-in/company/back").status_code == 303


def test_an_answer_after_ten_minutes_is_too_late(
    door: Door, idp: SamlIdp, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider(idp)
    client = door.client()
    asked = go(client)
    answer = idp.answer(asked)
    later = clock.now() + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert bring(door, client, answer, asked.relay).status_code == 422
    assert nobody_was_made()


def test_a_provider_speaks_to_nobody_who_did_not_ask(door: Door, idp: SamlIdp) -> None:
    """An answer that the provider sends of itself, to no question."""
    provider(idp)
    client = door.client()
    here = f"http://{door.host}/sign-in/company"
    unasked = Asked("_x", "", f"{here}/saml", f"{here}/metadata")

    assert bring(door, client, idp.answer(unasked), "").status_code == 422
    assert client.get("/invoices").status_code == 303


def test_more_than_128_kilobytes_are_not_kept(door: Door, idp: SamlIdp) -> None:
    provider(idp)
    client = door.client()
    asked = go(client)

    assert bring(door, client, "A" * (128 * 1024 + 1), asked.relay).status_code == 403
    assert "no answer came" in refusals()[0]


def test_a_network_that_brings_answers_without_end_waits(
    door: Door, idp: SamlIdp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quittance.portal.sign_in.saml._MOST", 2)
    client = door.client()
    answers = [client.post("/sign-in/company/saml", {"RelayState": "x"}) for _ in range(3)]

    assert [each.status_code for each in answers] == [303, 303, 429]
    assert int(answers[2]["Retry-After"]) > 0


def test_somebody_is_known_by_his_name_there_and_not_by_his_address(
    door: Door, idp: SamlIdp
) -> None:
    provider(idp)
    there_and_back(door, door.client(), idp)
    there_and_back(door, door.client(), idp.but(attributes={"email": ["wanda.new@contoso.test"]}))

    with reading():
        assert User.objects.filter(email__endswith="@contoso.test").count() == 1
        assert ExternalIdentity.objects.get().user.email == "wanda@contoso.test"


def test_another_name_with_a_known_address_does_not_become_that_person(
    door: Door, idp: SamlIdp
) -> None:
    provider(idp, links_by_mail=True)
    there_and_back(door, door.client(), idp)

    answer = there_and_back(door, door.client(), idp.but(facts={"name_id": "another-key"}))

    assert answer.status_code == 403
    assert "somebody else's" in refusals()[0]


@pytest.mark.parametrize(("believed", "status"), [(False, 403), (True, 303)])
def test_a_known_address_is_linked_only_where_the_provider_is_believed(
    door: Door, idp: SamlIdp, believed: bool, status: int
) -> None:
    provider(idp, links_by_mail=believed)
    door.person(HARBORLINE, email="wanda@contoso.test")

    assert there_and_back(door, door.client(), idp).status_code == status


def test_the_same_name_at_two_providers_is_two_people(door: Door, idp: SamlIdp) -> None:
    fabrikam = SamlIdp(
        pair=pair("fabrikam"), issuer="https://login.fabrikam.com",
        attributes={"email": ["wanda@fabrikam.test"]},
    )  # fmt: skip
    provider(idp)
    provider(fabrikam, domain="fabrikam.test")
    there_and_back(door, door.client(), idp)

    answer = there_and_back(door, door.client(), fabrikam, email="wanda@fabrikam.test")

    assert answer.status_code == 303, refusals()
    with reading():
        users = ExternalIdentity.objects.values_list("user", flat=True)
        assert len(set(users)) == 2


def test_one_providers_key_signs_nothing_of_anothers(door: Door, idp: SamlIdp) -> None:
    fabrikam = SamlIdp(pair=pair("fabrikam"), issuer="https://login.fabrikam.com")
    provider(idp)
    provider(fabrikam, domain="fabrikam.test")

    answer = there_and_back(door, door.client(), idp.but(pair=fabrikam.pair))

    assert answer.status_code == 403
    assert nobody_was_made()


def test_what_is_over_is_forgotten_and_nothing_else(door: Door, idp: SamlIdp) -> None:
    provider(idp)
    there_and_back(door, door.client(), idp)
    go(door.client())
    go(door.client())
    with writing():
        old = SamlQuestion.objects.order_by("pk")[0]
        SamlQuestion.objects.filter(pk=old.pk).update(asked_at=clock.now() - timedelta(minutes=11))
    forget_old()
    with reading():
        counts = SamlQuestion.objects.count(), SeenAssertion.objects.count()
    with writing():
        SeenAssertion.objects.update(until=clock.now())
    forget_old()

    assert counts == (1, 1)
    with reading():
        assert not SeenAssertion.objects.exists()


def test_our_metadata_say_where_answers_go_and_that_assertions_must_be_signed(door: Door) -> None:
    answer = door.client().get("/sign-in/company/metadata")

    root = etree.fromstring(answer.content)
    here = f"http://{door.host}/sign-in/company"
    assert answer["Content-Type"] == "application/samlmetadata+xml; charset=utf-8"
    assert root.get("entityID") == f"{here}/metadata"
    assert root[0].get("WantAssertionsSigned") == "true"
    assert root[0][-1].get("Location") == f"{here}/saml"
