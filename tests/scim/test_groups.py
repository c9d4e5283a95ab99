"""The groups of a directory give roles, by the connection's table, and take them."""

from __future__ import annotations

from functools import partial

from quittance.audit.models import AuditEvent
from quittance.identity.models import User
from quittance.identity.staff import switch_off
from quittance.receivables.models import Contact
from quittance.sso.people import person_for
from quittance.sso.vouched import Vouched
from quittance.tenancy.rows import reading, writing
from tests.payments.together import all_at_once
from tests.portal.doors import Door
from tests.scim.directory import Directory, user


def role(name: str = "wanda", domain: str = "contoso.test") -> str:
    with reading():
        return Contact.objects.get(user__email=f"{name}@{domain}").role


def test_a_mover_has_the_strongest_role_of_the_groups(contoso: Directory) -> None:
    row = contoso.join()["id"]
    payers, bosses = contoso.group("payers", row)["id"], contoso.group("bosses")["id"]
    assert role() == "pay"

    contoso.patch("Groups", bosses, {"op": "Add", "path": "members", "value": [{"value": row}]})
    assert role() == "administer"
    other = contoso.join("olga")["id"]
    contoso.patch("Groups", bosses, {"op": "Add", "path": "members", "value": [{"value": other}]})
    contoso.patch("Groups", bosses, {"op": "remove", "path": f'members[value eq "{row}"]'})

    assert role() == "pay"
    assert contoso.http.get(f"/Users/{row}").json()["groups"][0]["value"] == payers


def test_a_group_is_known_by_the_directorys_own_key_as_well(contoso: Directory) -> None:
    row = contoso.join()["id"]

    contoso.http.post(
        "/Groups",
        json={"displayName": "Buyers", "externalId": "payers", "members": [{"value": row}]},
    )

    assert role() == "pay"


def test_whom_the_last_group_leaves_loses_what_it_gave(own: Directory, door: Door) -> None:
    door.person(email="ines@example.test", role="administrator")
    row = own.join()["id"]
    with reading():
        assert not User.objects.filter(email="wanda@northwind.test").exists()
    group = own.group("clerks", row)["id"]
    assert user("wanda@northwind.test").staff_role == "clerk"

    own.http.delete(f"/Groups/{group}")
    assert not user("wanda@northwind.test").is_active

    own.group("clerks", row)
    assert user("wanda@northwind.test").is_active


def test_groups_do_not_switch_on_whom_an_administrator_switched_off(
    own: Directory, door: Door
) -> None:
    boss = door.person(email="ines@example.test", role="administrator")
    row = own.join()["id"]
    group = own.group("clerks", row)["id"]
    wanda = user("wanda@northwind.test")
    with writing():
        switch_off(wanda.pk, by=boss)

    own.patch("Groups", group, {"op": "remove", "path": f'members[value eq "{row}"]'})
    answer = own.patch("Groups", group, {"op": "add", "path": "members", "value": [{"value": row}]})

    assert answer.status_code == 409
    assert not user("wanda@northwind.test").is_active


def test_the_sellers_last_administrator_keeps_the_role_and_it_is_written_down(
    own: Directory,
) -> None:
    row = own.join("ines")["id"]
    group = own.group("bosses", row)["id"]

    own.http.delete(f"/Groups/{group}")

    ines = user("ines@northwind.test")
    assert (ines.staff_role, ines.is_active) == ("administrator", True)
    with reading():
        assert AuditEvent.objects.filter(what="last administrator kept").count() == 1


def test_the_groups_of_the_directory_count_at_the_sign_in(contoso: Directory) -> None:
    row = contoso.join()["id"]
    contoso.group("approvers", row)

    person_for(
        contoso.provider,
        Vouched(
            subject="s-1", email="wanda@contoso.test", mail_seen=True, name="Wanda",
            groups=frozenset(),
        ),
    )  # fmt: skip

    assert role() == "approve"


def test_another_name_is_another_role(contoso: Directory) -> None:
    group = contoso.group("visitors", contoso.join()["id"])["id"]

    answer = contoso.patch(
        "Groups", group, {"op": "Replace", "path": "displayName", "value": "payers"}
    )

    assert (answer.status_code, role()) == (204, "pay")


def test_two_patches_of_members_at_once_both_count(contoso: Directory) -> None:
    rows = [contoso.join(f"p{n}")["id"] for n in range(2)]
    group = contoso.group("payers")["id"]
    steps = [{"op": "add", "path": "members", "value": [{"value": each}]} for each in rows]

    all_at_once(*(partial(contoso.patch, "Groups", group, each) for each in steps))

    kept = contoso.http.get(f"/Groups/{group}").json()["members"]
    assert {each["value"] for each in kept} == set(rows)


def test_groups_are_found_by_name_and_by_member(contoso: Directory) -> None:
    row = contoso.join()["id"]
    group = contoso.group("payers", row)["id"]
    contoso.group("others")

    for asked in ('displayName eq "PAYERS"', f'id eq "{group}" and members eq "{row}"'):
        said = contoso.http.get(
            "/Groups", params={"filter": asked, "excludedAttributes": "members"}
        ).json()
        assert [each["id"] for each in said["Resources"]] == [group]
        assert "members" not in said["Resources"][0]


def test_a_group_of_two_members_is_found_once_by_either_and_by_both(contoso: Directory) -> None:
    one, two = contoso.join("one")["id"], contoso.join("two")["id"]
    group = contoso.group("payers", one, two)["id"]
    alone = contoso.group("bosses", one)["id"]

    def found(asked: str) -> list[str]:
        said = contoso.http.get("/Groups", params={"filter": asked}).json()
        assert said["totalResults"] == len(said["Resources"])
        return [each["id"] for each in said["Resources"]]

    assert found(f'members eq "{one}" or members eq "{two}"') == [group, alone]
    assert found(f'members eq "{one}" and members.value eq "{two}"') == [group]
    assert found(f'members[value eq "{one}"] and not (members eq "{two}")') == [alone]


def test_who_leaves_is_in_no_group_of_the_directory_afterwards(contoso: Directory) -> None:
    row = contoso.join()["id"]
    group = contoso.group("payers", row)["id"]

    contoso.http.delete(f"/Users/{row}")

    assert "members" not in contoso.http.get(f"/Groups/{group}").json()
