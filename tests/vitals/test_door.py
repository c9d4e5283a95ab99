"""Machines that watch us are told how we are, and nothing of anybody's business."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from quittance.vitals import figures, ready
from tests import described

HOST = {"host": "10.0.0.7:8000"}  # a watcher knows no portal's name
TOKEN = "for-tests-only-" * 3
AWAY = {"database": "the database does not answer", "migrations": "the database does not answer"}


@pytest.fixture(autouse=True)
def _nothing_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "STATIC_ROOT", str(tmp_path))
    monkeypatch.setattr(ready, "WITHIN_SECONDS", 60.0)  # a machine that has much else to do
    ready.forget()
    figures.forget()
    yield
    ready.forget()
    figures.forget()


def _ask(path: str, method: str = "get", **headers: str) -> tuple[int, object]:
    answer = getattr(Client(headers=HOST | headers), method)(path)
    assert described.unlike_of(answer) == []
    kind = answer["Content-Type"]
    return answer.status_code, json.loads(answer.content) if "json" in kind else answer.content


def test_a_process_that_answers_lives_though_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", "1")

    assert _ask("/health") == (200, {"process": "ok"})


def test_pages_can_be_served_when_database_and_migrations_are_there(database: None) -> None:
    assert _ask("/ready") == (200, {"database": "ok", "migrations": "ok"})


def test_a_migration_that_is_missing_is_said(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "_on_disk", {*ready._known_migrations(), ("audit", "9999_new")})

    assert _ask("/ready") == (503, {
        "database": "ok", "migrations": "1 are missing: run quittance migrate",
    })  # fmt: skip


def test_one_of_a_later_release_is_no_reason_to_be_taken_out(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ready._known_migrations() - {("reconciliation", "0013_look")}
    monkeypatch.setattr(ready, "_on_disk", known)

    assert _ask("/ready")[0] == 200


def test_a_database_that_is_away_is_said_without_where_it_is(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", "1")

    assert _ask("/ready") == (503, AWAY)


def test_a_database_that_takes_calls_and_says_nothing_keeps_nobody_for_long(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "WITHIN_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        monkeypatch.setitem(connections["default"].settings_dict, "HOST", "127.0.0.1")
        monkeypatch.setitem(connections["default"].settings_dict, "PORT", port)
        before = threading.active_count()

        answers = [_ask("/ready") for _ in range(3)]

        assert answers == [(503, AWAY)] * 3
        assert threading.active_count() == before + 1, "each question started a look of its own"


def test_who_is_about_to_end_says_so_and_goes_on(
    database: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "draining"
    monkeypatch.setattr(settings, "DRAINING_FILE", str(file))
    assert _ask("/ready")[0] == 200

    file.touch()

    assert _ask("/ready") == (503, {"process": "it is about to end"})
    assert _ask("/health")[0] == 200


def test_many_questions_are_one_look_at_the_database(database: None) -> None:
    for _ in range(5):
        assert _ask("/ready")[0] == 200
    first = ready._last

    assert first is not None
    assert time.monotonic() - first.at < 60
    _ask("/ready")
    assert ready._last is first or time.monotonic() - first.at > 2


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_only_get_is_answered_and_no_session_is_made(path: str) -> None:
    client = Client(headers=HOST)

    answer = client.post(path)

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert not client.cookies
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_without_a_token_in_the_settings_there_are_no_metrics() -> None:
    assert settings.METRICS_TOKEN == ""
    assert _ask("/metrics") == (404, b"There is nothing here.")
    assert _ask("/metrics", authorization="Bearer ") == (404, b"There is nothing here.")


@pytest.mark.parametrize(
    "said", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", TOKEN, "Bearer \xe9"]
)
def test_strangers_read_no_metrics(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)

    assert _ask("/metrics", authorization=said) == (401, b"Say the token.")


def test_who_says_the_token_reads_them(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)

    status, told = _ask("/metrics", authorization=f"Bearer {TOKEN}")

    assert status == 200
    assert isinstance(told, bytes)
    assert b"\nquittance_workers " in told


def test_metrics_of_a_database_that_is_away_are_none(
    database: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)
    connections["default"].close()
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", "1")

    assert _ask("/metrics", authorization=f"Bearer {TOKEN}") == (
        503, b"The database does not answer.",
    )  # fmt: skip
