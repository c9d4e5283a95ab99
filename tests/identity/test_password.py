"""Signing in by password."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError

from quittance.core import clock
from quittance.identity.models import SignInTry, User
from quittance.identity.sign_in import begin_session, end_session, password_sign_in
from quittance.identity.throttle import WINDOW, TooManyTries, note_try
from quittance.tenancy.rows import reading, writing
from tests.audit.house import new_organization
from tests.identity.people import EMAIL, IP, PASSWORD, browser, change, new_user, who_is_in


def tries() -> int:
    with reading():
        return SignInTry.objects.count()


def guess(times: int, *, email: str = EMAIL, ip: str = IP) -> None:
    """Have somebody guess wrong so many times."""
    with writing():
        for _ in range(times):
            note_try(email=email, ip=ip)


def test_the_right_password_lets_in(organization: UUID) -> None:
    user = new_user()

    assert password_sign_in(EMAIL, PASSWORD, ip=IP) == user
    assert tries() == 0


@pytest.mark.parametrize("typed", ["  Dana@Harborline.Example ", "DANA@HARBORLINE.EXAMPLE"])
def test_an_address_may_be_typed_in_any_case(organization: UUID, typed: str) -> None:
    user = new_user()

    assert password_sign_in(typed, PASSWORD, ip=IP) == user


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper(), "x" * 5000])
def test_a_wrong_password_does_not_and_is_counted(organization: UUID, password: str) -> None:
    new_user()

    assert password_sign_in(EMAIL, password, ip=IP) is None
    assert tries() == 2  # for the address and for the network


def test_an_unknown_address_is_answered_and_counted_like_a_wrong_password(
    organization: UUID,
) -> None:
    assert password_sign_in("nobody@harborline.example", PASSWORD, ip=IP) is None
    assert tries() == 2


def test_who_was_switched_off_is_not_let_in(organization: UUID) -> None:
    change(new_user(), is_active=False)

    assert password_sign_in(EMAIL, PASSWORD, ip=IP) is None


def test_who_has_no_password_is_not_let_in_by_one(organization: UUID) -> None:
    new_user(password="")

    assert password_sign_in(EMAIL, "", ip=IP) is None
    assert password_sign_in(EMAIL, "nobody has this password", ip=IP) is None


@pytest.mark.parametrize("typed", ["dana\x00@harborline.example", "\x00", "", "@" * 1000])
def test_an_address_that_is_none_is_nobodys(organization: UUID, typed: str) -> None:
    assert password_sign_in(typed, "pass\x00word", ip="no address") is None


def test_after_eight_wrong_tries_even_the_right_password_waits(organization: UUID) -> None:
    new_user()
    guess(8)

    with pytest.raises(TooManyTries):
        password_sign_in(EMAIL, PASSWORD, ip="198.51.100.1")


def test_another_person_in_another_network_does_not_wait(organization: UUID) -> None:
    new_user()
    guess(8, email="other@harborline.example")

    assert password_sign_in(EMAIL, PASSWORD, ip="198.51.100.1")


def test_a_network_that_guesses_many_addresses_waits(organization: UUID) -> None:
    new_user()
    for each in range(40):
        guess(1, email=f"{each}@harborline.example", ip=f"203.0.113.{each}")

    with pytest.raises(TooManyTries):
        password_sign_in(EMAIL, PASSWORD, ip="203.0.113.200")


def test_a_guesser_with_many_addresses_of_version_six_is_one_network(organization: UUID) -> None:
    for each in range(40):
        guess(1, email=f"{each}@harborline.example", ip=f"2001:db8::{each:x}")

    with pytest.raises(TooManyTries):
        password_sign_in(EMAIL, PASSWORD, ip="2001:db8::ffff")


def test_a_guesser_does_not_slow_down_everybody_whom_a_server_sees_by_version_six(
    organization: UUID,
) -> None:
    new_user()
    for each in range(40):
        guess(1, email=f"{each}@harborline.example", ip=f"::ffff:203.0.113.{each}")

    assert password_sign_in(EMAIL, PASSWORD, ip="::ffff:198.51.100.1")
    with pytest.raises(TooManyTries):
        password_sign_in(EMAIL, PASSWORD, ip="203.0.113.1")


def test_after_ten_minutes_the_tries_are_forgotten(organization: UUID) -> None:
    new_user()
    guess(8)
    with writing():
        SignInTry.objects.update(tried_at=clock.now() - WINDOW - timedelta(seconds=1))

    assert password_sign_in(EMAIL, PASSWORD, ip=IP)


def test_guesses_at_another_organization_do_not_count_here(organization: UUID) -> None:
    new_user()
    with new_organization("Fabrikam"):
        guess(8)

    assert password_sign_in(EMAIL, PASSWORD, ip=IP)


def test_an_address_is_one_user_per_organization(organization: UUID) -> None:
    new_user()

    with pytest.raises(IntegrityError):
        new_user()


def test_the_same_address_at_two_organizations_is_two_users(organization: UUID) -> None:
    here = new_user(password="the password of here")

    with new_organization("Fabrikam"):
        there = new_user(password="the password of there")
        assert password_sign_in(EMAIL, "the password of here", ip=IP) is None
        assert password_sign_in(EMAIL, "the password of there", ip=IP) == there

    assert here.pk != there.pk


def test_an_address_is_kept_in_small_letters(organization: UUID) -> None:
    with pytest.raises(IntegrityError, match="user_email_lower_case"), writing():
        User.objects.create(email="Dana@harborline.example", name="Dana")


def test_who_signed_in_is_known_at_the_next_request(organization: UUID) -> None:
    session, user = browser(), new_user()

    begin_session(session, user)
    session.save()

    assert who_is_in(session, organization) == user


def test_signing_in_changes_the_sessions_id(organization: UUID) -> None:
    session = browser()
    before = session.session_key

    begin_session(session, new_user())

    assert session.session_key != before


def test_a_session_of_another_organization_is_nobodys(organization: UUID) -> None:
    session, user = browser(), new_user()
    begin_session(session, user)
    session.save()

    with new_organization("Fabrikam") as elsewhere:
        assert who_is_in(session, elsewhere) is None


def test_who_is_switched_off_is_out_at_the_next_request(organization: UUID) -> None:
    session, user = browser(), new_user()
    begin_session(session, user)
    session.save()

    change(user, is_active=False)

    assert who_is_in(session, organization) is None


def test_signing_out_everywhere_ends_sessions_that_began_before(organization: UUID) -> None:
    old, new, user = browser(), browser(), new_user()
    begin_session(old, user)
    old.save()
    change(user, signed_out_at=clock.now())
    begin_session(new, user)
    new.save()

    assert who_is_in(old, organization) is None
    assert who_is_in(new, organization) == user


def test_signing_out_ends_the_session_for_good(organization: UUID) -> None:
    session, user = browser(), new_user()
    begin_session(session, user)
    session.save()
    key = session.session_key

    end_session(session)

    assert not session.exists(key)


def test_nobody_is_in_at_a_fresh_browser(organization: UUID) -> None:
    assert who_is_in(browser(), organization) is None


def test_the_next_person_at_a_browser_finds_nothing_of_the_last_one(organization: UUID) -> None:
    session = browser()
    begin_session(session, new_user())
    session["picks"] = ["of the first"]

    begin_session(session, new_user("luca@alpine.example"))

    assert "picks" not in session


def test_signing_in_again_as_oneself_keeps_what_was_chosen(organization: UUID) -> None:
    session, user = browser(), new_user()
    begin_session(session, user)
    session["picks"] = ["of the first"]

    begin_session(session, user)

    assert session["picks"] == ["of the first"]
