"""Lines of the log as JSON: who, what and about which payment; never what opens something."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.config import DictConfigurator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from procrastinate.contrib.django import app

from quittance.project.log_lines import Json, job_line
from tests.ground import Ground
from tests.portal.doors import Door, make_door, plain_files

MANAGER = {"email": "mia@example.test", "role": "administrator"}


@pytest.fixture
def door(ground: Ground, tmp_path: Any) -> Iterator[Door]:
    with plain_files(tmp_path), make_door(ground) as door:
        yield door


@contextmanager
def log() -> Iterator[tuple[io.StringIO, io.StringIO]]:
    """What becomes of all records meanwhile: as JSON, and as lines for people."""
    root, files = logging.getLogger(), (io.StringIO(), io.StringIO())
    told = DictConfigurator(settings.LOGGING)
    for name, file in zip(("json", "line"), files, strict=True):
        handler = logging.StreamHandler(file)
        handler.setFormatter(told.configure_formatter(settings.LOGGING["formatters"][name]))
        handler.name = f"test-{name}"
        root.addHandler(handler)
    told_of = [root, logging.getLogger("quittance.request")]
    before = [each.level for each in told_of]
    for each in told_of:
        each.setLevel(logging.INFO)
    try:
        yield files
    finally:
        for each, level in zip(told_of, before, strict=True):
            each.setLevel(level)
        for handler in [each for each in root.handlers if (each.name or "").startswith("test-")]:
            root.removeHandler(handler)


def read(file: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.getvalue().splitlines()]


def test_a_page_leaves_one_line_with_its_route_and_the_number_that_the_answer_says(
    door: Door,
) -> None:
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))
    client = door.buyer()
    with log() as (lines, _):
        answer = client.get(f"/payments/{payment.pk}?secret=none")

    (told,) = [each for each in read(lines) if each["logger"] == "quittance.request"]
    assert told["route"] == "/payments/<uuid:payment_id>"
    assert (told["method"], told["status"], told["level"]) == ("GET", 200, "INFO")
    assert told["payment"] == str(payment.pk)
    assert told["request"] == answer["X-Request-ID"]
    assert told["time"].endswith("+00:00")
    assert told["milliseconds"] >= 0


def test_a_line_says_for_whom_it_was_written_and_nothing_is_left_for_the_next(
    door: Door,
) -> None:
    with log() as (lines, _):
        logging.getLogger("quittance.test").info("within")
        door.buyer().get(f"/payments/{uuid4()}")
        logging.getLogger("quittance.test").info("after")

    within, after = (each for each in read(lines) if each["message"] in {"within", "after"})
    assert within["organization"] == str(door.ground.organization_id)
    assert within["actor"] == "test"
    assert "payment" not in after
    assert "request" not in after


def test_a_line_that_anybody_could_break_is_still_one_line() -> None:
    record = logging.makeLogRecord({"msg": 'a\nb "c" \u2028 %s', "args": ("\r\x1b[0m",)})

    told = Json().format(record)

    assert "\n" not in told
    assert told.isascii()
    assert json.loads(told)["message"] == 'a\nb "c" \u2028 \r\x1b[0m'


def test_what_a_record_brings_along_is_left_out_unless_it_is_named() -> None:
    record = logging.makeLogRecord({"msg": "x", "request": "secret", "body": "b", "status": 204})

    assert {*json.loads(Json().format(record))} == {"time", "level", "logger", "message", "status"}


def test_lines_of_a_job_say_which_job_and_payment_they_are_about(database: None) -> None:
    payment, name = uuid4(), f"test.speaks.{uuid4().hex[:6]}"

    @app.task(queue=name, name=name)
    def speaks(*, payment_id: str) -> None:
        logging.getLogger("quittance.test").info("in the job")
        raise ValueError("client_secret=neither-this-nor-that")

    async def work() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as running:  # type: ignore[attr-defined]
            async with running.open_async():
                await running.tasks[name].defer_async(payment_id=str(payment))
                await running.run_worker_async(
                    queues=[name], wait=False, install_signal_handlers=False,
                    worker_middleware=[job_line],
                )  # fmt: skip

    with log() as (lines, plain):
        asyncio.run(work())

    (told,) = [each for each in read(lines) if each["message"] == "in the job"]
    assert (told["payment"], told["task"]) == (str(payment), name)
    assert isinstance(told["job"], int)
    assert "ValueError" in lines.getvalue()
    assert "neither-this" not in lines.getvalue() + plain.getvalue()


def _mark(place: int) -> str:
    return f"cnry{place:02d}{uuid4().hex}"


def test_of_forty_secrets_that_go_through_every_door_none_is_in_a_line(door: Door) -> None:
    marks = iter([_mark(place) for place in range(100)])
    planted: list[str] = []

    def mark() -> str:
        planted.append(next(marks))
        return planted[-1]

    with log() as (lines, plain):
        _strangers(door, mark)
        _people(door, mark)
        _machines(door, mark)
        _words_of_faults(mark)

    written = lines.getvalue() + plain.getvalue()
    assert len(planted) >= 40
    assert [secret for secret in planted if secret in written] == []
    assert written.count("quittance.request") >= 50


def _strangers(door: Door, mark: Any) -> None:
    client = door.client()
    client.post("/sign-in", {"email": "dana@example.test", "password": mark()})
    client.post("/sign-in/send-code", {"email": "dana@example.test"})
    client.post("/sign-in/code", {"code": mark()})
    client.post("/sign-in/second", {"code": mark()})
    client.get(f"/sign-in/company/back?code={mark()}&state={mark()}")
    client.post(f"/sign-in/company/back?code={mark()}", {"state": mark(), "SAMLResponse": mark()})
    passkey = json.dumps({"id": mark(), "response": {"signature": mark()}})
    client.post("/sign-in/passkey", passkey, content_type="application/json")
    for where in ("/pay/", "/invited/", "/mails/off/", "/profile/mail/"):
        for ask in (client.get, client.post, client.put):
            ask(f"{where}{mark()}")
    client.get(f"/nothing-here?token={mark()}&password={mark()}")
    client.cookies["session"] = mark()
    client.cookies["csrf"] = mark()
    shown = {"authorization": f"Bearer {mark()}", "x-api-key": mark(), "x-csrftoken": mark()}
    client.get("/invoices", headers=shown)
    strict = Client(headers={"host": door.host}, enforce_csrf_checks=True)
    strict.post("/sign-in", {"password": mark(), "csrfmiddlewaretoken": mark()})


def _people(door: Door, mark: Any) -> None:
    client = door.signed_in(**MANAGER)
    client.post("/security/prove", {"password": mark()})
    client.post("/security/app/confirm", {"code": mark()})
    client.post("/profile/password", {"old": mark(), "new": mark(), "password": mark()})
    office = f"/office/connections/erp/{door.ground.legal_entity_id}/settings"
    client.get(office)
    client.post(f"{office}/keep", {"client_secret": mark(), "client_id": "x"})
    gateway = f"/office/connections/gateway/{door.ground.gateway_account_id}/settings"
    client.post(f"{gateway}/keep", {"api_key": mark(), "webhook_secret": mark()})
    sso = {"name": "x", "issuer": "https://idp.example.test", "client_id": "x", "secret": mark()}
    client.post("/office/single-sign-on/keep", sso)


def _machines(door: Door, mark: Any) -> None:
    client, door_of = door.client(), f"/hooks/gateway/{door.ground.webhook_path}"
    headers = {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": f"v1,{mark()}"}
    body = json.dumps({"id": "evt", "data": {"client_secret": mark()}})
    for path in (door_of, f"/hooks/gateway/{mark()}", f"/hooks/erp/{mark()}"):
        client.post(path, body, content_type="application/json", headers=headers)
        client.get(path)
    client.post(f"/hooks/erp/{mark()}?validationToken={mark()}")
    client.get("/metrics", headers={"authorization": f"Bearer {mark()}"})


def _words_of_faults(mark: Any) -> None:
    """What a library may say of a call of ours that went wrong."""
    logger = logging.getLogger("quittance.test")
    logger.warning("sent Authorization: Bearer %s", mark())
    logger.warning("POST https://x.test/token?client_secret=%s&grant=x", mark())
    try:
        raise ValueError(f"grant_type=x&code={mark()}&code_verifier={mark()}")
    except ValueError:
        logger.exception("broken: access_token=%s", mark())
