"""Passkeys: a challenge is good once, at one host, in one browser, for one person."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.contrib.sessions.backends.db import SessionStore

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.identity.factors.passkeys import (
    NoPasskey,
    Place,
    TooManyPasskeys,
    keep_passkey,
    made_passkey,
    name_passkey,
    options_to_make,
    options_to_use,
    remove_passkey,
    user_by_passkey,
)
from quittance.identity.models import Passkey, PasskeyChallenge, User
from quittance.tenancy.rows import reading, writing
from tests.audit.house import new_organization
from tests.identity.people import browser, change, new_user
from tests.identity.soft_key import SoftKey
from tests.payments.together import all_at_once

HERE = Place("pay.example", "https://pay.example")
Spoil = Callable[[SoftKey], None]


def keep(user: User, session: SessionStore, answer: str, *, name: str = "") -> None:
    """As the page does it."""
    made = made_passkey(session, HERE, answer=answer)
    with writing():
        keep_passkey(user, made, HERE, name=name)


def key_of(user: User, session: SessionStore, **traits: object) -> SoftKey:
    key = SoftKey(**traits)  # type: ignore[arg-type]
    answer = key.made(options_to_make(user, session, HERE, seller="Northwind"))
    keep(user, session, answer, name=" Work\n laptop ")
    return key


def signed_in(
    session: SessionStore, key: SoftKey, *, place: Place = HERE, only: User | None = None
) -> User | None:
    answer = key.used(options_to_use(session, place, only))
    return user_by_passkey(session, place, answer=answer, only=only)


def test_a_passkey_tells_who_it_is_without_a_name_and_without_a_password(
    organization: UUID,
) -> None:
    user, session = new_user(), browser()
    key = key_of(user, session)

    assert signed_in(browser(), key) == user
    with reading():
        row = Passkey.objects.get()
    assert (row.name, row.sign_count) == ("Work laptop", 1)
    assert row.last_used_at


def test_the_browser_is_asked_to_verify_the_person_and_to_keep_the_key(organization: UUID) -> None:
    user, session = new_user(), browser()
    made = json.loads(options_to_make(user, session, HERE, seller="Northwind"))
    used = json.loads(options_to_use(session, HERE))

    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert (used["userVerification"], used["rpId"]) == ("required", "pay.example")
    assert used["allowCredentials"] == []


def test_an_answer_is_good_once(organization: UUID) -> None:
    session = browser()
    key = key_of(new_user(), session, counts=False)
    answer = key.used(options_to_use(session, HERE))

    assert user_by_passkey(session, HERE, answer=answer)
    assert user_by_passkey(session, HERE, answer=answer) is None


def test_an_answer_sent_twice_at_once_is_taken_once(organization: UUID) -> None:
    user, session = new_user(), browser()
    key = key_of(user, session, counts=False)
    answer = key.used(options_to_use(session, HERE))

    got = all_at_once(*[partial(user_by_passkey, session, HERE, answer=answer)] * 8)

    assert sorted(map(str, got)) == sorted(["None"] * 7 + [str(user)])


def test_a_challenge_is_over_after_five_minutes(
    organization: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = browser()
    key = key_of(new_user(), session)
    answer = key.used(options_to_use(session, HERE))
    later = clock.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert user_by_passkey(session, HERE, answer=answer) is None


def test_a_challenge_is_good_in_the_browser_that_asked_for_it(organization: UUID) -> None:
    session, thief = browser(), browser()
    key = key_of(new_user(), session)
    answer = key.used(options_to_use(session, HERE))
    options_to_use(thief, HERE)

    assert user_by_passkey(thief, HERE, answer=answer) is None


def elsewhere(key: SoftKey) -> None:
    key.origin = "https://pay.example.evil"


def other_host(key: SoftKey) -> None:
    key.host = "evil.example"


def unverified(key: SoftKey) -> None:
    key.verifies = False


def copied(key: SoftKey) -> None:
    key.count = 0


def another_key(key: SoftKey) -> None:
    key.private = SoftKey().private


def another_person(key: SoftKey) -> None:
    key.handle = "AAAA"


@pytest.mark.parametrize(
    "spoil", [elsewhere, other_host, unverified, copied, another_key, another_person]
)
def test_a_passkey_that_does_not_fit_lets_nobody_in(organization: UUID, spoil: Spoil) -> None:
    session = browser()
    key = key_of(new_user(), session)
    assert signed_in(session, key)
    assert signed_in(session, key)

    spoil(key)

    assert signed_in(session, key) is None


def test_a_copied_key_is_written_down(organization: UUID) -> None:
    session = browser()
    key = key_of(new_user(), session)
    signed_in(session, key)
    copied(key)
    signed_in(session, key)

    with reading():
        assert AuditEvent.objects.filter(what="passkey refused").count() == 1


@pytest.mark.parametrize("spoil", [elsewhere, other_host, unverified])
def test_a_passkey_that_does_not_fit_is_not_kept(organization: UUID, spoil: Spoil) -> None:
    user, session = new_user(), browser()
    key = SoftKey()
    spoil(key)
    answer = key.made(options_to_make(user, session, HERE, seller="Northwind"))

    with pytest.raises(NoPasskey):
        keep(user, session, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        "1",
        '{"id": 1}',
        "x" * 99_999,
        "[" * 16_000,
        '{"id":"AA","rawId":"AA"}',
    ],
)
def test_what_is_no_answer_is_refused(organization: UUID, answer: str) -> None:
    user, session = new_user(), browser()
    options_to_make(user, session, HERE, seller="Northwind")
    options_to_use(session, HERE)

    assert user_by_passkey(session, HERE, answer=answer) is None
    with pytest.raises(NoPasskey):
        keep(user, session, answer)


def test_as_a_second_step_only_the_persons_own_passkey_counts(organization: UUID) -> None:
    dana, luca, session = new_user(), new_user("luca@alpine.example"), browser()
    key = key_of(luca, session)

    assert signed_in(session, key, only=dana) is None
    assert signed_in(session, key, only=luca) == luca


def test_who_was_switched_off_gets_in_with_no_passkey(organization: UUID) -> None:
    user, session = new_user(), browser()
    key = key_of(user, session)
    change(user, is_active=False)

    assert signed_in(session, key) is None


def test_a_passkey_of_another_organization_is_nobodys(organization: UUID) -> None:
    session = browser()
    key = key_of(new_user(), session)

    with new_organization("Fabrikam"):
        assert signed_in(browser(), key) is None


def test_a_passkey_is_named_and_removed_by_its_person_only(organization: UUID) -> None:
    dana, luca, session = new_user(), new_user("luca@alpine.example"), browser()
    key = key_of(dana, session)
    with reading():
        row = Passkey.objects.get()

    name_passkey(luca, row.pk, "Mine")
    with writing():
        assert not remove_passkey(luca, row.pk)
    name_passkey(dana, row.pk, "Phone")
    with reading():
        assert Passkey.objects.get().name == "Phone"
    with writing():
        assert remove_passkey(dana, row.pk)
    assert signed_in(session, key) is None


def test_nobody_keeps_more_than_ten(organization: UUID) -> None:
    user, session = new_user(), browser()
    for _ in range(10):
        key_of(user, session)

    with pytest.raises(TooManyPasskeys):
        key_of(user, session)


def test_challenges_that_are_over_are_thrown_away(organization: UUID) -> None:
    for _ in range(3):
        options_to_use(browser(), HERE)
    with writing():
        PasskeyChallenge.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    options_to_use(browser(), HERE)

    with reading():
        assert PasskeyChallenge.objects.count() == 1
