"""The command: how it starts, stops and remembers."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from sandbox.gateway.__main__ import main
from sandbox.gateway.launch import Running, start_gateway
from tests.sandbox.gateway.gateway_caller import Caller, make_order, wait_until


def test_it_ends_cleanly_on_sigterm_even_with_a_caller_who_waits(tmp_path: Path) -> None:
    running = start_gateway(tmp_path)
    caller = Caller(running)
    caller.tell("/faults", match="GET /v1/account", kind="drop_before", seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        caller.api.get("/account", timeout=0.1)

    code = running.stop()

    caller.close()
    assert code == 0


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    running = start_gateway(tmp_path)
    caller = Caller(running)
    order, reference = make_order(), str(uuid4())
    payment = caller.post_payment(key="before", **order).json()
    debit = caller.new_payment(method="bank_debit")
    caller.pay(debit["id"], "000555555559")
    caller.tell("/faults", match="POST /v1/payments", kind="late_commit", seconds=0.5)
    with pytest.raises(httpx.RemoteProtocolError):
        caller.post_payment(key="late", reference=reference)
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    caller.close()

    with start_gateway(tmp_path, port=port_of(running), settle_delay=0.1) as again:
        caller = Caller(again)
        assert again.url == running.url
        assert caller.post_payment(key="before", **order).json() == payment
        assert caller.read(debit["id"])["state"] == "processing"
        wait_until(
            lambda: bool(
                caller.api.get("/payments", params={"reference": reference}).json()["data"]
            )
        )
        caller.close()


def port_of(running: Running) -> int:
    return httpx.URL(running.url).port or 0


def test_a_taken_port_is_named(
    tmp_path: Path, running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    port = str(port_of(running))

    code = main(["--port", port, "--control-port", "0", "--data", str(tmp_path)])

    assert code == 2
    assert f"127.0.0.1:{port}" in capsys.readouterr().err


def test_a_state_with_other_tables_is_not_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(tmp_path / "gateway.sqlite") as old:
        old.execute("CREATE TABLE payment (id TEXT)")
    old.close()

    code = main(["--port", "0", "--control-port", "0", "--data", str(tmp_path)])

    assert code == 2
    assert f"{tmp_path}/gateway.sqlite" in capsys.readouterr().err


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="--settle-delay"):
        start_gateway(tmp_path, settle_delay="soon")


def test_its_help_names_the_keys(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])

    told = capsys.readouterr().out
    assert "sk_sandbox_demo" in told
    assert "--webhook-delay" in told


def test_a_sandbox_that_begins_anew_is_like_a_new_one(fresh: Caller) -> None:
    payment, order = fresh.paid_payment(), make_order()
    made = fresh.post_payment(key="P-1", **order).json()
    fresh.api.post("/webhook_endpoints", json={"url": "http://127.0.0.1:9/"}).raise_for_status()
    fresh.tell("/faults", match="GET *", kind="status", status=503, times=9)
    fresh.tell("/webhooks/behaviour", delay=60)
    fresh.tell("/clock", seconds=3600)

    fresh.control.delete("/state").raise_for_status()

    assert fresh.api.get(f"/payments/{payment['id']}").status_code == 404
    assert fresh.control.get("/health").json() == {"status": "ok", "payments": 0}
    assert not any(fresh.control.get("/ledger").json().values())
    assert fresh.control.get("/faults").json()["data"] == []
    assert fresh.control.get("/clock").json()["ahead_seconds"] == 0
    assert fresh.control.get("/webhooks/deliveries").json()["data"] == []
    again = fresh.post_payment(key="P-1", **order).json()
    assert again["id"] != made["id"]
    assert len(fresh.control.get("/requests").json()["data"]) == 2  # since it began anew
    fresh.paid_payment()
    fresh.tell("/clock", seconds=86_500)
    assert len(fresh.api.get("/payouts").json()["data"]) == 1  # as planned for every day


def test_the_ledger_can_be_asked_for_one_reference(caller: Caller) -> None:
    one, _ = caller.paid_payment(), caller.paid_payment()

    said = caller.control.get("/ledger", params={"reference": one["reference"]}).json()

    assert [charge["payment"] for charge in said["charges"]] == [one["id"]]
    assert [each["id"] for each in said["payments"]] == [one["id"]]
