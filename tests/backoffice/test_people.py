"""The seller's team invites people of customers, and its own; each invitation says where it is."""

from __future__ import annotations

import pytest

from quittance.invitations.models import Invitation
from quittance.receivables.models import Contact
from quittance.tenancy.rows import reading
from tests.backoffice.office import fields, words
from tests.backoffice.test_unknown_whose import another_company
from tests.ground import ALPINE, HARBORLINE
from tests.portal.doors import Door
from tests.portal.guests import NEW, age, come_in, link, opened
from tests.portal.test_access import MISSING

LIST = "/office/team"


def found(email: str = NEW) -> Invitation:
    with reading():
        return Invitation.objects.get(email=email)


def test_a_clerk_invites_to_two_accounts_with_a_role_each(door: Door) -> None:
    office = door.clerk()
    form = fields(office.get(f"{LIST}/invite"), "invite/send")
    sent = form | {
        "email": NEW, "name": "Nina Berg", "customer": [HARBORLINE, ALPINE, ""],
        "role": ["pay_within", "administer", "view"], "limit": ["1,000", "", ""],
    }  # fmt: skip

    answer = office.post(f"{LIST}/invite/send", sent)
    twice = office.post(f"{LIST}/invite/send", sent)
    listed = words(office.get(LIST))

    assert answer["Location"] == twice["Location"] == f"{LIST}?done=sent"
    assert "Sent" in listed
    assert "Pay up to a limit" in listed
    assert come_in(opened(door, link())).status_code == 303
    assert "Accepted" in words(office.get(LIST))
    with reading():
        rows = Contact.objects.filter(user__email=NEW)
        got = set(rows.values_list("customer_account__number", "role", "limit_minor"))
    assert got == {(HARBORLINE, "pay_within", 100_000), (ALPINE, "administer", None)}


def test_a_number_of_two_companies_invites_to_neither_until_one_is_chosen(door: Door) -> None:
    west = another_company(HARBORLINE)
    office = door.clerk()
    form = fields(office.get(f"{LIST}/invite"), "invite/send")
    sent = form | {"email": NEW, "customer": HARBORLINE, "role": "administer", "limit": ""}

    unclear = office.post(f"{LIST}/invite/send", sent)
    nobody = office.post(f"{LIST}/invite/send", sent | {"company": "north"})
    with reading():
        before = Invitation.objects.count()
    answer = office.post(f"{LIST}/invite/send", sent | {"company": str(west.pk)})

    assert (unclear.status_code, nobody.status_code, before) == (422, 422, 0)
    assert "Choose the company" in words(unclear)
    assert "Northwind West" in words(unclear)
    assert answer.status_code == 302
    made = found()
    with reading():
        role = made.roles.select_related("customer_account").get()
        assert role.customer_account.legal_entity_id == west.pk


def test_the_page_says_what_became_of_each(door: Door) -> None:
    office = door.clerk()
    form = fields(office.get(f"{LIST}/invite"), "invite/send")
    office.post(f"{LIST}/invite/send", form | {"email": NEW, "customer": HARBORLINE, "role": "pay"})
    age(found(), days=8)

    expired = words(office.get(LIST))
    again = office.post(f"{LIST}/invitations/{found().pk}/again")
    sent = words(office.get(LIST))
    back = office.post(f"{LIST}/invitations/{found().pk}/withdraw")
    over = words(office.get(LIST))
    late = office.post(f"{LIST}/invitations/{found().pk}/again")

    assert "Expired" in expired
    assert again["Location"].endswith("done=again")
    assert "sent 2 times" in sent
    assert back["Location"].endswith("done=withdrawn")
    assert "Taken back" in over
    assert late.status_code == 409


@pytest.mark.parametrize(
    "said",
    [
        {"customer": "C-99999"},
        {"customer": ""},
        {"email": "nobody"},
        {"role": "pay_within"},
        {"role": "pay_within", "limit": "much"},
        {"role": "owner"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(said: dict[str, str], door: Door) -> None:
    office = door.clerk()
    form = fields(office.get(f"{LIST}/invite"), "invite/send")
    good = {"email": NEW, "customer": HARBORLINE, "role": "pay", "limit": ""}

    answer = office.post(f"{LIST}/invite/send", form | good | said)

    assert answer.status_code == 422
    with reading():
        assert not Invitation.objects.exists()


def test_an_administrator_invites_staff_and_a_clerk_sees_no_such_form(door: Door) -> None:
    office = door.signed_in(email="ines@example.test", role="administrator", name="Ines")
    form = fields(office.get(f"{LIST}/invite?for=staff"), "invite/send")

    answer = office.post(f"{LIST}/invite/send", form | {"email": NEW, "staff_role": "auditor"})
    clerk = door.clerk()

    assert answer.status_code == 302
    assert found().staff_role == "auditor"
    assert "Auditor of your team" in words(office.get(LIST))
    assert clerk.get(f"{LIST}/invite?for=staff").status_code == 404
    forged = fields(clerk.get(f"{LIST}/invite"), "invite/send")
    forged |= {"email": "x@example.test", "for": "staff", "staff_role": "administrator"}
    assert clerk.post(f"{LIST}/invite/send", forged).status_code == 404
    for act in ("again", "withdraw"):
        assert clerk.post(f"{LIST}/invitations/{found().pk}/{act}").status_code == 404
        assert clerk.post(f"{LIST}/invitations/{MISSING}/{act}").status_code == 404


def test_an_auditor_sees_who_is_invited_and_invites_nobody(door: Door) -> None:
    office = door.signed_in(email="aud@example.test", role="auditor", name="Ada")

    assert "Ada" in words(office.get(LIST))
    assert office.get(f"{LIST}/invite").status_code == 404
