"""What is counted for all processes together: acts, tokens that fit nothing, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from quittance.core import clock
from quittance.identity.factors.second_step import is_second_factor
from quittance.identity.models import SignInTry
from quittance.identity.passwords import prove
from quittance.identity.sign_in import code_sign_in, new_code, password_sign_in
from quittance.identity.throttle import TooManyTries, forget_tries, wait_or_count
from quittance.identity.wrong_tokens import WRONG_AN_HOUR, TooManyWrong, note_wrong_token
from quittance.tenancy.rows import reading, writing
from tests.audit.house import new_organization
from tests.identity.people import EMAIL, PASSWORD, browser, new_user
from tests.payments.together import all_at_once

MINUTE = timedelta(minutes=1)
NO_TIME = timedelta(0)
IP = "203.0.113.7"


def act(who: str = "ann", *, what: str = "look", most: int = 5) -> timedelta:
    """Do something once; return how long to wait."""
    with writing():
        return wait_or_count(what, who, most=most, window=MINUTE)


def test_of_many_at_once_as_many_have_room_as_one_after_another(organization: UUID) -> None:
    waits = all_at_once(*[partial(act)] * 12)

    assert sum(wait <= NO_TIME for wait in waits) == 5
    with reading():
        assert SignInTry.objects.count() == 5  # who waits is not counted again for asking


def looked_at(*deeds: Callable[[], object]) -> int:
    """Do all at the same moment; return how many had room."""
    return sum(not isinstance(got, TooManyTries) for got in all_at_once(*deeds))


def test_of_many_wrong_passwords_at_the_same_moment_eight_are_looked_at(
    organization: UUID,
) -> None:
    user = new_user()
    second = partial(is_second_factor, user, "123456", ip="198.51.100.1")
    proof = partial(prove, user, "wrong", ip="192.0.2.1", browser_id=user.pk)

    assert looked_at(*[partial(password_sign_in, EMAIL, "wrong", ip=IP)] * 16) == 8
    assert looked_at(*[second] * 16) == 8
    with writing():
        SignInTry.objects.all().delete()
    assert looked_at(*[proof] * 16) == 8


def test_of_many_codes_at_the_same_moment_eight_are_made_or_looked_at(organization: UUID) -> None:
    new_user()
    session = browser()
    new_code(EMAIL, session, ip=IP)

    assert looked_at(*[partial(code_sign_in, EMAIL, "none", session, ip=IP)] * 16) == 7
    with writing():
        SignInTry.objects.all().delete()
    assert looked_at(*[partial(new_code, EMAIL, browser(), ip=IP)] * 16) == 8


def test_a_network_of_which_many_sign_in_at_the_same_moment_has_forty_looked_at(
    organization: UUID,
) -> None:
    people = [new_user(f"{each}@harborline.example") for each in range(44)]
    deeds = [partial(password_sign_in, each.email, "wrong", ip=IP) for each in people]

    assert looked_at(*deeds) == 40


def test_what_was_right_is_no_try(organization: UUID) -> None:
    user = new_user()
    for _ in range(9):
        assert password_sign_in(EMAIL, PASSWORD, ip=IP) == user
        prove(user, PASSWORD, ip=IP, browser_id=user.pk)

    with reading():
        assert not SignInTry.objects.exists()


def test_the_wait_that_is_told_is_enough_and_no_longer_than_needed(organization: UUID) -> None:
    for _ in range(5):
        assert act() <= NO_TIME

    wait = act()

    assert MINUTE - timedelta(seconds=20) < wait <= MINUTE
    with writing():
        SignInTry.objects.update(tried_at=clock.now() - MINUTE)
    assert act() <= NO_TIME


def test_each_act_each_person_and_each_organization_counts_alone(organization: UUID) -> None:
    for _ in range(5):
        act()

    assert act() > NO_TIME
    assert act("bob") <= NO_TIME
    assert act(what="send") <= NO_TIME
    with new_organization("Fabrikam"):
        assert act() <= NO_TIME


def test_who_guesses_one_kind_of_link_waits_and_may_open_another_kind(organization: UUID) -> None:
    for _ in range(WRONG_AN_HOUR):
        note_wrong_token("pay-link", IP)

    with pytest.raises(TooManyWrong) as refused:
        note_wrong_token("pay-link", IP)

    assert 0 < refused.value.retry_after_seconds <= 3600
    note_wrong_token("invitation", IP)
    note_wrong_token("pay-link", "198.51.100.7")


def test_what_no_limit_asks_for_any_more_is_thrown_away_and_nothing_else(
    organization: UUID,
) -> None:
    act("today")
    act("once")
    with writing():
        last = SignInTry.objects.order_by("-tried_at", "-pk").values_list("pk", flat=True)[:1]
        SignInTry.objects.filter(pk__in=list(last)).update(
            tried_at=clock.now() - timedelta(hours=26)
        )
        forget_tries()

        assert SignInTry.objects.count() == 1
