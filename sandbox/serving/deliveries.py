"""Sends signed messages to their receivers, again and again until one says 2xx."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from sandbox.serving.clock import now
from sandbox.serving.store import Row, Store

_AT_ONCE: Final = 8
_TIMEOUT_SECONDS: Final = 5
_REORDER_SECONDS: Final = 0.5  # how long an odd event is held back when order is to break


@dataclass(frozen=True)
class Message:
    """One signed message, ready to be sent."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Post:
    """How a server writes: the message of a row of ``delivery``, and how often it tries."""

    message_of: Callable[[Row], Message | None]  # None when there is nobody to write to any more
    backoff: Sequence[float]  # seconds after each failed attempt; then it gives up


def queue(
    store: Store, event_id: str, receivers: Iterable[Mapping[str, str]], *, number: int = 0
) -> None:
    """Plan an event's deliveries, as webhooks behave now, in the caller's transaction.

    ``receivers`` say which column of ``delivery`` names them; ``number`` counts the events.
    """
    behaviour = store.setting("webhooks", {})
    due_at = now() + float(behaviour.get("delay", 0)) + float(store.setting("webhook_delay", 0))
    if behaviour.get("reorder") and number % 2:
        due_at += _REORDER_SECONDS
    state = "dropped" if behaviour.get("drop") else "waiting"
    for receiver in receivers:
        for _ in range(2 if behaviour.get("double") else 1):
            store.insert("delivery", **receiver, event_id=event_id, state=state, due_at=due_at)


async def send(client: httpx.AsyncClient, message: Message) -> str:
    """Send once and return what came back: a status, or the name of what went wrong."""
    try:
        answer = await client.post(message.url, content=message.body, headers=message.headers)
    except httpx.HTTPError as error:
        return type(error).__name__
    return str(answer.status_code)


def new_client() -> httpx.AsyncClient:
    """Return the client for deliveries: it follows no redirect and waits five seconds."""
    return httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False, follow_redirects=False)


class Deliveries:
    """The deliveries under way; ``finished`` is called when one has ended."""

    def __init__(
        self, store: Store, client: httpx.AsyncClient, post: Post, finished: Callable[[], None]
    ) -> None:
        self._store = store
        self._client = client
        self._post = post
        self._finished = finished
        self._flying: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        """Whether no more can start now."""
        return len(self._flying) >= _AT_ONCE

    def start_due(self) -> None:
        """Start what is due, in no promised order. Each is leased, so that a kill repeats it."""
        for delivery in self._store.all(
            "SELECT * FROM delivery WHERE state = 'waiting' AND due_at <= ?"
            " ORDER BY due_at, seq LIMIT ?",
            now(),
            _AT_ONCE - len(self._flying),
        ):
            self._store.run(
                "UPDATE delivery SET due_at = ? WHERE seq = ?",
                now() + 2 * _TIMEOUT_SECONDS,
                delivery["seq"],
            )
            task = asyncio.create_task(self._deliver(delivery))
            self._flying.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._finished()

    async def _deliver(self, delivery: Row) -> None:
        message = self._post.message_of(delivery)
        if message is None:
            return
        answer = await send(self._client, message)
        attempts, backoff = delivery["attempts"] + 1, self._post.backoff
        delivered = answer.startswith("2")
        state = "delivered" if delivered else "waiting" if attempts <= len(backoff) else "given_up"
        pause = backoff[attempts - 1] if state == "waiting" else 0
        self._store.run(
            "UPDATE delivery SET state = ?, attempts = ?, due_at = ?, last_answer = ?"
            " WHERE seq = ?",
            state, attempts, now() + pause, answer, delivery["seq"],
        )  # fmt: skip
