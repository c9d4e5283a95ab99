"""A buyer's browser, which counts what went wrong and tells what the gateway said on the way."""

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

from demo.visitor import Fields, Form, Unexpected, Visitor

SECONDS = 25  # then a person reloads


@dataclass(slots=True)
class Seen:
    """What all browsers met, by the second of the run."""

    begin: float = field(default_factory=time.monotonic)
    answers: int = 0
    faults: list[tuple[float, int, str]] = field(default_factory=list)  # when, 5xx or 400, where
    silences: list[tuple[float, str]] = field(default_factory=list)  # no answer, or half of one
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> float:
        """Seconds since the begin."""
        return time.monotonic() - self.begin


class NotNow(Exception):
    """The server broke, did not answer or did not hear all; a person tries again."""


class Browser(Visitor):
    """A visitor of the portal. Raises ``NotNow`` for a 5xx, a 400 and for silence."""

    def __init__(
        self, seen: Seen, on_paid: Callable[[str], None], network: str = "198.51.100.1"
    ) -> None:
        super().__init__()
        self._client.headers["X-Forwarded-For"] = network
        self._seen = seen
        self._client.timeout = httpx.Timeout(SECONDS)
        self._on_paid = on_paid
        self._client.event_hooks["response"] = [self._look]

    def open(self, address: str) -> None:
        """Go to an address. Raises ``NotNow``, ``Unexpected``."""
        self._try(lambda: super(Browser, self).open(address))

    def send(self, form: Form, changes: dict[str, str] | None = None) -> None:
        """Send a form. Raises ``NotNow``, ``Unexpected``; either may come after it was taken."""
        self._try(lambda: self.submit(form, changes))

    def send_pairs(self, form: Form, changes: Fields) -> None:
        """Send a form in which a field may stand several times, as ``send`` does."""
        self._try(lambda: self.submit(form, changes))

    def send_aside(self, form: Form) -> None:
        """Press the same button once more and look at nothing: the second half of a double click.

        Errors are counted like any other.
        """
        target = urljoin(self.address, form.action)
        data = dict(form.values())
        try:
            self._client.post(
                target, data=data, follow_redirects=False,
                headers={"Origin": target[: target.index("/", 8)], "Referer": self.address},
            )  # fmt: skip
        except httpx.HTTPError as error:
            self._silent(error)

    @property
    def host(self) -> str:
        """Host and port of the page we are on."""
        return urlsplit(self.address).netloc

    @property
    def path(self) -> str:
        """The path of the page we are on."""
        return urlsplit(self.address).path

    @property
    def headline(self) -> str:
        """The page's first heading."""
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.source, re.DOTALL)
        return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""

    def fact(self, name: str) -> str:
        """What the page says beside a name."""
        pattern = rf"<dt>[^<]*\b{name}\b[^<]*</dt>\s*<dd[^>]*>\s*([^<]*)"
        found = re.search(pattern, self.source, re.IGNORECASE)
        return html.unescape(found[1]).strip() if found else ""

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except httpx.HTTPError as error:
            self._silent(error)
            raise NotNow(type(error).__name__) from error
        except Unexpected as error:
            if self.page is not None and _asks_to_try_again(self.page.status_code):
                raise NotNow(str(error)) from error
            raise

    def _silent(self, error: httpx.HTTPError) -> None:
        with self._seen.lock:
            self._seen.silences.append((self._seen.now(), type(error).__name__))

    def _look(self, answer: httpx.Response) -> None:
        with self._seen.lock:
            self._seen.answers += 1
            if _asks_to_try_again(answer.status_code):
                self._seen.faults.append(
                    (self._seen.now(), answer.status_code, answer.request.url.path)
                )
        onward = answer.headers.get("Location", "")
        if answer.status_code == 303 and "from=gateway" in onward:
            self._on_paid(onward)  # the gateway took it, whatever becomes of the way back


def _asks_to_try_again(status: int) -> bool:
    """It broke; or half of what we sent came: a web server that slept has waited long enough."""
    return status >= 500 or status == 400
