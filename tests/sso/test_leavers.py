"""Whom groups let in they also let go; whom a team removed does not come back by a group."""

from __future__ import annotations

from functools import partial

import pytest

from quittance.audit.models import AuditEvent
from quittance.identity.models import User
from quittance.receivables.models import Contact
from quittance.receivables.team import let_in_again, remove, removed_from
from quittance.sso.models import IdentityProvider
from quittance.sso.people import NotLetIn, person_for
from quittance.sso.vouched import Vouched
from quittance.tenancy.rows import reading, writing
from tests.ground import ALPINE, HARBORLINE
from tests.payments.together import all_at_once
from tests.portal.doors import Door
from tests.portal.roles import as_role
from tests.sso.liar import Liar
from tests.sso.roads import DOMAIN, provider, there_and_back


def vouched(*groups: str, subject: str = "s-1", email: str = f"wanda@{DOMAIN}") -> Vouched:
    return Vouched(
        subject=subject, email=email, mail_seen=True, name="Wanda", groups=frozenset(groups)
    )


def refused(made: IdentityProvider, said: Vouched) -> None:
    with pytest.raises(NotLetIn):
        person_for(made, said)


def roles(user: User) -> dict[str, str]:
    with reading():
        rows = Contact.objects.filter(user=user)
        return dict(rows.values_list("customer_account__number", "role"))


def events(what: str) -> int:
    with reading():
        return AuditEvent.objects.filter(what=what).count()


def test_who_is_in_no_group_any_more_loses_role_and_sessions_at_once(
    door: Door, liar: Liar
) -> None:
    provider(liar)
    running = door.client()
    there_and_back(running, liar)
    liar.claims = {"groups": []}

    answer = there_and_back(door.client(), liar)

    with reading():
        person = User.objects.get(email=f"wanda@{DOMAIN}")
    assert answer.status_code == 403
    assert running.get("/invoices").status_code == 303  # to the sign-in
    assert roles(person) == {}
    assert events("access ended by groups") == 1


def test_a_group_lets_in_again_with_the_limit_that_the_team_had_set(door: Door, liar: Liar) -> None:
    made = provider(liar)
    person = person_for(made, vouched("payers"))
    with writing():
        Contact.objects.update(role="pay_within", limit_minor=100, limit_currency="USD")
    refused(made, vouched())
    person_for(made, vouched("payers"))

    with reading():
        contact = Contact.objects.get(user=person)
    assert (contact.role, contact.limit_minor) == ("pay_within", 100)


def test_accounts_that_the_provider_does_not_have_are_kept_by_who_leaves_it(
    door: Door, liar: Liar
) -> None:
    made = provider(liar)
    here = door.person(HARBORLINE, ALPINE, email=f"wanda@{DOMAIN}")
    person_for(made, vouched("payers"))
    refused(made, vouched())

    assert roles(here) == {ALPINE: "pay"}


def test_a_stranger_in_no_group_takes_nothing_from_who_has_the_address(
    door: Door, liar: Liar
) -> None:
    made = provider(liar)
    here = door.person(HARBORLINE, email=f"wanda@{DOMAIN}")
    refused(made, vouched())

    assert roles(here) == {HARBORLINE: "pay"}


def test_groups_that_do_not_fit_into_a_token_take_nothing_from_anybody(
    door: Door, liar: Liar
) -> None:
    made = provider(liar)
    there_and_back(door.client(), liar)
    liar.claims = {"groups": None, "_claim_names": {"groups": "src1"}}

    answer = there_and_back(door.client(), liar)

    with reading():
        person = made.people.get().user
        (event,) = AuditEvent.objects.filter(what="single sign-on refused")
    assert answer.status_code == 403
    assert "groups" in event.facts["problem"]
    assert roles(person) == {HARBORLINE: "pay"}


def test_staff_in_no_group_are_switched_off_until_they_are_in_one(door: Door, liar: Liar) -> None:
    made = provider(liar, for_staff=True, customers=[], roles={"payers": "clerk"})
    person = person_for(made, vouched("payers"))
    refused(made, vouched())
    with reading():
        off = User.objects.get(pk=person.pk)
    person_for(made, vouched("payers"))
    with reading():
        on = User.objects.get(pk=person.pk)

    assert (off.is_active, off.is_staff) == (False, True)
    assert (on.is_active, on.staff_role) == (True, "clerk")


def test_who_was_switched_off_by_hand_stays_so_whatever_groups_say(door: Door, liar: Liar) -> None:
    made = provider(liar, for_staff=True, customers=[], roles={"payers": "clerk"})
    person = person_for(made, vouched("payers"))
    with writing():
        User.objects.filter(pk=person.pk).update(is_active=False)

    refused(made, vouched("payers"))
    refused(made, vouched())
    refused(made, vouched("payers"))


def test_the_last_administrator_of_the_organization_stays_so(door: Door, liar: Liar) -> None:
    given = {"heads": "administrator", "payers": "clerk"}
    made = provider(liar, for_staff=True, customers=[], roles=given)
    head = person_for(made, vouched("heads"))
    person_for(made, vouched("payers"))
    refused(made, vouched())

    with reading():
        head.refresh_from_db()
    assert (head.staff_role, head.is_active) == ("administrator", True)
    assert events("last administrator kept") == 2


def test_of_two_administrators_who_lose_the_role_at_once_one_stays(door: Door, liar: Liar) -> None:
    given = {"heads": "administrator", "payers": "clerk"}
    made = provider(liar, for_staff=True, customers=[], roles=given)
    who = [(f"s-{n}", f"head{n}@{DOMAIN}") for n in range(4)]
    for subject, email in who:
        person_for(made, vouched("heads", subject=subject, email=email))

    said = [vouched("payers", subject=subject, email=email) for subject, email in who]
    all_at_once(*(partial(person_for, made, each) for each in said))

    with reading():
        assert User.objects.filter(staff_role="administrator", is_active=True).count() == 1


def test_of_two_who_lose_the_role_for_an_account_at_once_one_administers_on(
    door: Door, liar: Liar
) -> None:
    made = provider(liar, roles={"heads": "administer", "payers": "pay"})
    who = [(f"s-{n}", f"head{n}@{DOMAIN}") for n in range(4)]
    for subject, email in who:
        person_for(made, vouched("heads", subject=subject, email=email))

    said = [vouched("payers", subject=subject, email=email) for subject, email in who]
    all_at_once(*(partial(person_for, made, each) for each in said))

    with reading():
        assert Contact.objects.filter(role="administer").count() == 1


def test_whom_the_team_removed_no_group_lets_in_again_but_the_team_does(
    door: Door, liar: Liar
) -> None:
    made = provider(liar)
    person = person_for(made, vouched("payers"))
    head = as_role(door, "administer", email="head@example.test")
    with reading():
        contact = Contact.objects.select_related("user").get(user=person)
        boss = User.objects.get(email="head@example.test")
    remove(contact.customer_account_id, contact.pk, by=boss.pk)

    person_for(made, vouched("payers"))
    removed = roles(person)
    (former,) = removed_from(contact.customer_account_id)
    page = head.get("/team").content.decode()
    answer = head.post(f"/team/removed/{former.former_id}")
    again = roles(person)
    person_for(made, vouched("payers"))

    assert removed == {}
    assert former.email == f"wanda@{DOMAIN}"
    assert f"/team/removed/{former.former_id}" in page
    assert (answer.status_code, answer["Location"]) == (303, "/team?done=let_in")
    assert (again, roles(person)) == ({HARBORLINE: "view"}, {HARBORLINE: "pay"})
    assert head.post(f"/team/removed/{former.former_id}").status_code == 404


def test_of_two_who_let_the_same_person_in_one_does(door: Door, liar: Liar) -> None:
    as_role(door, "administer", email="head@example.test")
    here = door.person(HARBORLINE, email="otto@example.test")
    with reading():
        contact = Contact.objects.get(user=here)
        boss = User.objects.get(email="head@example.test")
    account_id = contact.customer_account_id
    remove(account_id, contact.pk, by=boss.pk)
    (former,) = removed_from(account_id)

    all_at_once(*([lambda: let_in_again(account_id, former.former_id, by=boss.pk)] * 4))

    assert roles(here) == {HARBORLINE: "view"}
    assert events("person let in again") == 1


def test_a_buyer_in_no_group_who_is_then_switched_off_by_hand_stays_so(
    door: Door, liar: Liar
) -> None:
    made = provider(liar)
    person = person_for(made, vouched("payers"))
    refused(made, vouched())
    with writing():
        User.objects.filter(pk=person.pk).update(is_active=False)

    refused(made, vouched("payers"))
    with reading():
        assert not User.objects.get(pk=person.pk).is_active


@pytest.mark.parametrize("names", [7, "groups", ["groups"], True])
def test_a_token_that_says_nonsense_of_claims_elsewhere_is_one_without_groups(
    door: Door, liar: Liar, names: object
) -> None:
    provider(liar)
    liar.claims = {"groups": None, "_claim_names": names}

    assert there_and_back(door.client(), liar).status_code == 403
