"""An invitation counts as long as somebody who may stands for it, and is written down once."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

from quittance.core import clock
from quittance.identity.models import User
from quittance.identity.policy import Policy, keep_policy
from quittance.invitations.inviting import Letter, invite, withdraw
from quittance.invitations.models import Invitation
from quittance.notifications.models import Message
from quittance.receivables.models import Contact, FormerContact
from quittance.tenancy.rows import reading, writing
from tests.ground import ALPINE, HARBORLINE
from tests.portal.doors import PASSWORD, Door
from tests.portal.guests import NEW, age, come_in, invited, link, opened, staff
from tests.portal.roles import set_role
from tests.portal.test_invitations import again, contacts, events

YESTERDAY = date(2020, 1, 1)


def test_whom_the_team_removed_gets_nothing_by_what_was_asked_before_also_if_sent_again(
    door: Door,
) -> None:
    by, luca = staff(door), door.person(ALPINE, email="luca@example.test", name="Luca")
    found = invited(door, email=luca.email, by=by)
    with reading():
        account_id = found.roles.get().customer_account_id
    with writing():
        FormerContact.objects.create(
            user=luca, customer_account_id=account_id, left_at=clock.now(), by_team=True
        )
        Message.objects.filter(to=luca.email).delete()
    again(found, by)
    client = opened(door, link(luca.email))
    client.post("/sign-in", {"email": luca.email, "password": PASSWORD})

    answer = client.post("/invitation")

    assert answer.status_code == 409
    assert contacts(luca.email) == {ALPINE: "pay"}
    assert "account" not in client.session
    assert events("invitation.accepted") == []
    assert client.get("/invitation").status_code == 410


@pytest.mark.parametrize("lost", ["role", "place", "switched off"])
def test_an_invitation_ends_with_the_right_of_who_sent_it(lost: str, door: Door) -> None:
    head = door.person(HARBORLINE, email="head@example.test")
    set_role(head.pk, "administer")
    found = invited(door, role="administer", by=head)
    luca = door.person(ALPINE, email="luca@example.test")
    other = invited(door, role="administer", by=head, email=luca.email)
    client = opened(door, link(luca.email))
    client.post("/sign-in", {"email": luca.email, "password": PASSWORD})
    new = opened(door, link())
    with writing():
        if lost == "role":
            Contact.objects.filter(user=head).update(role="pay")
        elif lost == "place":
            Contact.objects.filter(user=head).delete()
        else:
            User.objects.filter(pk=head.pk).update(is_active=False)

    seen = [come_in(new).status_code, client.post("/invitation").status_code]

    assert seen == [422, 409]
    assert contacts() == {}
    assert contacts(luca.email) == {ALPINE: "pay"}
    with reading():
        ended = Invitation.objects.filter(pk__in=[found.pk, other.pk])
        assert not ended.filter(withdrawn_at=None).exists()


def test_staff_who_lost_the_right_make_nobody_an_administrator(door: Door) -> None:
    ines = staff(door, "administrator")
    letter = Letter(email=NEW, address_of=lambda token: f"http://x/invited/{token}")
    invite(letter, by=ines, key=uuid.uuid4(), staff_role="administrator")
    client = opened(door, link())
    with writing():
        User.objects.filter(pk=ines.pk).update(staff_role="clerk")

    assert come_in(client).status_code == 422
    with reading():
        assert not User.objects.filter(email=NEW).exists()


def test_who_sends_it_again_stands_for_it(door: Door) -> None:
    clerk, manager = staff(door), staff(door, "manager")
    found = invited(door, by=clerk)
    with writing():
        User.objects.filter(pk=clerk.pk).update(is_active=False)
        Message.objects.filter(to=NEW).delete()
    again(found, manager)

    assert come_in(opened(door, link())).status_code == 303


def test_a_link_that_is_pressed_again_and_again_leaves_one_event(door: Door) -> None:
    by = staff(door)
    found = invited(door, by=by)
    for _ in range(3):
        opened(door, link())
    once = len(events("invitation.opened"))
    with writing():
        Message.objects.filter(to=NEW).delete()
    again(found, by)
    for _ in range(2):
        opened(door, link())
    twice = len(events("invitation.opened"))
    withdraw(found.pk, by=by)
    opened(door, link())

    assert (once, twice, len(events("invitation.opened"))) == (1, 2, 2)


def test_an_invitation_that_has_ended_leaves_no_event_when_its_link_is_pressed(door: Door) -> None:
    age(invited(door), days=8)

    opened(door, link())

    assert events("invitation.opened") == []


def test_who_is_in_only_to_add_a_factor_does_that_before_he_accepts(door: Door) -> None:
    luca = door.person(ALPINE, email="luca@example.test", name="Luca")
    invited(door, email=luca.email)
    client = opened(door, link(luca.email))
    keep_policy(Policy(staff_from=YESTERDAY, buyers="required"))
    client.post("/sign-in", {"email": luca.email, "password": PASSWORD})

    answer = client.post("/invitation")

    assert (answer.status_code, answer["Location"]) == (303, "/security")
    assert contacts(luca.email) == {ALPINE: "pay"}
    assert events("invitation.accepted") == []


def test_whom_single_sign_on_made_staff_meanwhile_accepts_and_keeps_that_role(door: Door) -> None:
    ines = staff(door, "administrator")
    letter = Letter(email=NEW, address_of=lambda token: f"http://x/invited/{token}")
    invite(letter, by=ines, key=uuid.uuid4(), staff_role="manager")
    client = opened(door, link())
    door.person(email=NEW, role="clerk")
    client.post("/sign-in", {"email": NEW, "password": PASSWORD})

    answer = client.post("/invitation")

    assert answer["Location"] == "/"
    assert client.get("/")["Location"] == "/office/"
    assert len(events("invitation.accepted")) == 1
    with reading():
        assert User.objects.get(email=NEW).staff_role == "clerk"
