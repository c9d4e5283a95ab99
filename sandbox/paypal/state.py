"""What all parts of the running sandbox share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import Request

from sandbox.paypal.certificates import Signer
from sandbox.paypal.store import Store


@dataclass
class Sandbox:
    """One running PayPal."""

    store: Store
    public_url: str  # the origin of the API and of the payer's pages
    signer: Signer
    wake: asyncio.Event = field(default_factory=asyncio.Event)  # something may be due now

    def link(self, rel: str, path: str, method: str = "GET") -> dict[str, str]:
        """Return a link as every object of the API has them."""
        return {"href": f"{self.public_url}{path}", "rel": rel, "method": method}


def sandbox_of(request: Request) -> Sandbox:
    """Return the sandbox that a request came to."""
    return cast("Sandbox", request.app.state.sandbox)
