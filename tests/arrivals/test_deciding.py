"""The seller's team, or who administers the account, says yes or no; one of many has decided."""

from __future__ import annotations

from functools import partial

import pytest
from django.db.utils import IntegrityError

from quittance.arrivals.deciding import NoReason, hand, let_in, refuse, waiting_at
from quittance.arrivals.letting import CannotCome
from quittance.arrivals.models import JoinRequest
from quittance.arrivals.transitions import DecidedAlready
from quittance.audit.models import AuditEvent
from quittance.identity.models import User
from quittance.notifications.models import Message
from quittance.notifications.words import write
from quittance.receivables.models import Contact
from quittance.receivables.people import MayNot
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from quittance.ui.language import speaking
from tests.arrivals.newcomers import NEW, acts_for, ask, at, named, opened, removed_from
from tests.ground import ALPINE, HARBORLINE, Ground
from tests.identity.people import change, new_user
from tests.payments.together import all_at_once


def clerk() -> User:
    return new_user("priya@northwind.test", role="clerk")


def head(ground: Ground, number: str = "", role: str = "administer") -> User:
    person = new_user(f"{role}{number.lower()}@harborline.test")
    acts_for(ground.account(number or HARBORLINE), person, role)
    return person


def asked(ground: Ground) -> JoinRequest:
    opened()
    return ask(at(), named(ground.bill()))


def roles() -> list[str]:
    with reading():
        return list(Contact.objects.filter(user__email=NEW).values_list("role", flat=True))


def test_the_team_lets_somebody_in_who_signs_in_by_a_mailed_code(ground: Ground) -> None:
    found = asked(ground)

    let_in(found.pk, by=clerk())

    assert roles() == ["view"]
    with reading():
        row = JoinRequest.objects.get(pk=found.pk)
        mail = Message.objects.get(kind="join_answered", to=NEW)
        assert AuditEvent.objects.filter(what="join let in", subject_id=found.pk).count() == 1
        assert User.objects.get(email=NEW).name == "Nina Berg"
        with speaking("de"):
            words = write(mail.kind, mail.facts)
    assert (row.status, row.decided_by_id is not None) == ("let_in", True)
    assert "Harborline" in words.subject


def test_who_administers_the_account_decides_within_their_walls(ground: Ground) -> None:
    found, by = asked(ground), head(ground)

    account_id = ground.account().pk

    with narrowed_to([account_id]):
        assert [each.pk for each in waiting_at(account_id)] == [found.pk]
        let_in(found.pk, by=by)

    assert roles() == ["view"]


@pytest.mark.parametrize("role", ["view", "pay", "approve"])
def test_nobody_else_of_the_account_decides(ground: Ground, role: str) -> None:
    found, by = asked(ground), head(ground, role=role)

    with pytest.raises(MayNot):
        let_in(found.pk, by=by)
    with pytest.raises(MayNot):
        refuse(found.pk, reason="no", by=by)
    assert roles() == []


def test_who_administers_another_account_decides_nothing_here(ground: Ground) -> None:
    found, by = asked(ground), head(ground, ALPINE)

    with pytest.raises(MayNot):
        let_in(found.pk, by=by)


def test_an_auditor_decides_nothing(ground: Ground) -> None:
    found = asked(ground)

    with pytest.raises(MayNot):
        let_in(found.pk, by=new_user("aud@northwind.test", role="auditor"))


def test_of_many_who_decide_at_once_one_has(ground: Ground) -> None:
    found, one, two = asked(ground), clerk(), head(ground)

    got = all_at_once(
        partial(let_in, found.pk, by=one), partial(let_in, found.pk, by=two),
        partial(refuse, found.pk, reason="not ours", by=one),
        partial(refuse, found.pk, reason="not ours", by=two),
    )  # fmt: skip

    assert sum(each is None for each in got) == 1
    assert sum(isinstance(each, DecidedAlready) for each in got) == 3
    with reading():
        row = JoinRequest.objects.get(pk=found.pk)
        assert Message.objects.filter(kind="join_answered").count() == 1
    assert roles() == (["view"] if row.status == "let_in" else [])


def test_a_no_says_why_and_makes_nobody(ground: Ground) -> None:
    found, by = asked(ground), clerk()
    for nothing in ("", "  ", "x" * 501):
        with pytest.raises(NoReason):
            refuse(found.pk, reason=nothing, by=by)

    refuse(found.pk, reason="Ask Dana: she invites you.", by=by)

    with reading():
        mail = Message.objects.get(kind="join_answered")
        assert "Ask Dana" in write(mail.kind, mail.facts).text
        assert not User.objects.filter(email=NEW).exists()
    with pytest.raises(DecidedAlready):
        let_in(found.pk, by=by)
    with pytest.raises(IntegrityError), writing():
        JoinRequest.objects.filter(pk=found.pk).update(reason="")


def test_whom_the_team_removed_meanwhile_is_not_let_in(ground: Ground) -> None:
    found, by, person = asked(ground), clerk(), new_user(NEW)
    removed_from(ground.account(), person)

    with pytest.raises(CannotCome):
        let_in(found.pk, by=by)

    with reading():
        assert JoinRequest.objects.get(pk=found.pk).status == "asked"


def test_who_was_switched_off_meanwhile_is_not_let_in(ground: Ground) -> None:
    found, by = asked(ground), clerk()
    change(new_user(NEW), is_active=False)

    with pytest.raises(CannotCome):
        let_in(found.pk, by=by)


def test_somebody_of_the_team_looks_after_it(ground: Ground) -> None:
    found, by = asked(ground), clerk()

    hand(found.pk, owner=by, by=by)

    with reading():
        assert JoinRequest.objects.get(pk=found.pk).owner_id == by.pk


def test_another_customers_walls_hide_it(ground: Ground) -> None:
    found = asked(ground)

    other = ground.account(ALPINE).pk

    with narrowed_to([other]), reading():
        assert not JoinRequest.objects.filter(pk=found.pk).exists()
