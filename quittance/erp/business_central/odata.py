"""Asks and tells Business Central over OData, page by page, and says what went wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from quittance.core.errors import Misconfigured, OutcomeUnknown, Unavailable
from quittance.erp.business_central import limits
from quittance.erp.business_central.answers import explained
from quittance.erp.business_central.credentials import Credentials
from quittance.erp.business_central.token import Token
from quittance.httpclient.client import send

RowT = TypeVar("RowT")
T = TypeVar("T")

_KEPT: Final = "'(),:$"  # what a query may hold as it is
_RENDERING: Final = httpx.Timeout(limits.PDF_SECONDS, connect=5)
_ENCODE: Final = msgspec.json.Encoder(decimal_format="number")


class Unreadable(Unavailable):
    """Business Central sent something that we do not understand. Nothing was taken from it."""


class _Envelope(msgspec.Struct, Generic[RowT]):
    value: list[RowT]
    next_link: str = msgspec.field(name="@odata.nextLink", default="")
    count: int | None = msgspec.field(name="@odata.count", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Generic[RowT]):
    """One page as it came, and the address of the next one; "" when this was the last.

    ``count`` is how many there are in all, where the query asked for it.
    """

    rows: Sequence[RowT]
    next_link: str
    count: int | None = None


class Api:
    """The entities of one environment. May be used from several threads.

    Paths begin with a slash, most of them with ``company``. Reading raises ``Unavailable`` where an
    answer is lost or unreadable, writing ``OutcomeUnknown``.
    """

    def __init__(
        self, credentials: Credentials, client: httpx.Client, *, page_size: int = limits.PAGE_SIZE
    ) -> None:
        self.company = credentials.company
        self._root = credentials.root
        self._services_root = credentials.services_root
        self._client = client
        self._token = Token(credentials, client)
        self._page_size = page_size
        self._origin = _origin(httpx.URL(credentials.root))

    def web_services(self) -> Api:
        """Return what speaks to the pages that were published as web services (OData V4)."""
        other = copy.copy(self)  # the same token, client and page size
        other.company = ""
        other._root = self._services_root
        return other

    def sign_in(self) -> None:
        """Get a token, so that a wrong tenant, client id or secret shows by itself."""
        self._token.value()

    def one(self, path: str, row: type[T], *, entity: str, select: str = "") -> T:
        """Read a single record. Raises ``Gone`` when it does not exist."""
        url = self._url(path, {"$select": select} if select else {})
        return decode(self._read(url, entity=entity).content, row, entity=entity)

    def page(
        self,
        path: str,
        row: type[RowT],
        *,
        entity: str,
        query: Mapping[str, str],
        next_link: str = "",
    ) -> Rows[RowT]:
        """Read one page: the first of ``query``, or the one that ``next_link`` names.

        Every page asks for the same size again. A ``next_link`` that leads to another host is never
        followed: it would be told our token.
        """
        url = next_link or self._url(path, query)
        self._check_link(url)
        answer = self._read(url, entity=entity)
        envelope = decode(answer.content, _Envelope[row], entity=entity)  # type: ignore[valid-type]
        if envelope.next_link:
            self._check_link(envelope.next_link)
            if envelope.next_link == url:
                raise Unreadable(f"The next page of {entity} is the same page.", entity=entity)
        return Rows(rows=envelope.value, next_link=envelope.next_link, count=envelope.count)

    def all(
        self,
        path: str,
        row: type[RowT],
        *,
        entity: str,
        query: Mapping[str, str],
        so_far: Callable[[int], None] | None = None,
    ) -> list[RowT]:
        """Read all pages of something small; ``so_far`` hears after each how many rows it has."""
        found: list[RowT] = []
        link = ""
        for _ in range(limits.PAGES_PER_READ):
            page = self.page(path, row, entity=entity, query=query, next_link=link)
            found += page.rows
            link = page.next_link
            if so_far:
                so_far(len(found))
            if not link:
                return found
        raise Unreadable(f"The pages of {entity} do not end.", entity=entity)

    def binary(self, path: str, *, entity: str, limit: int) -> bytes:
        """Read a stream of at most ``limit`` bytes."""
        answer = self._read(self._url(path, {}), entity=entity, limit=limit, timeout=_RENDERING)
        return answer.content

    def post(self, path: str, body: Mapping[str, object], row: type[T], *, entity: str) -> T:
        """Create a record and return it as Business Central has it."""
        answer = self._write("POST", path, entity=entity, body=body)
        try:
            return decode(answer.content, row, entity=entity)
        except Unreadable as error:
            raise OutcomeUnknown(
                f"The answer about a new {entity} cannot be read.", entity=entity
            ) from error

    def patch(self, path: str, body: Mapping[str, object], *, etag: str, entity: str) -> None:
        """Change a record if it still is what ``etag`` says; else ``Unavailable``."""
        self._write("PATCH", path, entity=entity, body=body, etag=etag)

    def act(self, path: str, *, etag: str, entity: str) -> None:
        """Run a bound action on a record if it still is what ``etag`` says."""
        self._write("POST", path, entity=entity, etag=etag)

    def delete(self, path: str, *, entity: str) -> None:
        """Delete a record, whatever became of it since we read it."""
        self._write("DELETE", path, entity=entity, etag="*")

    def _url(self, path: str, query: Mapping[str, str]) -> str:
        return self._root + path + encoded(query)

    def _check_link(self, url: str) -> None:
        try:
            same = _origin(httpx.URL(url)) == self._origin
        except (httpx.InvalidURL, ValueError):
            same = False
        if not same:
            raise Unreadable(
                "The link to the next page leads to another host; we did not follow it.",
                host=self._origin[1],
            )

    def _read(
        self,
        url: str,
        *,
        entity: str,
        limit: int = limits.ANSWER_BYTES,
        timeout: httpx.Timeout | None = None,
    ) -> httpx.Response:
        return self._send(
            "GET",
            url,
            entity=entity,
            headers={"Prefer": f"odata.maxpagesize={self._page_size}"},
            timeout=timeout,
            limit=limit,
        )

    def _write(
        self,
        method: str,
        path: str,
        *,
        entity: str,
        body: Mapping[str, object] | None = None,
        etag: str = "",
    ) -> httpx.Response:
        headers = {"If-Match": etag} if etag else {}
        content = b""
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = _ENCODE.encode(body)
        return self._send(
            method,
            self._url(path, {}),
            entity=entity,
            headers=headers,
            content=content,
        )

    def _send(
        self,
        method: str,
        url: str,
        *,
        entity: str,
        headers: Mapping[str, str],
        content: bytes = b"",
        timeout: httpx.Timeout | None = None,
        limit: int = limits.ANSWER_BYTES,
    ) -> httpx.Response:
        """Send; when the token is not accepted, which did nothing, once more with a new one."""
        for last in (False, True):
            token = self._token.value()
            request = self._client.build_request(
                method,
                url,
                content=content or None,
                headers={
                    "Authorization": f"Bearer {token}",
                    "Accept": "application/json",
                    "Accept-Language": "en-US",  # of the messages that the AR team reads
                    **headers,
                },
                timeout=timeout or self._client.timeout,  # who made the client knows who waits
            )
            try:
                return send(
                    self._client,
                    request,
                    narrow=lambda response: explained(response, entity=entity),
                    most_bytes=limit,
                )
            except Misconfigured as error:
                if last or error.facts.get("status") != 401:
                    raise
                self._token.forget(token)
        raise AssertionError("the loop returns or raises")


def decode(content: bytes, row: type[T], *, entity: str) -> T:
    """Read JSON strictly; decimals stay exact. Raises ``Unreadable`` saying where it is wrong."""
    try:
        return msgspec.json.decode(content, type=row)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(
            f"The answer about {entity} cannot be read: {error}. Nothing was taken from it.",
            entity=entity,
        ) from error


def translated(rows: Sequence[RowT], translate: Callable[[RowT], T], *, entity: str) -> Sequence[T]:
    """Translate a page; one bad row makes the whole page ``Unreadable``: it must not be skipped."""
    try:
        return [translate(row) for row in rows]
    except (ValueError, ArithmeticError) as error:
        raise Unreadable(
            f"A value in the answer about {entity} makes no sense: {error} "
            "Nothing was taken from it.",
            entity=entity,
        ) from error


def encoded(query: Mapping[str, str]) -> str:
    """Return ``query`` as the end of an address. A space is %20: OData knows no plus sign."""
    pairs = "&".join(f"{name}={quote(value, safe=_KEPT)}" for name, value in query.items())
    return f"?{pairs}" if pairs else ""


def text(value: str) -> str:
    """Return a text as it stands in a filter; an apostrophe is doubled."""
    return "'" + value.replace("'", "''") + "'"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
