"""A provider is asked what it says of itself now and then, not by every visitor."""

from __future__ import annotations

import time
from threading import Event
from typing import Any

import pytest
from django.test import Client
from joserfc.jwk import RSAKey

from quittance.core.errors import Unavailable
from quittance.identity.models import SignInTry
from quittance.portal.sign_in import sso
from quittance.sso.lately import GOOD_FOR_SECONDS, SILENT_FOR_SECONDS, Lately
from quittance.tenancy.rows import reading
from tests.payments.together import all_at_once
from tests.portal.doors import Door
from tests.sso.liar import Liar
from tests.sso.roads import DOMAIN, go, provider, there_and_back


def asked(liar: Liar, path: str) -> int:
    return sum(each == path for each, _ in liar.asked)


def begin(client: Client, domain: str = DOMAIN) -> Any:
    return client.post("/sign-in/company", {"email": f"anybody@{domain}"})


def test_strangers_who_begin_sign_ins_have_the_provider_asked_once(door: Door, liar: Liar) -> None:
    provider(liar)
    client = door.client()

    for _ in range(5):
        go(client)
    there_and_back(door.client(), liar)
    there_and_back(door.client(), liar)

    assert asked(liar, "/.well-known/openid-configuration") == 1
    assert asked(liar, "/jwks") == 1


def test_a_new_key_of_the_provider_is_asked_for_when_a_token_needs_it(
    door: Door, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider(liar)
    there_and_back(door.client(), liar)
    now = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: now)
    liar.key = RSAKey.generate_key(2048, {"kid": "two"})
    liar.header = {"kid": "two"}

    assert there_and_back(door.client(), liar).status_code == 303
    assert asked(liar, "/jwks") == 2


def test_what_was_said_is_believed_for_ten_minutes_and_silence_for_ten_seconds() -> None:
    now, said, times = [100.0], [""], []
    lately: Lately[str] = Lately()

    def ask() -> str:
        times.append(now[0])
        if not said[0]:
            raise Unavailable
        return said[0]

    def at(moment: float) -> str:
        now[0] = moment
        try:
            return lately.of("a", ask)
        except Unavailable:
            return "silent"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: now[0])
        first = [at(100), at(100 + SILENT_FOR_SECONDS - 1)]
        said[0] = "one"
        then = at(100 + SILENT_FOR_SECONDS)
        said[0] = "two"
        late = [at(109 + GOOD_FOR_SECONDS), at(110 + GOOD_FOR_SECONDS)]

    assert (first, then, late) == (["silent", "silent"], "one", ["one", "two"])
    assert len(times) == 3


def test_many_who_come_at_once_have_it_asked_once() -> None:
    lately: Lately[int] = Lately()
    times: list[int] = []
    slow = Event()

    def ask() -> int:
        times.append(1)
        slow.wait(0.2)
        return 7

    found = all_at_once(*([lambda: lately.of("a", ask)] * 8))

    assert (list(found), len(times)) == ([7] * 8, 1)


def test_a_network_that_begins_sign_ins_without_end_has_to_wait(
    door: Door, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider(liar)
    monkeypatch.setattr(sso, "_MOST", 3)
    client = door.client()

    answers = [begin(client).status_code for _ in range(5)]
    last = begin(client)

    assert answers == [200, 200, 200, 429, 429]
    assert int(last["Retry-After"]) > 0
    with reading():
        assert SignInTry.objects.count() == 3
    assert begin(client, "nobody.test").status_code == 422


def test_who_comes_while_a_slow_provider_is_asked_is_not_kept_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("quittance.sso.lately.WAITS_SECONDS", 0.05)
    lately: Lately[int] = Lately()
    asked, over = Event(), Event()

    def slow() -> int:
        asked.set()
        assert over.wait(20)
        return 7

    def other() -> int:
        asked.wait(10)
        try:
            return lately.of("a", slow, within=0)
        finally:
            over.set()

    first, second = all_at_once(lambda: lately.of("a", slow), other)
    asked.clear()
    over.clear()
    third = set(all_at_once(lambda: lately.of("a", slow, within=0), other))

    assert first == 7
    assert isinstance(second, Unavailable)
    assert third == {7}  # what was said before
