"""For whom a provider may vouch: its own domains, its own side, and nobody else's people."""

from __future__ import annotations

import pytest

from quittance.core import clock
from quittance.identity.models import User
from quittance.receivables.models import Contact
from quittance.sso.models import ExternalIdentity, IdentityProvider, ProviderDomain
from quittance.sso.people import NotLetIn, person_for
from quittance.sso.vouched import Vouched
from quittance.tenancy.rows import reading, writing
from tests.ground import ALPINE, HARBORLINE
from tests.portal.doors import Door
from tests.sso.liar import Liar
from tests.sso.roads import DOMAIN, go, provider


def vouched(email: str = f"wanda@{DOMAIN}", subject: str = "s-1", **facts: object) -> Vouched:
    return Vouched(
        subject=subject, email=email, mail_seen=bool(facts.get("mail_seen", True)), name="Wanda",
        groups=frozenset(["payers"]),
    )  # fmt: skip


def no_person() -> bool:
    with reading():
        return not ExternalIdentity.objects.exists()


def test_a_domain_that_is_not_proven_lets_nobody_in(door: Door, liar: Liar) -> None:
    made = provider(liar)
    with writing():
        ProviderDomain.objects.update(proven_at=None)

    answer = door.client().post("/sign-in/company", {"email": f"wanda@{DOMAIN}"})
    with pytest.raises(NotLetIn):
        person_for(made, vouched())

    assert answer.status_code == 422
    assert no_person()


def test_a_provider_cannot_vouch_for_another_providers_domain(door: Door, liar: Liar) -> None:
    made = provider(liar)
    other = provider(liar, client_id="another", name="Fabrikam", domain="fabrikam.test")

    with pytest.raises(NotLetIn):
        person_for(other, vouched())
    assert person_for(made, vouched()).email == f"wanda@{DOMAIN}"


def test_the_same_subject_of_two_providers_is_two_people(door: Door, liar: Liar) -> None:
    made = provider(liar)
    other = provider(liar, client_id="another", name="Fabrikam", domain="fabrikam.test")

    first = person_for(made, vouched())
    second = person_for(other, vouched("boss@fabrikam.test"))

    assert first.pk != second.pk


def test_a_customers_provider_never_lets_in_the_sellers_staff(door: Door, liar: Liar) -> None:
    made = provider(liar)
    door.person(email=f"priya@{DOMAIN}", role="manager")

    with pytest.raises(NotLetIn):
        person_for(made, vouched(f"priya@{DOMAIN}"))
    assert no_person()


def test_the_staffs_provider_never_lets_in_a_buyer(door: Door, liar: Liar) -> None:
    made = provider(liar, for_staff=True, customers=[], roles={"payers": "clerk"})
    door.person(HARBORLINE, email=f"dana@{DOMAIN}")

    with pytest.raises(NotLetIn):
        person_for(made, vouched(f"dana@{DOMAIN}"))
    assert no_person()


def test_the_staffs_provider_makes_staff_with_the_role_of_the_group(door: Door, liar: Liar) -> None:
    made = provider(liar, for_staff=True, customers=[], roles={"payers": "clerk", "": "auditor"})

    assert person_for(made, vouched()).staff_role == "clerk"


def test_who_was_switched_off_is_not_let_in(door: Door, liar: Liar) -> None:
    made = provider(liar)
    person = person_for(made, vouched())
    with writing():
        User.objects.filter(pk=person.pk).update(is_active=False)

    with pytest.raises(NotLetIn):
        person_for(made, vouched())


def test_a_person_who_is_here_already_is_linked_only_by_a_mailbox_that_was_seen(
    door: Door, liar: Liar
) -> None:
    made = provider(liar)
    here = door.person(HARBORLINE, email=f"wanda@{DOMAIN}")

    with pytest.raises(NotLetIn):
        person_for(made, vouched(mail_seen=False))
    assert no_person()
    assert person_for(made, vouched()).pk == here.pk
    assert person_for(made, vouched(mail_seen=False)).pk == here.pk  # now known by the subject


def test_a_provider_that_is_believed_links_by_the_address_alone(door: Door, liar: Liar) -> None:
    made = provider(liar, links_by_mail=True)
    here = door.person(HARBORLINE, email=f"wanda@{DOMAIN}")

    assert person_for(made, vouched(mail_seen=False)).pk == here.pk


def test_a_group_taken_away_takes_its_role_away_at_the_next_sign_in(door: Door, liar: Liar) -> None:
    made = provider(liar, roles={"payers": "administer", "": "view"})
    person = person_for(made, vouched())
    less = Vouched(
        subject="s-1", email=f"wanda@{DOMAIN}", mail_seen=True, name="Wanda", groups=frozenset()
    )
    person_for(made, less)

    with reading():
        assert Contact.objects.get(user=person).role == "view"


def test_accounts_that_a_provider_does_not_have_stay_as_they_are(door: Door, liar: Liar) -> None:
    made = provider(liar)
    here = door.person(HARBORLINE, ALPINE, email=f"wanda@{DOMAIN}")
    with writing():
        Contact.objects.filter(customer_account__number=ALPINE).update(role="view")

    person_for(made, vouched())

    with reading():
        rows = Contact.objects.filter(user=here)
        roles = dict(rows.values_list("customer_account__number", "role"))
    assert roles == {HARBORLINE: "pay", ALPINE: "view"}


def test_where_it_is_required_neither_password_nor_code_is_asked_for(
    door: Door, liar: Liar
) -> None:
    provider(liar, required=True)
    door.person(HARBORLINE, email=f"wanda@{DOMAIN}")
    client = door.client()

    for email in (f"wanda@{DOMAIN}", f"nobody@{DOMAIN}"):
        known = client.post("/sign-in", {"email": email, "password": "correct horse battery"})
        asked = client.post("/sign-in/send-code", {"email": email})
        assert (known.status_code, asked.status_code) == (200, 200)
        assert "Go to Contoso" in known.content.decode()
        assert "Go to Contoso" in asked.content.decode()
    assert client.get("/invoices").status_code == 303


def test_a_provider_that_is_switched_off_lets_nobody_in_who_is_on_the_way(
    door: Door, liar: Liar
) -> None:
    provider(liar)
    client = door.client()
    asked = go(client)
    liar.nonce = asked["nonce"]
    with writing():
        IdentityProvider.objects.update(is_active=False)

    answer = client.get("/sign-in/company/back", {"code": "c", "state": asked["state"]})

    assert answer.status_code == 422
    assert "Sign in with your company" not in door.client().get("/sign-in").content.decode()


def test_who_took_longer_than_ten_minutes_begins_again(
    door: Door, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider(liar)
    client = door.client()
    asked = go(client)
    liar.nonce = asked["nonce"]
    session = client.session
    session["sso"] = {**session["sso"], "at": clock.now().timestamp() - 601}
    session.save()

    answer = client.get("/sign-in/company/back", {"code": "c", "state": asked["state"]})

    assert answer.status_code == 422
    assert "took too long" in answer.content.decode()
