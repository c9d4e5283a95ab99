"""Calls to GoCardless: every answer has its object under the name of its kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import httpx
import msgspec

from quittance.core import clock
from quittance.core.errors import OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.gateways.gocardless.credentials import Credentials
from quittance.gateways.gocardless.shapes import ErrorAnswer
from quittance.httpclient.client import send

VERSION: Final = "2015-07-06"
_PAGES: Final = 200  # of 500 objects
_BEFORE_ALL: Final = datetime(2010, 1, 1, tzinfo=UTC)  # GoCardless began in 2011
_A_DAY: Final = timedelta(days=1)  # by so much its clock may differ from ours
_ONE_MOMENT: Final = timedelta(milliseconds=1)  # as it writes them
T = TypeVar("T")


class _Cursors(msgspec.Struct, frozen=True):
    before: str | None = None
    after: str | None = None


class _Meta(msgspec.Struct, frozen=True):
    cursors: _Cursors = _Cursors()


class Calls:
    """One account's calls. They raise ``OutsideError`` and nothing else."""

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self._credentials = credentials
        self._client = client

    def read(self, kind: str, path: str, shape: type[T], **query: str) -> T:
        """Ask a question; ``kind`` is the name under which the answer's object stands."""
        return _opened(self._send("GET", path, query=query), kind, shape, Unavailable)

    def all(self, kind: str, shape: type[T], **query: str) -> list[T]:
        """Return a whole list."""
        found: list[T] = []
        query = {"limit": "500", **query}
        for _ in range(_PAGES):
            rows, cursors = self._page(kind, shape, query)
            found += rows
            if not cursors.after:
                return found
            query = {**query, "after": cursors.after}
        raise Unavailable("Its list does not come to an end.", kind=kind)

    def newer(self, kind: str, shape: type[T], *, than: str, most: int) -> tuple[list[T], bool]:
        """Return what was made just after ``than``, oldest first, and whether there is more.

        Lists have the newest first; ``before`` names the one that follows the page [docs].
        """
        rows, cursors = self._page(kind, shape, {"limit": str(most), "before": than})
        return rows[::-1], bool(cursors.before)

    def oldest(self, kind: str, shape: type[T], *, most: int) -> tuple[list[T], bool]:
        """Return what was made first of all, oldest first, and whether there is more.

        Lists have the newest first and cannot be turned round. So the day before which one page
        holds everything is looked for by halves: some forty questions, however long the list is.
        """
        rows, cursors = self._page(kind, shape, {"limit": str(most)})
        if not cursors.after:
            return rows[::-1], False
        empty, full = _BEFORE_ALL, clock.now() + _A_DAY  # before ``full`` is more than a page
        while full - empty > _ONE_MOMENT:
            middle = empty + (full - empty) / 2
            asked = {"limit": str(most), "created_at[lt]": middle.isoformat()}
            rows, cursors = self._page(kind, shape, asked)
            if rows and not cursors.after:
                return rows[::-1], True
            empty, full = (empty, middle) if rows else (middle, full)
        of_one_moment = self.all(kind, shape, **{"created_at[lt]": full.isoformat()})
        return of_one_moment[::-1][:most], True

    def _page(self, kind: str, shape: type[T], query: dict[str, str]) -> tuple[list[T], _Cursors]:
        response = self._send("GET", f"/{kind}", query=query)
        rows = _opened(response, kind, list[shape], Unavailable)  # type: ignore[valid-type]
        return rows, _opened(response, "meta", _Meta, Unavailable).cursors

    def create(self, kind: str, content: dict[str, Any], shape: type[T], *, key: str) -> T:
        """Make an object, once for each key: a second call returns the first one's object.

        A key that was used is answered by a 409 that names the object [docs].
        """
        try:
            response = self._send("POST", f"/{kind}", content={kind: content}, key=key)
        except Refused as error:
            made = _conflicting(error)
            if not made:
                raise
            return self.read(kind, f"/{kind}/{made}", shape)
        return _opened(response, kind, shape, OutcomeUnknown)

    def act(self, kind: str, id_: str, action: str, shape: type[T]) -> T:
        """Do something to an object."""
        response = self._send("POST", f"/{kind}/{id_}/actions/{action}", content={})
        return _opened(response, kind, shape, OutcomeUnknown)

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        content: dict[str, Any] | None = None,
        key: str = "",
    ) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {self._credentials.access_token}",
            "GoCardless-Version": VERSION,
        } | ({"Idempotency-Key": key} if key else {})
        url = self._credentials.address.rstrip("/") + path
        request = self._client.build_request(
            method, url, params=query, json=content, headers=headers
        )
        return send(self._client, request)


def _opened(response: httpx.Response, kind: str, shape: type[T], lost: type[OutsideError]) -> T:
    """Read what stands under ``kind``. What cannot be read says nothing of what was done."""
    try:
        said = msgspec.json.decode(response.content, type=dict[str, msgspec.Raw])
        return msgspec.json.decode(said[kind], type=shape)
    except (msgspec.MsgspecError, ValueError, KeyError) as error:
        raise lost("Its answer can not be read.", kind=kind, problem=str(error)) from error


def _conflicting(error: Refused) -> str:
    """Return the object that has this idempotency key already; "" when it is another refusal."""
    if error.facts.get("status") != 409:
        return ""
    try:
        said = msgspec.json.decode(str(error.facts.get("body")), type=ErrorAnswer)
    except (msgspec.MsgspecError, ValueError):
        return ""
    return next((each.links.conflicting_resource_id for each in said.error.errors), "")
