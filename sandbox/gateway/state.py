"""What all parts of the running sandbox share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import Request

from sandbox.gateway.payments import Pace
from sandbox.gateway.store import Store


@dataclass
class Sandbox:
    """One running gateway."""

    store: Store
    pace: Pace
    public_url: str  # the origin of the API and of the hosted page
    wake: asyncio.Event = field(default_factory=asyncio.Event)  # something may be due now


def sandbox_of(request: Request) -> Sandbox:
    """Return the sandbox that a request came to."""
    return cast("Sandbox", request.app.state.sandbox)
