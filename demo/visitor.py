"""A visitor without a screen: opens pages, reads their forms and submits them like a browser."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

Fields = list[tuple[str, str]]


class Unexpected(Exception):
    """A page is not what a visitor expects here; the message has its address and first words."""


@dataclass(slots=True)
class Form:
    """A form as it stands on the page: its fields with their values, and its buttons."""

    action: str
    method: str
    attributes: dict[str, str]
    inputs: list[dict[str, str]] = field(default_factory=list)
    buttons: list[dict[str, str]] = field(default_factory=list)

    def values(self) -> Fields:
        """What a browser would send if nobody changed anything."""
        return [
            (each["name"], each.get("value", "on" if _is_tick(each) else ""))
            for each in self.inputs
            if each.get("name")
            and "disabled" not in each
            and (not _is_tick(each) or "checked" in each)
        ]

    def named(self, name: str) -> list[dict[str, str]]:
        """The fields of this name that can be used."""
        return [each for each in self.inputs if each.get("name") == name and "disabled" not in each]


def _is_tick(each: Mapping[str, str]) -> bool:
    return each.get("type") in {"checkbox", "radio"}


class _Reader(HTMLParser):
    """Collects the forms of a page; a select counts with its chosen or first option."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = found.get("method", "get").lower()
            self._open = Form(found.get("action", ""), method, found)
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag in {"input", "textarea"}:
            self._open.inputs.append(found)
        elif tag == "button":
            self._open.buttons.append(found)
        elif tag == "select":
            self._select = found
            self._open.inputs.append(found)
        elif (
            tag == "option"
            and self._select is not None
            and ("selected" in found or "value" not in self._select)
        ):
            self._select["value"] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None


class _Loopback(httpx.HTTPTransport):
    """Finds every ``*.localhost`` here, as browsers do and not every system's resolver."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.host.endswith("localhost"):
            return super().handle_request(request)
        here = httpx.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1"),
            headers=request.headers,  # with the Host that was asked for
            stream=request.stream,
            extensions=request.extensions,
        )
        return super().handle_request(here)


class Visitor:
    """One person with one browser: its cookies, and the page it is on."""

    def __init__(self) -> None:
        self._client = httpx.Client(
            transport=_Loopback(verify=False),  # plain HTTP only: no certificates need be read
            follow_redirects=True,
            timeout=20,
            trust_env=False,
        )
        self.page: httpx.Response | None = None

    def open(self, address: str) -> None:
        """Go to an address, as written on the page we are on."""
        self._arrive(self._client.get(urljoin(self.address, address)))

    def submit(
        self, form: Form, changes: Mapping[str, str] | Fields | None = None, *, keep: bool = True
    ) -> None:
        """Send a form with its values, some of them changed. ``keep=False`` sends only these."""
        changed = list(changes.items()) if isinstance(changes, Mapping) else list(changes or [])
        names = {name for name, _ in changed}
        data: dict[str, list[str]] = {}
        kept = [pair for pair in form.values() if pair[0] not in names] if keep else []
        for name, value in [*kept, *changed]:
            data.setdefault(name, []).append(value)
        target = urljoin(self.address, form.action)
        if form.method == "get":
            self._arrive(self._client.get(target, params=data))
            return
        headers = {"Origin": _origin(self.address), "Referer": self.address}
        self._arrive(self._client.post(target, data=data, headers=headers))

    def download(self, address: str) -> httpx.Response:
        """Fetch a file without leaving the page. Raises ``Unexpected``."""
        answer = self._client.get(urljoin(self.address, address))
        if answer.status_code != 200:
            raise Unexpected(f"{answer.url} answered {answer.status_code}")
        return answer

    @property
    def address(self) -> str:
        """The address of the page we are on."""
        return str(self.page.url) if self.page is not None else ""

    @property
    def source(self) -> str:
        """The page as it was sent."""
        return self.page.text if self.page is not None else ""

    @property
    def text(self) -> str:
        """The words of the page, without tags, in one line."""
        plain = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", self.source, flags=re.DOTALL)
        return " ".join(html.unescape(plain).split())

    def forms(self) -> list[Form]:
        """Every form of the page."""
        reader = _Reader()
        reader.feed(self.source)
        return reader.forms

    def form_with(self, *names: str) -> Form:
        """The form that has fields or buttons of all these names. Raises ``Unexpected``."""
        for form in self.forms():
            if set(names) <= {each.get("name") for each in [*form.inputs, *form.buttons]}:
                return form
        raise Unexpected(f"{self.address} has no form with {', '.join(names)}: {self.text[:300]}")

    def links(self, pattern: str) -> list[str]:
        """The addresses of links on the page that match a regular expression."""
        found = [html.unescape(each) for each in re.findall(r'\bhref="([^"]*)"', self.source)]
        return [each for each in found if re.search(pattern, each)]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _arrive(self, answer: httpx.Response) -> None:
        self.page = answer
        if answer.status_code >= 400:
            raise Unexpected(f"{answer.url} answered {answer.status_code}: {self.text[:300]}")
        onward = re.search(r'<meta http-equiv="refresh" content="0; ?url=([^"]*)"', answer.text)
        if onward:
            self.open(html.unescape(onward[1]))


def _origin(address: str) -> str:
    url = httpx.URL(address)
    return f"{url.scheme}://{url.netloc.decode()}"
