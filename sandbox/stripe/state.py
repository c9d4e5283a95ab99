"""What all parts of the running sandbox share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import Request

from sandbox.stripe.store import Store


@dataclass(frozen=True)
class Pace:
    """How fast the pretend banks are, in seconds."""

    settle: float = 3
    returned: float = 10


@dataclass
class Sandbox:
    """One running server."""

    store: Store
    pace: Pace
    public_url: str  # the origin of the hosted pages (checkout.stripe.com) and of the API
    script_url: str = ""  # the origin of the browser script (js.stripe.com)
    wake: asyncio.Event = field(default_factory=asyncio.Event)  # something may be due now


def sandbox_of(request: Request) -> Sandbox:
    """Return the sandbox that a request came to."""
    return cast("Sandbox", request.app.state.sandbox)
