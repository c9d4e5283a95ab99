"""Joiners come in by their company's directory, leavers lose everything at once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from django.conf import settings
from django.test import override_settings

from quittance.audit.models import AuditEvent
from quittance.identity.models import SignIn, User
from quittance.identity.staff import switch_off
from quittance.privacy.erasing import erase
from quittance.receivables.models import Contact
from quittance.receivables.people import who_may_pay
from quittance.sso.models import DirectoryPerson, GroupRole, KeptOut, ProviderDomain
from quittance.sso.people import NotLetIn, person_for
from quittance.sso.providers import reseal
from quittance.sso.vouched import Vouched
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE
from tests.payments.together import all_at_once
from tests.portal.doors import Door
from tests.scim.directory import Directory, user


def roles(email: str) -> dict[str, str]:
    with reading():
        rows = Contact.objects.filter(user__email=email)
        return dict(rows.values_list("customer_account__number", "role"))


def events(what: str) -> int:
    with reading():
        return AuditEvent.objects.filter(what=what).count()


def vouched(name: str = "wanda") -> Vouched:
    return Vouched(
        subject=f"s-{name}", email=f"{name}@contoso.test", mail_seen=True, name=name,
        groups=frozenset({"payers"}),
    )  # fmt: skip


def test_a_joiner_acts_for_the_companys_accounts_without_a_password(contoso: Directory) -> None:
    made = contoso.join()

    person = user("wanda@contoso.test")
    assert (person.password, person.name, person.is_active) == ("", "Wanda", True)
    assert roles("wanda@contoso.test") == {HARBORLINE: "view"}
    assert made["meta"]["resourceType"] == "User"
    assert made["meta"]["location"].endswith(f"/Users/{made['id']}")


def test_what_the_directory_does_is_in_the_audit_with_the_connection_as_actor(
    contoso: Directory,
) -> None:
    contoso.join()

    with reading():
        found = AuditEvent.objects.get(what="person made by a directory")
    assert found.actor == f"directory:{contoso.provider.pk}"


@pytest.mark.parametrize("deleted", [False, True])
def test_a_leaver_loses_sessions_and_every_access_at_once(
    contoso: Directory, door: Door, deleted: bool
) -> None:
    client = door.signed_in(HARBORLINE, email="wanda@contoso.test")
    row = contoso.join()["id"]
    assert client.get("/invoices").status_code == 200

    answer = contoso.http.delete(f"/Users/{row}") if deleted else contoso.leaves(row)

    assert answer.status_code == (204 if deleted else 200)
    assert client.get("/invoices").status_code == 303  # to the sign-in
    again = door.client().post(
        "/sign-in", {"email": "wanda@contoso.test", "password": "correct horse battery"}
    )
    assert again.status_code != 303
    with reading():
        assert not who_may_pay(Contact.objects.get().customer_account_id).exists()
        assert not SignIn.objects.filter(ended_at=None).exists()
    assert events("directory: access ended") == 1


def test_who_comes_back_has_the_access_of_before_and_no_session(
    contoso: Directory, door: Door
) -> None:
    client = door.signed_in(HARBORLINE, email="wanda@contoso.test")
    row = contoso.join()["id"]
    contoso.leaves(row)

    answer = contoso.patch("Users", row, {"op": "Replace", "path": "active", "value": "True"})

    assert answer.json()["active"] is True
    assert user("wanda@contoso.test").is_active
    assert roles("wanda@contoso.test").keys() == {HARBORLINE}
    assert client.get("/invoices").status_code == 303


def test_who_was_deleted_and_is_told_of_again_comes_back(contoso: Directory) -> None:
    row = contoso.join()["id"]
    contoso.http.delete(f"/Users/{row}")
    assert contoso.http.get(f"/Users/{row}").status_code == 404

    again = contoso.join()

    assert again["id"] != row
    assert user("wanda@contoso.test").is_active


def test_no_provider_lets_a_leaver_in(contoso: Directory) -> None:
    row = contoso.join()["id"]
    person_for(contoso.provider, vouched())
    contoso.leaves(row)

    with pytest.raises(NotLetIn):
        person_for(contoso.provider, vouched())


def test_who_joined_switched_off_is_let_in_by_nobody(contoso: Directory) -> None:
    contoso.join(active=False)

    with pytest.raises(NotLetIn):
        person_for(contoso.provider, vouched())
    with reading():
        assert not User.objects.filter(email="wanda@contoso.test").exists()


def test_who_was_deleted_there_before_he_had_a_role_is_let_in_by_nobody(
    contoso: Directory,
) -> None:
    with writing():
        GroupRole.objects.filter(group="").delete()
    row = contoso.join()["id"]
    contoso.http.delete(f"/Users/{row}")

    with pytest.raises(NotLetIn):
        person_for(contoso.provider, vouched())

    contoso.join()
    assert person_for(contoso.provider, vouched()).email == "wanda@contoso.test"


@pytest.mark.parametrize("deleted", [False, True])
def test_a_leaver_who_is_erased_stays_out_until_the_directory_tells_of_him_again(
    contoso: Directory, deleted: bool
) -> None:
    row = contoso.join()["id"]
    person = person_for(contoso.provider, vouched())
    assert (contoso.http.delete(f"/Users/{row}") if deleted else contoso.leaves(row)).is_success
    erase(person.pk, by=None)

    with pytest.raises(NotLetIn):
        person_for(contoso.provider, vouched())
    with reading():
        assert not DirectoryPerson.objects.exists()
        assert "wanda" not in str(list(KeptOut.objects.values_list()))
    assert person_for(contoso.provider, vouched("olga")).email == "olga@contoso.test"

    contoso.join()
    assert person_for(contoso.provider, vouched()).pk != person.pk
    with reading():
        assert not KeptOut.objects.exists()


def test_an_erased_leaver_stays_out_under_a_new_key(contoso: Directory) -> None:
    new, row = "a new key of thirty-two letters!", contoso.join()["id"]
    contoso.leaves(row)
    erase(user("wanda@contoso.test").pk, by=None)

    with override_settings(SEAL_KEY=new, SEAL_KEY_BEFORE=settings.SEAL_KEY):
        assert reseal() == 1
    with override_settings(SEAL_KEY=new, SEAL_KEY_BEFORE=""), pytest.raises(NotLetIn):
        person_for(contoso.provider, vouched())


def test_who_is_erased_and_did_not_leave_comes_in_as_a_new_person(contoso: Directory) -> None:
    contoso.join()
    before = user("wanda@contoso.test")
    erase(before.pk, by=None)

    assert person_for(contoso.provider, vouched()).pk != before.pk


def test_who_came_back_under_another_address_signs_in_by_either(contoso: Directory) -> None:
    contoso.http.delete(f"/Users/{contoso.join()['id']}")
    row = contoso.join()["id"]
    person = person_for(contoso.provider, vouched())
    step = {"op": "replace", "path": 'emails[type eq "work"].value', "value": "w@contoso.test"}

    assert contoso.patch("Users", row, step).status_code == 200

    moved = replace(vouched(), email="w@contoso.test")
    assert person_for(contoso.provider, vouched()).pk == person.pk
    assert person_for(contoso.provider, moved).pk == person.pk


def test_a_joiner_is_the_person_who_signs_in_there(contoso: Directory) -> None:
    contoso.join()

    assert person_for(contoso.provider, vouched()).pk == user("wanda@contoso.test").pk


def test_whom_an_administrator_switched_off_a_directory_does_not_switch_on(
    own: Directory, door: Door
) -> None:
    boss = door.person(email="ines@example.test", role="administrator")
    row = own.join(active=True)["id"]
    group = own.group("clerks", row)
    wanda = user("wanda@northwind.test")
    with writing():
        switch_off(wanda.pk, by=boss)

    answer = own.patch("Users", row, {"op": "replace", "value": {"displayName": "W"}})

    assert group["members"][0]["value"] == row
    assert answer.status_code == 409
    assert not user("wanda@northwind.test").is_active


def test_the_last_administrator_of_the_seller_stays_and_the_directory_is_told(
    own: Directory, door: Door
) -> None:
    client = door.signed_in(email="ines@northwind.test", role="administrator")
    row = own.join("ines")["id"]

    answer = own.leaves(row)

    assert answer.status_code == 409
    assert "last administrator" in answer.json()["detail"]
    assert user("ines@northwind.test").is_active
    assert own.http.get(f"/Users/{row}").json()["active"] is True
    assert client.get("/office/").status_code == 303  # the sessions ended all the same
    assert events("last administrator kept") == 1


def test_the_last_administrator_who_is_first_told_of_as_a_leaver_is_signed_out(
    own: Directory, door: Door
) -> None:
    client = door.signed_in(email="ines@northwind.test", role="administrator")

    answer = own.http.post("/Users", json=own.said("ines", active=False))

    assert (answer.status_code, user("ines@northwind.test").is_active) == (409, True)
    assert client.get("/office/payments").status_code == 303
    with reading():
        found = AuditEvent.objects.get(what="last administrator kept")
    assert found.subject_id == user("ines@northwind.test").pk


def test_of_two_administrators_one_may_leave(own: Directory, door: Door) -> None:
    door.person(email="ines@northwind.test", role="administrator")
    door.person(email="ada@northwind.test", role="administrator")
    first, second = own.join("ines")["id"], own.join("ada")["id"]

    answers = all_at_once(partial(own.leaves, first), partial(own.leaves, second))

    assert sorted(getattr(each, "status_code", 0) for each in answers) == [200, 409]
    with reading():
        assert User.objects.filter(staff_role="administrator", is_active=True).count() == 1


def test_the_last_who_administers_a_customers_account_may_leave(contoso: Directory) -> None:
    row = contoso.join()["id"]
    contoso.group("bosses", row)

    assert contoso.leaves(row).status_code == 200
    assert not user("wanda@contoso.test").is_active


def test_an_address_of_another_domain_is_refused(contoso: Directory) -> None:
    foreign = contoso.said(emails=[{"value": "dana@example.test", "primary": True}])

    answer = contoso.http.post("/Users", json=foreign)

    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")
    with reading():
        assert not User.objects.exists()


@pytest.mark.parametrize("odd", ["a b", "a\nb", "a@b", "", "a" * 300])
def test_what_no_mail_could_reach_is_no_address(contoso: Directory, odd: str) -> None:
    said = contoso.said(emails=[{"value": f"{odd}@contoso.test"}])

    answer = contoso.http.post("/Users", json=said)

    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")
    assert "address that mail could reach" in answer.json()["detail"]
    with reading():
        assert not User.objects.exists()


def test_of_a_domain_whose_proof_is_lost_nothing_is_seen_or_changed(contoso: Directory) -> None:
    row = contoso.join()["id"]
    with writing():
        ProviderDomain.objects.update(proven_at=None)

    assert contoso.http.get("/Users").json()["totalResults"] == 0
    assert contoso.leaves(row).status_code == 404
    assert user("wanda@contoso.test").is_active


def test_one_of_the_staff_is_not_a_customers_to_provision(contoso: Directory, door: Door) -> None:
    door.person(email="priya@contoso.test", role="clerk")

    assert contoso.http.post("/Users", json=contoso.said("priya")).status_code == 409
    assert user("priya@contoso.test").is_staff


def test_the_same_person_is_told_of_once(contoso: Directory) -> None:
    contoso.join()

    answer = contoso.http.post("/Users", json=contoso.said())

    assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")


def test_people_are_found_by_name_and_key_and_page_by_page(contoso: Directory) -> None:
    rows = [contoso.join(f"p{n}")["id"] for n in range(3)]

    def found(**asked: str) -> list[str]:
        answer = contoso.http.get("/Users", params=asked)
        return [each["id"] for each in answer.json()["Resources"]]

    assert found(filter='userName eq "P1@contoso.test"') == [rows[1]]
    assert found(filter='externalId eq "ext-p2"') == [rows[2]]
    assert found(filter='emails[type eq "work"].value eq "p0@contoso.test"') == [rows[0]]
    assert found(filter='userName eq "nobody"') == []
    assert found(startIndex="2", count="1") == [rows[1]]
    assert contoso.http.get("/Users?count=0").json()["totalResults"] == 3


def test_two_patches_at_once_both_count(contoso: Directory) -> None:
    row = contoso.join()["id"]
    given = {"op": "replace", "path": "name.givenName", "value": "Wanda"}
    family = {"op": "replace", "path": "name.familyName", "value": "Contoso"}

    all_at_once(
        partial(contoso.patch, "Users", row, given), partial(contoso.patch, "Users", row, family)
    )

    kept = contoso.http.get(f"/Users/{row}").json()
    assert kept["name"] == {"givenName": "Wanda", "familyName": "Contoso"}
    assert kept["meta"]["version"] == 'W/"3"'


def test_a_change_of_a_version_that_is_gone_is_refused(contoso: Directory) -> None:
    row = contoso.join()
    step = {"op": "replace", "path": "displayName", "value": "New"}
    first = row["meta"]["version"]

    answers = [
        contoso.patch("Users", row["id"], step, **{"If-Match": first}).status_code
        for _ in range(2)
    ]  # fmt: skip

    assert answers == [200, 412]
    assert (
        contoso.http.delete(f"/Users/{row['id']}", headers={"If-Match": first}).status_code == 412
    )


def test_another_address_signs_out_and_is_the_address_from_then_on(
    contoso: Directory, door: Door
) -> None:
    client = door.signed_in(HARBORLINE, email="wanda@contoso.test")
    row = contoso.join()["id"]

    contoso.patch(
        "Users", row,
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "w@contoso.test"},
    )  # fmt: skip

    assert user("w@contoso.test").name == "Wanda"
    assert client.get("/invoices").status_code == 303


def test_what_was_not_said_in_a_replacement_lets_no_leaver_in(contoso: Directory) -> None:
    row = contoso.join()["id"]
    contoso.leaves(row)
    said = contoso.said()
    del said["active"]

    assert contoso.http.put(f"/Users/{row}", json=said).json()["active"] is False
    assert not user("wanda@contoso.test").is_active
