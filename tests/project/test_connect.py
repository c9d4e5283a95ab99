"""``quittance connect`` as an operator runs it, against the sandbox over HTTP."""

from __future__ import annotations

import fcntl
import io
import os
import select
import subprocess
import sys
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from quittance.connections.models import ErpConnection
from quittance.connections.open import close_adapters, erp_for
from quittance.core.ids import new_id
from quittance.project import commands, connect_options
from quittance.project.connect import connect
from quittance.project.terminal import Terminal
from quittance.tenancy.models import Host, LegalEntity, Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.ground import World

SECRET = "sandbox-secret"
COMPANY = "6f0c1f6e-92a4-4b7a-9d6b-3a1de5c20c7d"


def client_id(digit: str) -> str:
    return "-".join(digit * length for length in (8, 4, 4, 4, 12))


@dataclass
class Desk:
    """An organization that is not connected yet, and an operator who runs the command."""

    world: World
    organization_id: Any
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def options(self, **changes: str) -> list[str]:
        (self.folder / "secret").write_text(f"{SECRET}\n")
        told = {
            "organization": str(self.organization_id),
            "tenant": "contoso.example",
            "environment": "production",
            "company": "Northwind Traders",  # by its name
            "client-id": client_id("1"),
            "client-secret-file": str(self.folder / "secret"),
            "clearing-account": "2910",
            "url": self.world.erp.url,
        } | {name.replace("_", "-"): value for name, value in changes.items()}
        return ["business-central", *(f"--{name}={value}" for name, value in told.items() if value)]

    def run(self, *more: str, **changes: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            commands.connect([*self.options(**changes), "--no-input", *more])
        return int(str(ended.value.code)), self.capsys.readouterr().out

    def connection(self) -> ErpConnection | None:
        with reading():
            return ErpConnection.objects.first()

    def jobs(self) -> set[str]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT task_name FROM procrastinate_jobs WHERE args->>'organization_id' = %s",
                [str(self.organization_id)],
            )
            return {row[0] for row in cursor.fetchall()}


@pytest.fixture
def desk(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    organization_id = new_id()
    with working_for(organization_id, actor="test"):
        with writing():
            Organization.objects.create(pk=organization_id, name="Fabrikam Supplies")
            Host.objects.create(
                name=f"{organization_id}.localhost", organization_id=organization_id
            )
            LegalEntity.objects.create(name="Fabrikam", zone="America/Chicago", currency="USD")
        yield Desk(world, organization_id, tmp_path, capsys)
    close_adapters()
    world.client.delete(f"{world.erp.control_url}/faults").raise_for_status()


def test_a_company_is_tested_kept_sealed_and_read_from_then_on(desk: Desk) -> None:
    code, said = desk.run()

    assert code == 0, said
    for step in ("Sign-in", "Environment", "Company", "Read salesInvoices", "Write a journal"):
        assert f"ok    {step}:" in said
    assert "D365 JOURNALS, POST" in said  # the rights to give
    kept = desk.connection()
    assert kept is not None
    assert SECRET.encode() not in bytes(kept.sealed_settings)
    assert {each["name"] for each in kept.capabilities if each["can"]} >= {"customers"}
    assert "receivables.pull" in desk.jobs()
    assert erp_for(kept.legal_entity_id).check() == "Northwind Traders"
    assert SECRET not in said


def test_currency_and_ledger_are_found_by_themselves(desk: Desk) -> None:
    _, said = desk.run()

    assert "Local currency: USD" in said
    assert "Ledger web service: Cust_LedgerEntries" in said


def test_check_only_keeps_nothing_and_starts_nothing(desk: Desk) -> None:
    code, said = desk.run("--check-only")

    assert code == 0
    assert "Nothing was kept: --check-only." in said
    assert desk.connection() is None
    assert desk.jobs() == set()


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"client_id": client_id("2")}, 1, "may not use companies"),
        ({"client_id": client_id("3")}, 1, "page Microsoft Entra Applications"),
        ({"client_id": client_id("4")}, 1, "D365 JOURNALS, EDIT (inferred)"),
        ({"environment": "nowhere"}, 1, "Check the address, the tenant and the environment"),
        ({"clearing_account": "1310"}, 1, "does not allow Direct Posting"),
        ({"company": "Fabrikam"}, 1, "It has: Northwind Traders"),
    ],
    ids=lambda each: str(each)[:40] if isinstance(each, dict) else "",
)
def test_what_fails_is_said_with_its_cure_and_nothing_is_kept(
    desk: Desk, changes: dict[str, str], code: int, words: str
) -> None:
    ended, said = desk.run(**changes)

    assert words in said
    assert ended == code
    assert desk.connection() is None
    assert desk.jobs() == set()


def test_a_missing_setting_names_its_option_and_its_variable(desk: Desk) -> None:
    code, said = desk.run(client_secret_file="")

    assert code == 2
    assert "--client-secret-file" in said
    assert "QUITTANCE_CONNECT_CLIENT_SECRET" in said


def test_the_secret_may_come_from_the_environment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUITTANCE_CONNECT_CLIENT_SECRET_FILE", str(desk.folder / "secret"))

    code, _ = desk.run("--check-only", client_secret_file="")

    assert code == 0


def test_there_is_no_option_that_takes_the_secret_itself(desk: Desk) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.connect([*desk.options(), "--no-input", f"--client-secret={SECRET}"])

    desk.capsys.readouterr()
    kept = desk.connection()
    assert ended.value.code != 0
    assert kept is None


def test_a_second_run_changes_one_setting_and_keeps_the_others(desk: Desk) -> None:
    desk.run()

    code, said = desk.run(
        tenant="", environment="", client_id="", client_secret_file="", url="", company="",
        clearing_account="8888",
    )  # fmt: skip

    assert code == 1
    assert "The clearing account 8888 does not exist" in said
    assert "ok    Sign-in:" in said  # with the secret that was kept


def test_a_person_at_a_terminal_is_asked_and_offered_what_there_is(desk: Desk) -> None:
    chosen = connect_options.read(
        desk.options(
            tenant="", environment="", client_id="", company="", clearing_account=""
        ),
        explained="",
    )  # fmt: skip
    # The first company of the list, and the first account.
    typed = ["contoso.example", "", client_id("1"), "1", "1"]
    to = io.StringIO()

    code = connect(
        "business-central",
        chosen,
        Terminal(source=io.StringIO("\n".join(typed) + "\n"), to=to, asks=True),
    )

    assert code == 0, to.getvalue()
    assert "Environment [production]: " in to.getvalue()
    assert "1  2910  " in to.getvalue()
    assert f"1  {COMPANY}  Northwind Traders" in to.getvalue()
    assert "Local currency: USD" in to.getvalue()  # there is one only: not asked


@pytest.mark.slow
def test_at_a_terminal_the_secret_is_typed_and_never_shown(desk: Desk) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "quittance", "connect", *desk.options(client_secret_file="")]
    with subprocess.Popen(
        [*command, "--check-only"], stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
        preexec_fn=partial(fcntl.ioctl, theirs, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - its terminal
    ) as running:  # fmt: skip
        os.close(theirs)
        said = read_until(ours, b"Client secret: ")
        os.write(ours, f"{SECRET}\n".encode())
        said += read_until(ours, b"--check-only.")
    os.close(ours)

    assert running.returncode == 0, said
    assert b"ok    Sign-in:" in said
    assert SECRET.encode() not in said


def read_until(terminal: int, words: bytes) -> bytes:
    """Read what a program writes until these words come, or it ends."""
    said = b""
    while words not in said and select.select([terminal], [], [], 120)[0]:
        try:
            said += os.read(terminal, 4096)
        except OSError:  # the program has ended, and its terminal with it
            return said
    return said
