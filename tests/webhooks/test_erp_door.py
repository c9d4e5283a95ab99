"""Hints of an ERP at the door, and the real thing over real HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import override_settings

from quittance.connections.keep import keep_gateway_account
from quittance.connections.open import hint_secret
from quittance.payments.jobs import advance
from quittance.receivables.subscriptions import ask_for_hints
from quittance.tenancy.hosts import _remembered
from quittance.tenancy.models import Host
from quittance.tenancy.rows import writing
from quittance.webhooks.views import BODY_LIMIT
from tests import described
from tests.ground import Ground
from tests.portal.doors import Door
from tests.receivables.test_hints import notice, path_of, pulls_waiting


def say(door: Door, body: bytes, *, path: str = "", query: str = "") -> tuple[int, bytes]:
    answer = door.client().post(
        f"/hooks/erp/{path or path_of(door.ground)}{query}", body, content_type="application/json"
    )
    assert described.unlike_of(answer) == []
    return answer.status_code, answer.content


def test_a_hint_is_thanked_for_and_wakes_a_pull(door: Door) -> None:
    status, _ = say(door, notice(hint_secret(door.ground.legal_entity_id)))

    assert status == 200
    assert pulls_waiting(door.ground) == 1


def test_a_forged_hint_is_refused(door: Door) -> None:
    assert say(door, notice("wrong"))[0] == 400
    assert pulls_waiting(door.ground) == 0


def test_a_handshake_is_answered_with_its_token_as_plain_text(door: Door) -> None:
    answer = door.client().post(
        f"/hooks/erp/{path_of(door.ground)}?validationToken=%3Cb%3Eabc",
        b"", content_type="text/plain",
    )  # fmt: skip

    assert (answer.status_code, answer.content) == (200, b"<b>abc")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_hint_at_an_unknown_address_is_answered_404(door: Door) -> None:
    assert say(door, notice("x"), path="nowhere")[0] == 404


def test_a_hint_that_is_too_large_is_answered_413(door: Door) -> None:
    assert say(door, b"x" * (BODY_LIMIT + 1))[0] == 413


def test_settings_that_do_not_open_ask_the_erp_to_come_back(door: Door) -> None:
    body = notice(hint_secret(door.ground.legal_entity_id))

    with override_settings(SEAL_KEY="another key, and long enough" * 2):
        assert say(door, body)[0] == 503

    assert pulls_waiting(door.ground) == 0


def test_business_central_itself_is_answered_and_wakes_the_pull(ground: Ground) -> None:
    with _served(ground) as address:
        ask_for_hints(ground.legal_entity_id, address)
        ground.world.clerk("invoice", customer="C-10482", amount="12.00")

        _wait_for(lambda: pulls_waiting(ground) == 1)

    assert pulls_waiting(ground) == 1


def test_the_gateways_own_webhooks_bring_a_payment_home(ground: Ground) -> None:
    url = ground.world.gateway.url
    key = {"Authorization": "Bearer sk_sandbox_demo"}
    with _served(ground) as address:
        hook = {"url": f"{address}/hooks/gateway/{ground.webhook_path}"}
        made = ground.world.client.post(f"{url}/v1/webhook_endpoints", json=hook, headers=key)
        endpoint = made.raise_for_status().json()
        try:
            settings = {"address": url, "api_key": "sk_sandbox_demo",
                        "webhook_secret": endpoint["secret"]}  # fmt: skip
            with writing():
                keep_gateway_account(kind="sandbox", name="Gateway", settings=settings)
            payment = ground.pay((ground.bill("100.00"), "100.00"))
            ground.on_page(payment)
            _wait_for(lambda: _woken(payment))
        finally:
            ground.world.client.delete(f"{url}/v1/webhook_endpoints/{endpoint['id']}", headers=key)

    advance(organization_id=str(ground.organization_id), payment_id=str(payment.pk))
    assert ground.again(payment).status == "succeeded"


def _woken(payment: Any) -> bool:
    from procrastinate.contrib.django.models import ProcrastinateJob

    return ProcrastinateJob.objects.filter(args__payment_id=str(payment.pk)).exists()


def _wait_for(holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("it did not come within five seconds")


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _served(ground: Ground) -> Iterator[str]:
    """Serve the portal on a free port; the host "127.0.0.1" is the ground's organization."""
    application = get_wsgi_application()

    def answer(environ: Any, start: Any) -> Any:
        try:
            return application(environ, start)
        finally:
            connections.close_all()

    with writing():
        host = Host.objects.create(name="127.0.0.1", organization_id=ground.organization_id)
    _remembered.clear()
    with make_server("127.0.0.1", 0, answer, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            with writing():
                host.delete()
            _remembered.clear()
