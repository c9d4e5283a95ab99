"""What leavers began or stood for is shown to who runs the account's team."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from quittance.approvals.models import Deputy
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.identity.leaving import end_access, give_access_back
from quittance.invitations.inviting import Letter, Place, invite
from quittance.receivables.models import Contact
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import narrowed_to
from tests.approvals.signers import asked, person, ruled
from tests.ground import ALPINE, HARBORLINE
from tests.payments.checkouts import ready
from tests.portal.doors import Door
from tests.portal.roles import as_role

if TYPE_CHECKING:
    from django.test import Client

    from quittance.identity.models import User

OWNER = "Needs a new owner"


def leave(user: User) -> None:
    with writing():
        end_access(user)


def team(client: Client) -> str:
    answer = client.get("/team")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_leavers_request_waits_for_a_new_owner_until_they_are_back(door: Door) -> None:
    maker = person(door.ground, "pay", name="Wanda Left")
    ruled(door.ground)
    invoice = door.ground.bill("250.00")
    with narrowed_to([door.ground.account().pk]):
        request = asked(ready(door.ground, maker, invoice), maker)
    client = as_role(door, "administer", HARBORLINE)
    assert OWNER not in team(client)

    leave(maker)

    page = team(client)
    assert OWNER in page
    assert "Wanda Left" in page
    assert f"/approvals/{request.pk}" in page
    with writing():
        give_access_back(maker)
    assert OWNER not in team(client)


def test_a_deputy_an_approver_of_the_rule_and_an_invitation_are_shown(door: Door) -> None:
    stays = person(door.ground, "approve", name="Kim Stays")
    gone = person(door.ground, "administer", name="Wanda Left")
    account = door.ground.account().pk
    ruled(door.ground, by=gone.pk, only=(gone.pk, stays.pk))
    day = clock.now().date()
    with writing():
        Deputy.objects.create(
            customer_account_id=account, approver=stays, deputy=gone,
            from_date=day - timedelta(days=2), until_date=day + timedelta(days=2),
        )  # fmt: skip
    invite(
        Letter(email="new@example.test", address_of=lambda token: f"https://a.example/{token}"),
        by=gone, key=new_id(), places=[Place(account, "view")],
    )  # fmt: skip
    client = as_role(door, "administer", HARBORLINE)
    assert OWNER not in team(client)

    leave(gone)

    page = team(client)
    assert page.count("Wanda Left") == 6  # three things, each with a link that names its owner
    assert "Kim Stays" in page  # of the team, and not among who left
    for word in ("standing in for an approver", "whom the rule names", "lets nobody in any more"):
        assert word in page


def test_whom_the_team_removed_leaves_things_behind_as_well(door: Door) -> None:
    maker = person(door.ground, "pay", name="Wanda Left")
    ruled(door.ground)
    invoice = door.ground.bill("250.00")
    with narrowed_to([door.ground.account().pk]):
        asked(ready(door.ground, maker, invoice), maker)
    with writing():
        Contact.objects.filter(user=maker).delete()

    assert OWNER in team(as_role(door, "administer", HARBORLINE))


def test_of_another_customer_nothing_is_shown(door: Door) -> None:
    maker = person(door.ground, "pay", name="Wanda Left")
    ruled(door.ground)
    invoice = door.ground.bill("250.00")
    with narrowed_to([door.ground.account().pk]):
        asked(ready(door.ground, maker, invoice), maker)
    leave(maker)
    alpine = as_role(door, "administer", ALPINE, email="luca@example.test")

    assert "Wanda Left" not in team(alpine)
