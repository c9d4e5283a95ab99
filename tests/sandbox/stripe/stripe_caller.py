"""Calls of a merchant and of the control port, with no client of ours between."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from sandbox.stripe.launch import Running

T = TypeVar("T")
KEY, PUBLIC_KEY = "sk_test_northwind", "pk_test_northwind"


class Caller:
    """One merchant."""

    def __init__(self, running: Running, key: str = KEY) -> None:
        self.running = running
        self.api = httpx.Client(
            base_url=f"{running.url}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=20
        )
        self._control = httpx.Client(base_url=running.control_url, timeout=20)

    def post(self, path: str, *, key: str = "", **asked: Any) -> httpx.Response:
        """Send a form: ``metadata__a="b"`` is ``metadata[a]=b``."""
        form = {bracketed(name): str(value) for name, value in asked.items()}
        return self.api.post(path, data=form, headers={"Idempotency-Key": key} if key else {})

    def made(self, path: str, **asked: Any) -> dict[str, Any]:
        answer = self.post(path, **asked)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def error(self, path: str, **asked: Any) -> dict[str, Any]:
        answer = self.post(path, **asked)
        return {"status": answer.status_code, **answer.json()["error"]}

    def get(self, path: str, **query: object) -> dict[str, Any]:
        params = {bracketed(name): str(value) for name, value in query.items()}
        return dict(self.api.get(path, params=params).raise_for_status().json())

    def tell(self, path: str, **body: object) -> dict[str, Any]:
        return dict(self._control.post(path, json=body).raise_for_status().json())

    def ask(self, path: str) -> list[dict[str, Any]]:
        return list(self._control.get(path).raise_for_status().json()["data"])

    def until(self, look: Callable[[], T]) -> T:
        """Look again and again until there is something."""
        end = time.monotonic() + 30
        while not (seen := look()):
            assert time.monotonic() < end, "It did not come in time."
            time.sleep(0.02)
        return seen

    def close(self) -> None:
        self.api.close()
        self._control.close()


def bracketed(name: str) -> str:
    first, *rest = name.split("__")
    return first + "".join(f"[{part}]" for part in rest)
