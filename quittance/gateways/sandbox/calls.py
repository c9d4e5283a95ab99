"""Calls to the sandbox's API: questions, lists page by page, and deeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

import httpx
import msgspec

from quittance.core.errors import OutcomeUnknown, OutsideError, Unavailable
from quittance.gateways.sandbox.credentials import Credentials
from quittance.httpclient.answers import decoded
from quittance.httpclient.client import send

_PAGES: Final = 1000  # of a hundred objects; nobody's list is longer


class HasId(Protocol):
    """Whatever a list holds."""

    @property
    def id(self) -> str: ...


class Page(msgspec.Struct, frozen=True):
    """One page of a list; what it holds is read when its shape is known."""

    data: msgspec.Raw
    has_more: bool


class Error(msgspec.Struct, frozen=True):
    """The inside of an answer that is no success."""

    code: str


class ErrorAnswer(msgspec.Struct, frozen=True):
    """An answer that is no success."""

    error: Error


T = TypeVar("T")
ItemT = TypeVar("ItemT", bound=HasId)


class Calls:
    """One account's calls. They raise ``OutsideError`` and nothing else."""

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self._credentials = credentials
        self._client = client

    def read(self, path: str, shape: type[T], **query: str) -> T:
        """Ask a question."""
        return decoded(self._asked(path, query), shape, Unavailable)

    def page(self, path: str, shape: type[ItemT], **query: str) -> tuple[list[ItemT], bool]:
        """Return one page of a list and whether there is more of it.

        Raises ``Unavailable`` for a page that cannot be one: a list with gaps must not look whole.
        """
        said = decoded(self._asked(path, query), Page, Unavailable)
        items = _unpacked(said.data, shape)
        if said.has_more and not items:
            raise Unavailable("It says that there is more, but not what.", path=path)
        return items, said.has_more

    def all(self, path: str, shape: type[ItemT], **query: str) -> Sequence[ItemT]:
        """Return a whole list, the oldest first, each object once."""
        found: dict[str, ItemT] = {}
        for _ in range(_PAGES):
            items, more = self.page(path, shape, **query)
            new = {item.id: item for item in items}
            if len(new) < len(items) or new.keys() & found.keys():
                raise Unavailable("Its list has an object twice.", path=path)
            found |= new
            if not more:
                return list(found.values())
            query = {**query, "after": items[-1].id}
        raise Unavailable("Its list does not come to an end.", path=path)

    def write(
        self, path: str, shape: type[T], *, key: str = "", content: dict[str, object] | None = None
    ) -> T:
        """Ask for a deed."""
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        request = self._client.build_request(
            "POST", self._url(path), json=content or {}, headers=headers
        )
        return decoded(send(self._client, request, narrow=_narrow), shape, OutcomeUnknown)

    def delete(self, path: str, shape: type[T]) -> T:
        """Ask to forget an object; asking again brings the same answer."""
        request = self._client.build_request("DELETE", self._url(path), headers=self._headers())
        return decoded(send(self._client, request, narrow=_narrow), shape, OutcomeUnknown)

    def _asked(self, path: str, query: dict[str, str]) -> httpx.Response:
        request = self._client.build_request(
            "GET", self._url(path), params=query, headers=self._headers()
        )
        return send(self._client, request, narrow=_narrow)

    def _url(self, path: str) -> str:
        return f"{self._credentials.address.rstrip('/')}/v1{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._credentials.api_key}"}


def _narrow(response: httpx.Response) -> OutsideError | None:
    """A request whose twin is still at work did nothing itself."""
    if response.status_code == 409 and _code(response.content) == "idempotency_in_progress":
        return Unavailable("The first request with this key is still at work.", status=409)
    return None


def _code(body: bytes) -> str:
    """Return the code of an error, or nothing when it cannot be read."""
    try:
        return msgspec.json.decode(body, type=ErrorAnswer).error.code
    except (msgspec.MsgspecError, ValueError):
        return ""


def _unpacked(data: msgspec.Raw, shape: type[T]) -> list[T]:
    try:
        return msgspec.json.decode(data, type=list[shape])  # type: ignore[valid-type]
    except (msgspec.MsgspecError, ValueError) as error:
        raise Unavailable("Its list can not be read.", problem=str(error)) from error
