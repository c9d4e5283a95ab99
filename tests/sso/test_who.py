"""For whom a provider may vouch: its own domains, its own side, and nobody else's people."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.identity.fresh import is_fresh
from quittance.identity.models import Passkey, SignIn, User
from quittance.receivables.models import Contact, CustomerAccount
from quittance.sso.models import ExternalIdentity, IdentityProvider, ProviderDomain
from quittance.sso.people import NotLetIn, person_for
from quittance.sso.providers import NoSuchCustomer, Wanted, client_of, keep_provider, reseal
from quittance.sso.vouched import Vouched
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from tests.ground import ALPINE, HARBORLINE
from tests.identity.test_factors import app_for
from tests.portal.doors import Door
from tests.sso.liar import CLIENT, SECRET, Liar
from tests.sso.roads import DOMAIN, go, provider, there_and_back


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
    made = provider(liar, roles={"payers": "pay", "": "view"})
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


def test_a_second_person_with_a_known_address_does_not_become_the_first(
    door: Door, liar: Liar
) -> None:
    made = provider(liar, links_by_mail=True)
    person_for(made, vouched())

    with pytest.raises(NotLetIn):
        person_for(made, vouched(subject="s-2"))


def test_another_issuer_knows_nobody_and_must_prove_its_domains(door: Door, liar: Liar) -> None:
    made = provider(liar)
    person_for(made, vouched())
    with reading():
        word = made.domains.get().word

    keep_provider(
        made.pk,
        Wanted(
            name="Contoso", for_staff=False, issuer="https://login.other.com", client_id=CLIENT,
            secret=SECRET, customers=[HARBORLINE], roles={"payers": "pay"},
        ),
    )  # fmt: skip

    with reading():
        domain = made.domains.get()
    assert no_person()
    assert (domain.proven_at, domain.word == word) == (None, False)


def test_a_limit_that_the_team_set_stays(door: Door, liar: Liar) -> None:
    made = provider(liar)
    here = door.person(HARBORLINE, email=f"wanda@{DOMAIN}")
    with writing():
        Contact.objects.filter(user=here).update(
            role="pay_within", limit_minor=100, limit_currency="USD"
        )

    person_for(made, vouched())

    with reading():
        assert Contact.objects.get(user=here).limit_minor == 100


def test_the_last_who_administers_an_account_stays_so(door: Door, liar: Liar) -> None:
    made = provider(liar)
    first = door.person(HARBORLINE, email=f"wanda@{DOMAIN}")
    with writing():
        Contact.objects.filter(user=first).update(role="administer")
    person_for(made, vouched())
    with reading():
        alone = Contact.objects.get(user=first).role
    other = door.person(HARBORLINE, email=f"otto@{DOMAIN}")
    with writing():
        Contact.objects.filter(user=other).update(role="administer")

    person_for(made, vouched())

    with reading():
        assert (alone, Contact.objects.get(user=first).role) == ("administer", "pay")


def test_a_number_that_two_companies_have_names_no_customer(door: Door, liar: Liar) -> None:
    with writing():
        account = CustomerAccount.objects.get(number=HARBORLINE)
        other = LegalEntity.objects.create(name="Another company", zone="UTC", currency="USD")
        account.pk, account.legal_entity, account.erp_id = new_id(), other, str(new_id())
        account.save(force_insert=True)

    with pytest.raises(NoSuchCustomer, match="Several of your companies"):
        provider(liar, domain="")


def test_a_providers_word_is_no_fresh_proof_and_no_second_factor_of_ones_own(
    door: Door, liar: Liar
) -> None:
    provider(liar)
    client = door.client()
    assert there_and_back(client, liar).status_code == 303
    with reading():
        person = User.objects.get(email=f"wanda@{DOMAIN}")
    with writing():
        Passkey.objects.create(
            user=person, name="key", host="portal", credential_id=b"1", public_key=b"2",
            sign_count=0, created_at=clock.now(),
        )  # fmt: skip

    again = there_and_back(door.client(), liar)

    assert not is_fresh(client.session)
    assert (again.status_code, again["Location"]) == (303, "/sign-in/second")


def test_a_new_key_seals_the_clients_secret_anew(door: Door, liar: Liar) -> None:
    made = provider(liar)
    with override_settings(
        SEAL_KEY="a new key of thirty-two letters!", SEAL_KEY_BEFORE=settings.SEAL_KEY
    ):
        assert reseal() == 1
    with (
        override_settings(SEAL_KEY="a new key of thirty-two letters!", SEAL_KEY_BEFORE=""),
        reading(),
    ):
        made.refresh_from_db()
        assert client_of(made).secret == SECRET


def test_the_second_step_here_does_not_forget_that_a_provider_vouched(
    door: Door, liar: Liar
) -> None:
    provider(liar)
    there_and_back(door.client(), liar)
    with reading():
        person = User.objects.get(email=f"wanda@{DOMAIN}")
    app = app_for(person)
    client = door.client()

    first = there_and_back(client, liar)
    second = client.post("/sign-in/second", {"code": app.at(clock.now())})

    assert (first["Location"], second.status_code) == ("/sign-in/second", 303)
    with reading():
        assert [each.vouched for each in SignIn.objects.filter(user=person)] == [True, True]
