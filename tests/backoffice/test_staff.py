"""An administrator changes what the seller's own people may do, and it counts at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.identity.staff import change_staff_role
from quittance.notifications.models import Message
from quittance.sso.models import DirectoryPerson, ExternalIdentity, IdentityProvider
from quittance.sso.providers import Wanted, keep_provider
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.backoffice.office import words
from tests.portal.doors import PASSWORD, Door
from tests.portal.test_security import late

SAM = "sam@example.test"


def ada(door: Door) -> Client:
    return door.signed_in(email="ada@example.test", role="administrator", name="Ada Novak")


def person(email: str = SAM) -> User:
    with reading():
        return User.objects.get(email=email)


def page_of(email: str = SAM) -> str:
    return f"/office/team/people/{person(email).pk}"


def told() -> list[tuple[str, str]]:
    with reading():
        rows = Message.objects.filter(kind="staff_access").order_by("next_at", "pk")
        return [(each.to, each.facts["what"]) for each in rows]


def test_another_role_counts_at_once_ends_the_sessions_and_is_written_down(door: Door) -> None:
    sam = door.signed_in(email=SAM, role="manager", name="Sam Reyes")
    office = ada(door)

    answer = office.post(f"{page_of()}/role", {"staff_role": "auditor"})

    assert answer["Location"] == f"{page_of()}?done=role"
    assert person().staff_role == "auditor"
    assert sam.get("/office/payments").status_code == 303
    assert told() == [(SAM, "role")]
    with reading():
        event = AuditEvent.objects.get(what="staff role changed")
    assert event.subject_id == person().pk
    assert event.facts == {"role_before": "manager", "role": "auditor"}
    assert event.actor == f"user:{person('ada@example.test').pk}"


def test_who_is_switched_off_is_out_at_once_and_comes_in_when_switched_on(door: Door) -> None:
    sam = door.signed_in(email=SAM, role="clerk", name="Sam Reyes")
    office = ada(door)

    office.post(f"{page_of()}/off")
    out = sam.get("/office/payments").status_code
    refused = door.client().post("/sign-in", {"email": SAM, "password": PASSWORD}).status_code
    listed = words(office.get("/office/team"))
    office.post(f"{page_of()}/on")
    back = door.client().post("/sign-in", {"email": SAM, "password": PASSWORD})

    assert (out, refused) == (303, 422)
    assert "Switched off" in listed
    assert back["Location"] == "/office/"
    assert told() == [(SAM, "off"), (SAM, "on")]
    assert sam.get("/office/payments").status_code == 303  # the old session is no way in


def test_nobody_changes_their_own_access(door: Door) -> None:
    office = ada(door)
    own = page_of("ada@example.test")

    for act, sent in (("role", {"staff_role": "clerk"}), ("off", {}), ("on", {})):
        answer = office.post(f"{own}/{act}", sent)
        assert answer.status_code == 409, act
        assert "cannot change your own access" in words(answer)

    assert "This is you" in words(office.get(own))
    assert person("ada@example.test").staff_role == "administrator"


@pytest.mark.slow
def test_two_administrators_who_take_it_from_each_other_leave_one(door: Door) -> None:
    first = door.person(email="ada@example.test", role="administrator")
    second = door.person(email="bo@example.test", role="administrator")
    organization_id = door.ground.organization_id

    def take(pair: tuple[User, User]) -> str:
        by, whom = pair
        try:
            with working_for(organization_id, actor="test"), writing():
                change_staff_role(whom.pk, "clerk", by=by)
        except RuleBroken as error:
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as both:
        found = sorted(both.map(take, [(first, second), (second, first)]))

    assert found == ["NotTheirs", "done"]
    with reading():
        assert User.objects.filter(staff_role="administrator", is_active=True).count() == 1


def test_only_an_administrator_opens_it_and_buyers_are_no_staff(door: Door) -> None:
    door.person(email=SAM, role="clerk")
    buyer = door.buyer()
    manager = door.signed_in(email="mia@example.test", role="manager")
    dana = page_of("dana@example.test")

    for client in (buyer, manager):
        assert client.get(page_of()).status_code == 404
        assert client.post(f"{page_of()}/off").status_code == 404
    office = ada(door)
    assert office.get(dana).status_code == 404
    assert office.post(f"{dana}/off").status_code == 404
    assert office.post(f"{dana}/role", {"staff_role": "administrator"}).status_code == 404
    assert person("dana@example.test").is_active


def test_without_a_fresh_proof_nothing_changes(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.person(email=SAM, role="clerk")
    office = ada(door)
    late(monkeypatch, minutes=6)

    for act in ("role", "off", "on"):
        answer = office.post(f"{page_of()}/{act}", {"staff_role": "manager"})
        assert answer["Location"].startswith("/security/prove"), act

    assert person().staff_role == "clerk"


def test_a_role_that_is_none_and_one_of_who_is_switched_off_are_refused(door: Door) -> None:
    door.person(email=SAM, role="clerk")
    office = ada(door)

    for role in ("", "buyer", "owner"):
        assert office.post(f"{page_of()}/role", {"staff_role": role}).status_code == 409
    office.post(f"{page_of()}/off")
    answer = office.post(f"{page_of()}/role", {"staff_role": "manager"})

    assert answer.status_code == 409
    assert "switched off" in words(answer)
    assert person().staff_role == "clerk"


@pytest.fixture
def by_groups(door: Door) -> Callable[..., UUID]:
    """Make Sam somebody whose role an identity provider says."""

    def make(*, left: bool = False) -> UUID:
        sam = door.person(email=SAM, role="clerk", name="Sam Reyes")
        provider = keep_provider(None, Wanted(
            name="Contoso", for_staff=True, issuer="https://login.contoso.example", client_id="x",
            secret="theirs", roles={"ar": "clerk"},
        ))  # fmt: skip
        with writing():
            ExternalIdentity.objects.create(
                provider=provider, subject="s-1", user=sam, seen_at=clock.now(),
                left_at=clock.now() if left else None,
            )  # fmt: skip
            User.objects.filter(pk=sam.pk).update(is_active=not left)
        return sam.pk

    return make


def test_whose_role_comes_from_groups_is_changed_there_but_can_be_switched_off(
    door: Door, by_groups: Callable[..., UUID]
) -> None:
    by_groups()
    office = ada(door)

    shown = words(office.get(page_of()))
    refused = office.post(f"{page_of()}/role", {"staff_role": "manager"})
    office.post(f"{page_of()}/off")

    assert "The role comes from Contoso" in shown
    assert "Change the role" not in shown
    assert refused.status_code == 409
    assert "comes from groups" in words(refused)
    assert not person().is_active


def test_whom_groups_put_out_is_not_switched_on_here(
    door: Door, by_groups: Callable[..., UUID]
) -> None:
    by_groups(left=True)
    office = ada(door)

    answer = office.post(f"{page_of()}/on")

    assert answer.status_code == 409
    assert "No group of this person" in words(answer)
    assert not person().is_active


def test_whom_the_directory_put_out_is_not_switched_on_here(
    door: Door, by_groups: Callable[..., UUID]
) -> None:
    sam, now = by_groups(), clock.now()
    with writing():
        ExternalIdentity.objects.all().delete()  # he never signed in there
        DirectoryPerson.objects.create(
            provider=IdentityProvider.objects.get(), user_id=sam, user_name=SAM, email=SAM,
            domain="example.test", active=False, made_at=now, changed_at=now, ended_at=now,
        )  # fmt: skip
        User.objects.filter(pk=sam).update(is_active=False)
    office = ada(door)

    shown = words(office.get(page_of()))
    answer = office.post(f"{page_of()}/on")

    assert "The directory of Contoso ended this access" in shown
    assert "Switch on" not in shown
    assert answer.status_code == 409
    assert "directory ended" in words(answer)
    assert not person().is_active
