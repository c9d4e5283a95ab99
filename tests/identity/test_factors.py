"""Second factors: each code is good once, secrets are sealed, and what is lost is taken away."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import pyotp
import pytest

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.identity.factors.app import (
    AppAlready,
    NotTheCode,
    begin_app,
    confirm_app,
    is_app_code,
    reseal,
    waiting_app,
)
from quittance.identity.factors.owned import NotOneself, factors_of, take_factors
from quittance.identity.factors.recovery import is_recovery_code, keep_sheet, new_sheet
from quittance.identity.factors.second_step import (
    begin_second_step,
    half_signed_in,
    is_second_factor,
)
from quittance.identity.models import AuthenticatorApp, RecoveryCode, User
from quittance.identity.throttle import TooManyTries
from quittance.tenancy.rows import reading, writing
from tests.audit.house import new_organization
from tests.identity.people import IP, browser, change, new_user, who_is_in
from tests.payments.together import all_at_once


def app_for(user: User) -> pyotp.TOTP:
    """An app that counts; its codes are as of the minute before, so that the present one is new."""
    begin_app(user)
    found = waiting_app(user, seller="Northwind Traders")
    assert found
    totp = pyotp.TOTP(found[0])
    with writing():
        confirm_app(user, totp.at(clock.now()))
        AuthenticatorApp.objects.update(last_step=0)
    return totp


def codes_for(user: User) -> list[str]:
    sheet = new_sheet()
    with writing():
        keep_sheet(user, sheet)
    return sheet.codes


def test_a_code_of_the_app_is_good_once(organization: UUID) -> None:
    user = new_user()
    code = app_for(user).at(clock.now())

    assert is_app_code(user, f" {code[:3]} {code[3:]} ")
    assert not is_app_code(user, code)


def test_of_fifty_uses_of_one_code_at_the_same_moment_one_is_taken(organization: UUID) -> None:
    user = new_user()
    code = app_for(user).at(clock.now())

    got = all_at_once(*[partial(is_app_code, user, code)] * 50)

    assert sorted(map(str, got)) == ["False"] * 49 + ["True"]


def test_a_code_from_before_the_last_one_is_not_taken(organization: UUID) -> None:
    user = new_user()
    totp, now = app_for(user), clock.now()
    before, present = totp.at(now, counter_offset=-1), totp.at(now)

    assert is_app_code(user, present)
    assert before == present or not is_app_code(user, before)


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_phones_clock_may_be_one_step_off(
    organization: UUID, steps: int, taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = new_user()
    totp = app_for(user)
    noon = clock.now().replace(second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: noon)
    near = {totp.at(noon, counter_offset=each) for each in (-1, 0, 1)}
    code = totp.at(noon, counter_offset=steps)

    assert is_app_code(user, code) == taken or code in near


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\x00", "0" * 9999])
def test_what_is_no_code_is_not_taken(organization: UUID, typed: str) -> None:
    user = new_user()
    app_for(user)

    assert not is_app_code(user, typed)


def test_an_app_counts_only_after_its_first_code(organization: UUID) -> None:
    user = new_user()
    begin_app(user)
    found = waiting_app(user, seller="Northwind Traders")
    assert found
    totp = pyotp.TOTP(found[0])

    assert not is_app_code(user, totp.at(clock.now()))
    assert not factors_of(user).any
    with writing(), pytest.raises(NotTheCode):
        confirm_app(user, f"{(int(totp.at(clock.now())) + 1) % 10**6:06d}")
    assert not factors_of(user).any


def test_the_code_that_confirmed_the_app_is_not_taken_again(organization: UUID) -> None:
    user = new_user()
    begin_app(user)
    found = waiting_app(user, seller="Northwind Traders")
    assert found
    code = pyotp.TOTP(found[0]).at(clock.now())
    with writing():
        confirm_app(user, code)

    assert not is_app_code(user, code)


def test_the_square_of_dots_names_seller_and_person(organization: UUID) -> None:
    user = new_user()
    begin_app(user)
    found = waiting_app(user, seller="Müller & Söhne")

    assert found
    parsed = pyotp.parse_uri(found[1])
    assert (parsed.issuer, parsed.name) == ("Müller & Söhne", user.email)


def test_an_app_that_counts_is_not_replaced_unseen(organization: UUID) -> None:
    user = new_user()
    app_for(user)

    with pytest.raises(AppAlready):
        begin_app(user)


def test_the_secret_of_an_app_is_sealed(organization: UUID) -> None:
    user = new_user()
    secret = app_for(user).secret

    with reading():
        row = AuthenticatorApp.objects.get()
    assert secret.encode() not in bytes(row.sealed_secret)
    assert secret not in str(vars(row))


def test_the_secret_of_an_app_goes_along_to_a_new_key(organization: UUID) -> None:
    user = new_user()
    totp = app_for(user)
    with reading():
        before = bytes(AuthenticatorApp.objects.get().sealed_secret)

    assert reseal() == 1

    with reading():
        assert bytes(AuthenticatorApp.objects.get().sealed_secret) != before
    assert is_app_code(user, totp.at(clock.now()))


def test_each_recovery_code_is_good_once_in_any_spelling(organization: UUID) -> None:
    user = new_user()
    first, *others = codes_for(user)

    assert len({first, *others}) == 10
    assert is_recovery_code(user, first.lower().replace("-", " "))
    assert not is_recovery_code(user, first)
    assert is_recovery_code(user, others[0])


def test_a_recovery_code_used_at_once_by_many_is_taken_once(organization: UUID) -> None:
    user = new_user()
    code = codes_for(user)[0]

    got = all_at_once(*[partial(is_recovery_code, user, code)] * 8)

    assert sorted(map(str, got)) == ["False"] * 7 + ["True"]


def test_new_recovery_codes_end_the_old_ones(organization: UUID) -> None:
    user = new_user()
    old, new = codes_for(user), codes_for(user)

    assert not is_recovery_code(user, old[0])
    assert is_recovery_code(user, new[0])


def test_recovery_codes_are_kept_as_hashes_of_a_password(organization: UUID) -> None:
    codes = codes_for(new_user())

    with reading():
        kept = list(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert all(each.startswith("argon2$argon2id$") for each in kept)
    assert not any(code.replace("-", "") in each for code in codes for each in kept)


def test_the_codes_of_one_person_do_nothing_for_another(organization: UUID) -> None:
    dana, luca = new_user(), new_user("luca@alpine.example")
    code = codes_for(dana)[0]
    codes_for(luca)

    assert not is_recovery_code(luca, code)
    assert is_recovery_code(dana, code)


def test_after_the_first_step_nobody_is_in(organization: UUID) -> None:
    user, session = new_user(), browser()
    key = session.session_key

    begin_second_step(session, user, then="/payments")
    session.save()

    assert who_is_in(session, organization) is None
    assert half_signed_in(session, organization) == user
    assert session.session_key != key


def test_the_second_step_is_over_after_ten_minutes_and_elsewhere(
    organization: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, session = new_user(), browser()
    begin_second_step(session, user, then="")

    with new_organization("Fabrikam") as other:
        assert half_signed_in(session, other) is None
    later = clock.now() + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert half_signed_in(session, organization) is None


def test_who_was_switched_off_between_the_steps_gets_no_further(organization: UUID) -> None:
    user, session = new_user(), browser()
    begin_second_step(session, user, then="")
    change(user, is_active=False)

    assert half_signed_in(session, organization) is None


def test_guessing_the_second_step_is_slowed_down(organization: UUID) -> None:
    user = new_user()
    code = app_for(user).at(clock.now())
    wrong = [f"{each:06d}" for each in range(100) if f"{each:06d}" != code][:8]
    taken = [is_second_factor(user, each, ip=IP) for each in wrong]

    assert sum(taken) <= 1  # one of the neighbours, by a chance of one in 100,000
    with pytest.raises(TooManyTries):
        is_second_factor(user, code, ip=IP)


def test_wrong_second_factors_leave_events_and_a_growing_wait_allows_few_a_day(
    organization: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, begin = new_user(), clock.now()
    app_for(user)
    at, waits, tries = begin, [], 0
    while at < begin + timedelta(hours=24):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        monkeypatch.setattr("django.utils.timezone.now", lambda at=at: at)
        try:
            assert not is_second_factor(user, "no code at all", ip=f"10.0.{tries}.1")
            tries += 1
            at += timedelta(seconds=1)
        except TooManyTries as error:
            waits.append(error.retry_after_seconds)
            at += timedelta(seconds=error.retry_after_seconds)

    with reading():
        events = AuditEvent.objects.filter(what="second factor refused")
        told = list(events.values_list("subject_id", "facts__way"))
    assert told == [(user.pk, "recovery code")] * tries
    assert tries == 32
    assert waits[0] <= 600
    assert max(waits) > 6 * 3_600


def test_nobody_takes_their_own_factors_and_a_colleagues_taking_is_kept(organization: UUID) -> None:
    dana, luca = new_user(), new_user("luca@alpine.example")
    app_for(dana)
    codes_for(dana)

    with writing(), pytest.raises(NotOneself):
        take_factors(dana, by=dana)
    assert factors_of(dana).any
    with writing():
        take_factors(dana, by=luca)

    assert factors_of(dana) == (None, [], 0)
    with reading():
        assert AuditEvent.objects.filter(what="second factors taken away").count() == 1
