"""Guesses by the thousand against what slows guessers down, from one network and from many."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F

from quittance.identity.models import SignInTry, User
from quittance.identity.throttle import _GROWING, _LIMITS, WINDOW
from quittance.identity.wrong_tokens import WRONG_AN_HOUR
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.intruder.knock import Answer, Visitor
from tests.intruder.rows import PASSWORD
from tests.intruder.world import World

MANY: Final = 500  # networks of a guesser who has many
_OWNER: Final = "203.0.113.9"  # where who owns the account comes from


@dataclass
class Series:
    """Guesses at one thing, and what became of them."""

    name: str
    most: int  # that may be looked at within one window of its brake
    window: timedelta
    sent: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    let_in: int = 0
    sent_back: int = 0  # to the first step, which was too long ago
    owner_in: bool | None = None  # a quarter of an hour later; ``None``: nobody owns it
    seconds: float = 0.0

    @property
    def looked_at(self) -> int:
        """How many were compared with anything; the rest was told to wait."""
        return self.sent - self.answers[429] - self.sent_back

    @property
    def allowed(self) -> int:
        """How many may be, for the time that it took."""
        return self.most * (1 + int(self.seconds // self.window.total_seconds()))

    def wrong(self) -> Iterator[str]:
        """Say in sentences what must not be."""
        if self.looked_at > self.allowed:
            yield f"{self.name}: {self.looked_at} looked at, {self.allowed} allowed"
        if self.let_in:
            yield f"{self.name}: {self.let_in} let in"
        if self.owner_in is False:
            yield f"{self.name}: the owner is kept out a quarter of an hour later"
        if not self.answers[429]:
            yield f"{self.name}: nobody was told to wait, so it shows nothing"


def guess(world: World, count: int) -> list[Series]:
    """Guess ``count`` times at each thing. Half way the right answer is among the guesses."""
    people = world.people()
    person = next(each for each in people if each.name == "buyer")
    half = next(each for each in people if each.name == "between")
    first = _second(half, count)  # its first step is good for ten minutes
    return [first, *(each(person, count) for each in (_passwords, _spread, _codes, _links))]


def _passwords(person: Visitor, count: int) -> Series:
    """One account's password; half of the guesses from one network, half from many."""
    nobody, mail = Visitor("anonymous", person.seller), _mail_of(person)

    def one(n: int) -> Answer:
        password = PASSWORD if n == count // 2 else f"wrong guess {n}"
        return nobody.ask("POST", "/sign-in", urlencode({"email": mail, "password": password}),
                          headers={"x-forwarded-for": _network(n, count)})  # fmt: skip

    series = _run(Series("a password", _LIMITS["address"], WINDOW), count, one)
    _let_pass(person, timedelta(minutes=15))
    again = nobody.ask("POST", "/sign-in", urlencode({"email": mail, "password": PASSWORD}),
                       headers={"x-forwarded-for": _OWNER})  # fmt: skip
    series.owner_in = again.status == 303
    return series


def _spread(person: Visitor, count: int) -> Series:
    """One password at as many accounts, from one network."""
    nobody = Visitor("anonymous", person.seller)

    def one(n: int) -> Answer:
        fields = {"email": f"somebody{n}@x.example", "password": PASSWORD}
        return nobody.ask("POST", "/sign-in", urlencode(fields),
                          headers={"x-forwarded-for": f"198.51.100.{n % 250}"})  # fmt: skip

    _let_pass(person, timedelta(minutes=15))
    return _run(Series("one password at many accounts", _LIMITS["network"], WINDOW), count, one)


def _codes(person: Visitor, count: int) -> Series:
    """The code that was mailed to somebody, in the browser that asked for it."""
    nobody, mail = Visitor("anonymous", person.seller), _mail_of(person)
    _let_pass(person, timedelta(minutes=15))
    asked = nobody.ask("POST", "/sign-in/send-code", urlencode({"email": mail}),
                       headers={"x-forwarded-for": _OWNER})  # fmt: skip
    nobody.key = _session(asked.cookies)

    def one(n: int) -> Answer:
        return nobody.ask("POST", "/sign-in/code", urlencode({"code": f"{n:06d}"}),
                          headers={"x-forwarded-for": _network(n, count)})  # fmt: skip

    return _run(Series("a mailed code", _LIMITS["address"], WINDOW), count, one)


def _second(half: Visitor, count: int) -> Series:
    """The code of an app, by who knows the password."""

    def one(n: int) -> Answer:
        return half.ask("POST", "/sign-in/second", urlencode({"code": f"{n:06d}"}),
                        headers={"x-forwarded-for": _network(n, count)})  # fmt: skip

    most, window = _GROWING[0]
    return _run(Series("a second factor", most, window), count, one)


def _links(person: Visitor, count: int) -> Series:
    """Tokens of pay links, from one network."""
    nobody = Visitor("anonymous", person.seller)

    def one(n: int) -> Answer:
        return nobody.ask("POST", f"/pay/{n:08d}{'z' * 35}",
                          headers={"x-forwarded-for": "198.51.103.7"})  # fmt: skip

    return _run(Series("tokens of pay links", WRONG_AN_HOUR, timedelta(hours=1)), count, one)


def _run(series: Series, count: int, one: Callable[[int], Answer]) -> Series:
    began = time.monotonic()
    for n in range(count):
        answer = one(n)
        series.sent += 1
        series.answers[answer.status] += 1
        leads = answer.headers.get("Location", "").partition("?")[0]
        series.sent_back += leads == "/sign-in"
        series.let_in += bool(leads) and leads != "/sign-in"
    series.seconds = time.monotonic() - began
    return series


def report(found: list[Series]) -> list[Mapping[str, object]]:
    """Return the figures, for the report."""
    return [
        {
            "what": each.name, "guesses": each.sent, "looked at": each.looked_at,
            "allowed": each.allowed, "let in": each.let_in, "owner in later": each.owner_in,
            "answers": {str(status): n for status, n in sorted(each.answers.items())},
            "seconds": round(each.seconds, 1),
        }
        for each in found
    ]  # fmt: skip


def _network(n: int, count: int) -> str:
    """Half of the guesses come from one network, half from many."""
    if n < count // 2:
        return f"198.51.101.{n % 250}"
    return f"10.{n % MANY // 250}.{n % 250}.7"


def _mail_of(person: Visitor) -> str:
    with working_for(person.seller.id, actor="test"), reading():
        return User.objects.get(pk=person.user).email


def _let_pass(person: Visitor, time_passed: timedelta) -> None:
    with working_for(person.seller.id, actor="test"), writing():
        SignInTry.objects.update(tried_at=F("tried_at") - time_passed)


def _session(cookies: SimpleCookie) -> str:
    return cookies[settings.SESSION_COOKIE_NAME].value
