"""A second person's word: never one's own, for exactly what was asked, and once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection
from django.test import override_settings

from quittance.confirmations.jobs import expire_confirmations
from quittance.confirmations.models import Confirmation, SecondPersonRule
from quittance.confirmations.requests import (
    Another,
    AskerGone,
    NoReason,
    NotYours,
    Over,
    WaitsAlready,
    Wish,
    ask,
    confirm,
    content_of,
    done,
    refuse,
    reseal,
    withdraw,
)
from quittance.confirmations.rules import NobodyElse, kinds_on, switch_off, switch_on, wants_second
from quittance.confirmations.transitions import DecidedAlready
from quittance.connections.keep import keep_gateway_account
from quittance.connections.models import GatewayAccount
from quittance.connections.open import settings_of
from quittance.core import clock
from quittance.identity.models import User
from quittance.notifications.models import Message
from quittance.notifications.words import write
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.confirmations.conftest import Office, person
from tests.confirmations.words import SECRET, acting, again, asked, events
from tests.ground import Ground


def yes(row: Confirmation, by: User, **other: Any) -> Confirmation:
    with acting(by), writing():
        given = confirm(row.pk, by=by, fingerprint=other.get("fingerprint", row.fingerprint))
        done(given)
    return given


def mails(kind: str) -> list[tuple[str, dict[str, Any]]]:
    with reading():
        return list(Message.objects.filter(kind=kind).order_by("to").values_list("to", "facts"))


def test_who_asked_never_confirms_it(office: Office) -> None:
    row = asked(office.mia)

    with pytest.raises(NotYours):
        yes(row, office.mia)

    assert again(row).status == "asked"


def test_postgresql_itself_refuses_who_asked(office: Office) -> None:
    row = asked(office.mia)

    with pytest.raises(IntegrityError, match="both accounts are one person's"), writing():
        Confirmation.objects.filter(pk=row.pk).update(
            status="confirmed", decided_by=office.mia, decided_at=clock.now()
        )


def test_postgresql_lets_nobody_decide_or_ask_in_the_name_of_another(office: Office) -> None:
    row = asked(office.mia)

    with pytest.raises(IntegrityError, match="in the name of another"), writing():
        Confirmation.objects.filter(pk=row.pk).update(
            status="confirmed", decided_by=office.ivan, decided_at=clock.now()
        )
    with pytest.raises(IntegrityError, match="asks in the name of another"), writing():
        ask(Wish(kind="credentials", about="y", title="", shown=[], content={}), by=office.ivan)


def test_a_second_account_of_the_same_person_is_nobody_else(office: Office) -> None:
    twin = person("manager", "mia+2@example.test")
    row = asked(office.mia)

    with pytest.raises(NotYours):
        yes(row, twin)
    with (
        pytest.raises(IntegrityError, match="both accounts are one person's"),
        acting(twin),
        writing(),
    ):
        Confirmation.objects.filter(pk=row.pk).update(
            status="confirmed", decided_by=twin, decided_at=clock.now()
        )


def test_who_may_not_do_it_has_no_word_about_it(office: Office) -> None:
    row = asked(office.mia)

    with pytest.raises(NotYours):
        yes(row, office.clerk)
    with pytest.raises(NotYours), acting(office.clerk), writing():
        refuse(row.pk, by=office.clerk, reason="I think not")


def test_it_is_done_once_and_what_was_sealed_is_gone(office: Office) -> None:
    row = asked(office.mia)
    with acting(office.ivan), writing():
        given = confirm(row.pk, by=office.ivan, fingerprint=row.fingerprint)
        assert content_of(given) == {"key": SECRET}
        done(given)

    with pytest.raises(DecidedAlready):
        yes(row, office.ada)
    assert (again(row).status, bytes(again(row).sealed)) == ("done", b"")
    assert events(row.pk) == ["confirmation asked", "confirmation given", "confirmation used"]


def test_a_yes_is_to_what_the_page_showed(office: Office) -> None:
    row = asked(office.mia)

    with pytest.raises(Another):
        yes(row, office.ivan, fingerprint="0" * 64)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("shown", "'[]'"), ("title", "'x'"), ("fingerprint", "'x'"), ("kind", "'rules'"),
        ("about", "'x'"), ("subject_id", "gen_random_uuid()"), ("note", "'x'"),
        ("expires_at", "now() + interval '1 year'"),
    ],
)  # fmt: skip
def test_what_was_asked_for_never_changes(office: Office, column: str, value: str) -> None:
    row = asked(office.mia)

    with (
        pytest.raises(IntegrityError, match="what was asked for stays"),
        writing(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"UPDATE confirmations_confirmation SET {column} = {value} WHERE id = %s", [row.pk]
        )


def test_secrets_that_were_sealed_for_another_row_are_not_done(office: Office) -> None:
    one, other = asked(office.mia), asked(office.mia, about="z", content={"key": "another"})
    forged = again(one)
    forged.fingerprint = other.fingerprint

    with pytest.raises(Another):
        content_of(forged)


def test_no_secret_stands_in_the_clear_anywhere(office: Office) -> None:
    row = asked(office.mia)

    with reading(), connection.cursor() as cursor:
        for table in ("confirmations_confirmation", "audit_auditevent", "notifications_message"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            assert SECRET not in cursor.fetchone()[0], table
    assert SECRET.encode() not in bytes(again(row).sealed)


def test_all_who_may_confirm_are_told_and_who_asked_of_the_end(office: Office) -> None:
    row = asked(office.mia, note="The old key leaks")

    told = mails("confirmation_asked")
    with acting(office.ivan), writing():
        refuse(row.pk, by=office.ivan, reason="Not today")

    assert [to for to, _ in told] == ["ada@example.test", "ines@example.test", "ivan@example.test"]
    with reading():
        words = write("confirmation_asked", told[0][1])
    assert "Mia Lang asks for this" in words.text
    assert "The old key leaks" in words.text
    assert mails("confirmation_told") == [
        ("mia@example.test", {"title": "Settings of Stripe", "what": "refused",
                              "reason": "Not today", "who": "Ivan Petrov"}),
    ]  # fmt: skip
    answer = mails("confirmation_told")[0][1]
    with reading():
        assert "Not today" in write("confirmation_told", answer).text


def test_a_no_says_why(office: Office) -> None:
    row = asked(office.mia)

    with pytest.raises(NoReason), acting(office.ivan), writing():
        refuse(row.pk, by=office.ivan, reason="  ")


def test_only_who_asked_takes_it_back(office: Office) -> None:
    row = asked(office.mia)
    with pytest.raises(NotYours), acting(office.ivan), writing():
        withdraw(row.pk, by=office.ivan)

    with writing():
        withdraw(row.pk, by=office.mia)

    with pytest.raises(DecidedAlready):
        yes(row, office.ivan)
    assert (again(row).status, bytes(again(row).sealed)) == ("withdrawn", b"")


def test_after_its_days_nobody_confirms_and_the_clock_ends_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = asked(office.mia)
    later = clock.now() + timedelta(days=7, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    with pytest.raises(Over):
        yes(row, office.ivan)
    with (
        pytest.raises(IntegrityError, match="confirmation_in_time"),
        acting(office.ivan),
        writing(),
    ):
        Confirmation.objects.filter(pk=row.pk).update(
            status="confirmed", decided_by=office.ivan, decided_at=later
        )
    expire_confirmations(0)

    assert again(row).status == "expired"
    assert events(row.pk)[-1] == "confirmation expired"


def test_one_change_of_a_thing_waits_at_a_time(office: Office) -> None:
    asked(office.mia)

    with pytest.raises(WaitsAlready):
        asked(office.ivan)


@pytest.mark.parametrize("change", [{"is_active": False}, {"staff_role": "clerk"}])
def test_what_a_leaver_asked_for_is_not_done(office: Office, change: dict[str, Any]) -> None:
    row = asked(office.mia)
    with writing():
        User.objects.filter(pk=office.mia.pk).update(**change)

    with pytest.raises(AskerGone):
        yes(row, office.ivan)


def test_what_waits_is_sealed_with_the_key_of_now(office: Office) -> None:
    row = asked(office.mia)
    with override_settings(SEAL_KEY="another key " * 4, SEAL_KEY_BEFORE=settings.SEAL_KEY):
        assert reseal() == 1
    with override_settings(SEAL_KEY="another key " * 4, SEAL_KEY_BEFORE=""):
        assert content_of(again(row)) == {"key": SECRET}


def test_settings_of_a_gateway_count_only_with_another_persons_word(
    ground: Ground, office: Office
) -> None:
    with pytest.raises(IntegrityError, match="another person has to confirm this"), writing():
        GatewayAccount.objects.filter(pk=ground.gateway_account_id).update(sealed_settings=b"new")
    row = asked(office.ivan, subject_id=ground.gateway_account_id)
    with writing():
        given = confirm(row.pk, by=office.mia, fingerprint=row.fingerprint)
        GatewayAccount.objects.filter(pk=ground.gateway_account_id).update(sealed_settings=b"new")
        done(given)

    with pytest.raises(IntegrityError, match="another person has to confirm this"), writing():
        GatewayAccount.objects.filter(pk=ground.gateway_account_id).update(sealed_settings=b"old")


def test_the_word_about_one_connection_is_none_about_another(
    ground: Ground, office: Office
) -> None:
    with working_for(ground.organization_id, actor="operator"), writing():
        other = keep_gateway_account(kind="sandbox", name="Second", settings={"a": "b"})
    row = asked(office.ivan, subject_id=other.pk)

    with writing():
        confirm(row.pk, by=office.mia, fingerprint=row.fingerprint)

    with pytest.raises(IntegrityError, match="another person has to confirm this"), writing():
        GatewayAccount.objects.filter(pk=ground.gateway_account_id).update(sealed_settings=b"new")


def test_the_operators_commands_are_not_held_up(ground: Ground, office: Office) -> None:
    with working_for(ground.organization_id, actor="connect"), writing():
        row = GatewayAccount.objects.get(pk=ground.gateway_account_id)
        keep_gateway_account(kind=row.kind, name=row.name, settings={"api_key": "by hand"})

    with reading():
        assert settings_of(GatewayAccount.objects.get(pk=row.pk)) == {"api_key": "by hand"}


def test_to_want_a_second_person_no_more_wants_one(office: Office) -> None:
    row = asked(office.ines, kind="rules", about="rules", content={"off": "credentials"})
    with pytest.raises(IntegrityError, match="another person has to confirm this"), writing():
        switch_off(["credentials"])
    with pytest.raises(IntegrityError, match="another person has to confirm this"), writing():
        SecondPersonRule.objects.all().delete()

    with acting(office.ada), writing():
        given = confirm(row.pk, by=office.ada, fingerprint=row.fingerprint)
        switch_off(["credentials"])
        done(given)

    with reading():
        assert kinds_on() == []
        assert not wants_second("rules")


def test_nothing_is_wanted_that_nobody_could_give(ground: Ground) -> None:
    person("administrator", "ada@example.test")
    person("administrator", "ada+again@example.test")

    with pytest.raises(NobodyElse), writing():
        switch_on(["credentials"])
    person("administrator", "ines@example.test")
    with writing():
        switch_on(["credentials"])

    with reading():
        assert wants_second("credentials")
        assert wants_second("rules")
