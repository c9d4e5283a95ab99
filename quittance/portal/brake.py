"""Slows down who has the seller's accounting system asked, or files looked at, again and again.

The one is asked over the connection that payments are posted over, which takes so many calls only;
the others are drawn anew, which keeps a web thread for seconds. Each web process counts for itself:
a look costs no question to the database, and a count that is lost with its process was of the last
minute only.
"""

from __future__ import annotations

import time
from collections import deque
from functools import wraps
from math import ceil
from threading import Lock
from typing import Final
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils.translation import gettext_noop as noop

from quittance.portal.access import BuyerRequest, View
from quittance.ui.errors import Words, after, error_page

MOST: Final = 20  # looks of one person in WINDOW_SECONDS, at all of these pages together
WINDOW_SECONDS: Final = 60.0
_TOO_FAST: Final = Words(
    noop("That was too fast"),
    noop("Each look is asked of the accounting system, which also books payments. All is well."),
    noop("Wait a minute before you try again."),
)
MOST_WITH_FILES: Final = 6  # times that one person sends files in WINDOW_SECONDS
_TOO_MANY_FILES: Final = Words(
    noop("That was too fast"),
    noop(
        "Each file is looked at, and each image drawn anew, which takes a while. Nothing was sent."
    ),
    noop("Wait a minute before you try again."),
)


class Brake:
    """Counts the looks of each person. Any thread may ask it."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._looks: dict[UUID, deque[float]] = {}  # who looked longest ago comes first
        self._lock = Lock()

    def seconds_to_wait(self, person_id: UUID, now: float) -> float:
        """Count a look at ``now`` (of a clock that only goes on) and return 0.0.

        If there were ``most`` within ``WINDOW_SECONDS``, return how long until there is room.
        """
        with self._lock:
            self._forget(now - WINDOW_SECONDS)
            looks = self._looks.setdefault(person_id, deque(maxlen=self._most))
            if len(looks) == self._most and looks[0] > now - WINDOW_SECONDS:
                return looks[0] + WINDOW_SECONDS - now
            looks.append(now)
            self._looks[person_id] = self._looks.pop(person_id)
            return 0.0

    def _forget(self, before: float) -> None:
        while self._looks:
            longest_ago = next(iter(self._looks))
            if self._looks[longest_ago][-1] > before:
                return
            del self._looks[longest_ago]


_brake = Brake()
_files = Brake(MOST_WITH_FILES)


def asks_the_erp(view: View) -> View:
    """Let a person have the ERP asked ``MOST`` times a minute; then say how long to wait."""

    @wraps(view)
    def wrapped(request: BuyerRequest, **arguments: object) -> HttpResponseBase:
        wait = _brake.seconds_to_wait(request.person.pk, time.monotonic())
        if wait > 0:
            return after(error_page(request, 429, words=_TOO_FAST), ceil(wait))
        return view(request, **arguments)

    return wrapped


def sends_files(view: View) -> View:
    """Let a person send files ``MOST_WITH_FILES`` times a minute; then say how long to wait."""

    @wraps(view)
    def wrapped(request: BuyerRequest, **arguments: object) -> HttpResponseBase:
        if request.method == "POST" and request.FILES:
            wait = _files.seconds_to_wait(request.person.pk, time.monotonic())
            if wait > 0:
                return after(error_page(request, 429, words=_TOO_MANY_FILES), ceil(wait))
        return view(request, **arguments)

    return wrapped
