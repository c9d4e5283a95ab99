"""What every control port has: its routes, and the clock that a test moves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.serving import clock
from sandbox.serving.store import Store

Handler = TypeVar("Handler")


def new_app(
    sandbox: object,
    handlers: Iterable[tuple[str, str, Handler]],
    endpoint: Callable[[Handler], Callable[[Request], Awaitable[Response]]],
) -> Starlette:
    """Return an application of ``handlers`` (method, path, handler) for one sandbox."""
    routes = [
        Route(path, endpoint(handler), methods=[method]) for method, path, handler in handlers
    ]
    app = Starlette(routes=routes)
    app.state.sandbox = sandbox
    return app


def set_clock(store: Store, seconds: float) -> None:
    """Set how many seconds the clock is ahead of the true time; a restart knows it again."""
    clock.set_ahead(seconds)
    store.set_setting("clock_ahead", seconds)


def true_clock(store: Store) -> None:
    """Go back to the true time; what waits goes on waiting as long as it still had to."""
    ahead = clock.ahead()
    with store.transaction():
        store.run("UPDATE timer SET due_at = due_at - ?", ahead)
        store.run("UPDATE delivery SET due_at = due_at - ? WHERE state = 'waiting'", ahead)
        set_clock(store, 0.0)
