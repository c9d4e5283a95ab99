"""Who must have a second factor, from when on, and which payments want a fresh proof."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from threading import Event
from uuid import UUID

import pytest

from quittance.core import clock
from quittance.core.money import Money
from quittance.identity.browsers import note_sign_in
from quittance.identity.factors.app import remove_app
from quittance.identity.factors.second_step import begin_second_step, was_vouched
from quittance.identity.fresh import is_fresh, note_proof
from quittance.identity.models import SignIn, User
from quittance.identity.policy import (
    BelowZero,
    Policy,
    count_factors,
    enrol_from,
    keep_policy,
    policy_of,
    wants_proof,
)
from quittance.identity.sign_in import begin_session
from quittance.tenancy.rows import reading, writing
from tests.identity.people import browser, new_user, who_is_in
from tests.identity.test_factors import app_for
from tests.payments.together import all_at_once

YESTERDAY = date(2020, 1, 1)


def wish_for(user: User) -> str:
    with reading():
        return policy_of().wish_for(user)


def test_a_new_organization_wants_it_of_staff_after_two_weeks(
    organization: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    priya, dana = new_user(role="clerk"), new_user("dana@x.example")

    assert (wish_for(priya), wish_for(dana)) == ("offered", "offered")
    later = clock.now() + timedelta(days=15)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (wish_for(priya), wish_for(dana)) == ("required", "offered")


@pytest.mark.parametrize("wish", ["off", "offered", "required"])
def test_an_organization_says_what_it_wants_of_buyers(organization: UUID, wish: str) -> None:
    keep_policy(Policy(staff="offered", staff_from=YESTERDAY, buyers=wish))

    assert wish_for(new_user()) == wish
    assert wish_for(new_user("p@x.example", role="clerk")) == "offered"


def test_who_must_have_a_factor_and_has_none_is_in_only_to_add_one(organization: UUID) -> None:
    keep_policy(Policy(staff_from=YESTERDAY))
    without, session = new_user(role="clerk"), browser()
    begin_session(session, without)
    session.save()
    has, other = new_user("sam@x.example", role="manager"), browser()
    app_for(has)
    begin_session(other, has)
    other.save()

    found = who_is_in(session, organization)
    assert found is not None
    assert found.must_enrol
    found = who_is_in(other, organization)
    assert found is not None
    assert not found.must_enrol


def test_a_stricter_policy_reaches_who_is_signed_in_at_the_next_request(
    organization: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_policy(Policy(staff="offered", staff_from=YESTERDAY, buyers="off"))
    people = {
        "clerk": new_user("c@x.example", role="clerk"), "buyer": new_user("b@x.example"),
        "vouched": new_user("v@x.example"), "has": new_user("h@x.example", role="clerk"),
    }  # fmt: skip
    app_for(people["has"])
    sessions = {}
    for who, user in people.items():
        session = sessions[who] = browser()
        begin_session(session, user, vouched=who == "vouched")
        session.save()

    def held() -> set[str]:
        inside = {who: who_is_in(session, organization) for who, session in sessions.items()}
        return {who for who, user in inside.items() if user and user.must_enrol}

    before = held()
    tomorrow = clock.now() + timedelta(days=1)
    keep_policy(Policy(staff="required", staff_from=tomorrow.date(), buyers="required"))
    at_once = held()
    keep_policy(Policy(staff="required", staff_from=YESTERDAY, buyers="offered"))

    assert (before, at_once, held()) == (set(), {"buyer"}, {"clerk"})


def test_a_policy_that_begins_while_somebody_is_signed_in_counts_from_then_on(
    organization: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, session = new_user(role="clerk"), browser()
    soon = clock.now() + timedelta(days=2)
    keep_policy(Policy(staff_from=soon.date()))
    midnight = datetime.combine(soon.date(), time(), UTC)
    monkeypatch.setattr(clock, "now", lambda: midnight - timedelta(minutes=5))
    begin_session(session, user)
    session.save()
    early = who_is_in(session, organization)
    monkeypatch.setattr(clock, "now", lambda: midnight)
    late = who_is_in(session, organization)

    assert early
    assert late
    assert (early.must_enrol, late.must_enrol) == (False, True)


def test_with_the_last_factor_goes_what_it_had_opened_and_a_new_one_opens_it(
    organization: UUID,
) -> None:
    keep_policy(Policy(staff_from=YESTERDAY))
    user, session = new_user(role="clerk"), browser()
    app_for(user)
    begin_session(session, user)
    session.save()

    def held() -> bool:
        found = who_is_in(session, organization)
        return bool(found and found.must_enrol)

    seen = [held()]
    with writing():
        remove_app(user)
        count_factors(user)
    seen.append(held())
    app_for(user)
    with writing():
        count_factors(user)

    assert [*seen, held()] == [False, True, False]


@pytest.mark.parametrize(
    ("amount", "wanted"),
    [
        (Money(100_000, "USD"), False), (Money(100_001, "USD"), True), (Money(1, "EUR"), True),
        (Money(0, "EUR"), False),
    ],
)  # fmt: skip
def test_a_payment_above_the_organizations_amount_wants_a_fresh_proof(
    organization: UUID, amount: Money, wanted: bool
) -> None:
    keep_policy(Policy(staff_from=YESTERDAY, proof_above=Money(100_000, "USD")))

    with reading():
        assert wants_proof(amount) is wanted


def test_without_an_amount_no_payment_wants_one(organization: UUID) -> None:
    with reading():
        assert not wants_proof(Money(10**12, "USD"))


def test_an_amount_below_zero_is_none(organization: UUID) -> None:
    with pytest.raises(BelowZero):
        keep_policy(Policy(staff_from=YESTERDAY, proof_above=Money(-1, "USD")))


def test_a_proof_is_fresh_for_five_minutes_and_changes_the_sessions_id(
    organization: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = browser()
    key = session.session_key
    assert not is_fresh(session)

    note_proof(session)

    assert is_fresh(session)
    assert session.session_key != key
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=5, seconds=2))
    assert not is_fresh(session)
    monkeypatch.setattr(clock, "now", lambda: now - timedelta(minutes=1))
    assert not is_fresh(session)


def test_a_sign_in_is_a_fresh_proof(organization: UUID) -> None:
    session = browser()
    begin_session(session, new_user())

    assert is_fresh(session)


def test_who_could_only_add_a_factor_before_an_upgrade_can_do_no_more_after_it(
    organization: UUID,
) -> None:
    keep_policy(Policy(staff_from=YESTERDAY))
    user, session = new_user(role="clerk"), browser()
    begin_session(session, user)
    session["enrol"] = True  # so the version before wrote it down, and nothing on the row
    session.save()
    with writing():
        SignIn.objects.update(enrol_from=None)

    def held() -> bool:
        found = who_is_in(session, organization)
        return bool(found and found.must_enrol)

    before = held()
    app_for(user)

    assert (before, held()) == (True, False)


def test_a_session_that_begins_while_the_policy_becomes_stricter_is_reached(
    organization: UUID,
) -> None:
    keep_policy(Policy(staff="offered", staff_from=YESTERDAY))
    user = new_user(role="clerk")
    read, changed = Event(), Event()

    def sign_in() -> None:
        with writing():
            begin = enrol_from(user, vouched=False)
            read.set()
            changed.wait(0.3)  # as long as it must not happen
            note_sign_in(user, browser="", enrol_from=begin)

    def stricter() -> None:
        read.wait(10)
        keep_policy(Policy(staff_from=YESTERDAY))
        changed.set()

    assert list(all_at_once(sign_in, stricter)) == [None, None]
    with reading():
        assert SignIn.objects.get().enrol_from is not None


def test_a_session_that_a_provider_vouched_for_stays_open_without_a_factor(
    organization: UUID,
) -> None:
    keep_policy(Policy(staff_from=YESTERDAY))
    user, session = new_user(role="clerk"), browser()
    begin_second_step(session, user, then="", vouched=True)
    begin_session(session, user, vouched=was_vouched(session))
    session.save()
    with writing():
        count_factors(user)

    found = who_is_in(session, organization)
    assert found
    assert not found.must_enrol
    assert is_fresh(session)
