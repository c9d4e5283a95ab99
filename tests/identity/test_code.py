"""Signing in by a mailed code: once, soon, in the browser that asked for it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from quittance.core import clock
from quittance.identity.models import SignInCode
from quittance.identity.sign_in import begin_session, code_sign_in, new_code
from quittance.identity.throttle import TooManyTries
from quittance.tenancy.rows import reading, writing
from tests.audit.house import new_organization
from tests.identity.people import EMAIL, IP, browser, change, new_user, who_is_in
from tests.payments.together import all_at_once


def asked(session: object) -> str:
    """Ask for a code and return it, as if read from the mail."""
    made = new_code(EMAIL, session, ip=IP)  # type: ignore[arg-type]
    assert made is not None
    return made[1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_right_code_lets_in(organization: UUID) -> None:
    user, session = new_user(), browser()

    assert code_sign_in(EMAIL, asked(session), session, ip=IP) == user


def test_spaces_in_a_code_do_not_matter(organization: UUID) -> None:
    user, session = new_user(), browser()
    code = asked(session)

    assert code_sign_in(EMAIL, f" {code[:3]} {code[3:]}\n", session, ip=IP) == user


def test_a_code_is_good_once(organization: UUID) -> None:
    new_user()
    session = browser()
    code = asked(session)
    code_sign_in(EMAIL, code, session, ip=IP)

    assert code_sign_in(EMAIL, code, session, ip=IP) is None


def test_a_code_sent_twice_at_once_lets_in_once(organization: UUID) -> None:
    user, session = new_user(), browser()
    code = asked(session)

    got = all_at_once(*[partial(code_sign_in, EMAIL, code, session, ip=IP)] * 4)

    assert sorted(map(str, got)) == sorted(["None"] * 3 + [str(user)])


@pytest.mark.parametrize("typed", ["", "abc", "12345", "1234567", "٠١٢٣٤٥", "\x00"])
def test_what_is_no_code_does_not_let_in(organization: UUID, typed: str) -> None:
    new_user()
    session = browser()
    asked(session)

    assert code_sign_in(EMAIL, typed, session, ip=IP) is None


def test_a_code_does_not_let_in_at_another_browser(organization: UUID) -> None:
    new_user()
    code = asked(browser())
    thief = browser()

    assert code_sign_in(EMAIL, code, thief, ip=IP) is None


def test_a_code_is_over_after_ten_minutes(organization: UUID) -> None:
    new_user()
    session = browser()
    code = asked(session)
    with writing():
        SignInCode.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    assert code_sign_in(EMAIL, code, session, ip=IP) is None


def test_after_five_wrong_tries_the_right_code_is_no_longer_good(organization: UUID) -> None:
    new_user()
    session = browser()
    code = asked(session)
    for _ in range(5):
        assert code_sign_in(EMAIL, wrong(code), session, ip=IP) is None

    assert code_sign_in(EMAIL, code, session, ip=IP) is None


def test_after_four_wrong_tries_it_still_is(organization: UUID) -> None:
    user, session = new_user(), browser()
    code = asked(session)
    for _ in range(4):
        code_sign_in(EMAIL, wrong(code), session, ip=IP)

    assert code_sign_in(EMAIL, code, session, ip=IP) == user


def test_a_new_code_ends_the_one_before(organization: UUID) -> None:
    user, session = new_user(), browser()
    first = asked(session)
    second = asked(session)

    assert first == second or code_sign_in(EMAIL, first, session, ip=IP) is None
    assert code_sign_in(EMAIL, second, session, ip=IP) == user


def test_asking_for_code_after_code_is_slowed_down(organization: UUID) -> None:
    new_user()
    for _ in range(8):
        asked(browser())

    with pytest.raises(TooManyTries):
        new_code(EMAIL, browser(), ip=IP)


def test_a_stranger_gets_no_code_and_cannot_tell(organization: UUID) -> None:
    session = browser()

    assert new_code("nobody@harborline.example", session, ip=IP) is None
    assert code_sign_in("nobody@harborline.example", "000000", session, ip=IP) is None


def test_who_was_switched_off_gets_no_code_and_uses_none(organization: UUID) -> None:
    user, session = new_user(), browser()
    code = asked(session)
    change(user, is_active=False)

    assert new_code(EMAIL, browser(), ip=IP) is None
    assert code_sign_in(EMAIL, code, session, ip=IP) is None


def test_a_code_is_not_kept_as_it_is(organization: UUID) -> None:
    new_user()
    code = asked(browser())

    with reading():
        kept = SignInCode.objects.get()
    assert code not in kept.code_hash
    assert len(kept.code_hash) == 64


def test_a_code_of_another_organization_does_not_let_in(organization: UUID) -> None:
    new_user()
    session = browser()
    code = asked(session)

    with new_organization("Fabrikam"):
        new_user()
        assert code_sign_in(EMAIL, code, session, ip=IP) is None


def test_a_code_lets_the_session_begin(organization: UUID) -> None:
    user, session = new_user(), browser()
    code_sign_in(EMAIL, asked(session), session, ip=IP)

    begin_session(session, user)
    session.save()

    assert who_is_in(session, organization) == user
    assert "browser" not in session
