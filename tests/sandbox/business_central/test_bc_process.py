"""The process: starts, keeps its state on disk, ends on request, says what is wrong."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from sandbox.business_central import clerk, faults, manual, switches
from sandbox.business_central.launch import DidNotStart, Running, start_business_central
from tests.sandbox.business_central.bc_company import Books

ROOT = Path(__file__).resolve().parents[3]


def test_it_ends_cleanly_and_keeps_what_was_posted(bc_start: Callable[..., Running]) -> None:
    running = bc_start()
    books = Books(running)
    invoice = books.invoice("10.00")
    number = books.pay(invoice, "10.00")
    books.close()
    running.stop()
    assert running.process.returncode == 0
    command = running.process.args
    assert isinstance(command, list)
    data = Path(command[command.index("--data") + 1])
    with start_business_central(data) as again:
        books = Books(again)
        assert books.again(invoice)["status"] == "Paid"
        assert len(books.ledger(number)) == 1
        books.close()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    wanted = re.escape("The sandbox cannot listen on 127.0.0.1")
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(DidNotStart, match=wanted),
    ):
        start_business_central(tmp_path, port=taken.getsockname()[1])


def test_help_names_the_credentials_and_the_control_port() -> None:
    command = [sys.executable, "-m", "sandbox.business_central", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for word in ("sandbox-secret", "contoso.example", "/clerk/post-payment", "late_commit"):
        assert word in shown


def test_help_and_reference_name_all_that_the_control_port_can() -> None:
    page = (ROOT / "docs/reference/business-central-sandbox.md").read_text(encoding="utf-8")
    acts = {f"/clerk/{act}" for act in clerk.ACTS}
    kinds = {f"`{kind}`" for kind in faults.KINDS}
    setup = {f"`{field.name}`" for field in fields(switches.Switches)}
    assert {each for each in acts if each not in manual.MORE} == set()
    assert {kind for kind in faults.KINDS if kind not in manual.MORE} == set()
    assert {each for each in acts | kinds | setup if each not in page} == set()
