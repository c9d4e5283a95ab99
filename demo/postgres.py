"""Starts and stops a PostgreSQL of our own from the wheel's programs.

Loopback TCP on a free port (for tests that want it a socket file, which is faster), passwords by
scram, files of an unprivileged user, fsync on unless a test says otherwise. The server ends when we
end, even by SIGKILL (Linux).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

import psycopg
from psycopg import sql

from demo import binaries, roles, tied
from demo.ports import HOST, free_port

START_SECONDS = 60  # recovery after a SIGKILL is part of it
STOP_SECONDS = 20
_LONGEST_FOLDER = 80  # of a socket file: the system takes some hundred characters with its name
_AS_USUAL: Final[Mapping[str, str]] = {}


class NotStarted(Exception):
    """PostgreSQL did not start; the message ends with its own last words."""


@dataclass(slots=True)
class Server:
    """A running PostgreSQL. ``stop`` may be called twice."""

    directory: Path
    port: int
    passwords: roles.Passwords
    process: subprocess.Popen[bytes]
    lock: IO[str] = field(repr=False)
    socket: Path | None = None  # the folder of the socket file that our addresses lead to

    def admin_url(self, database: str = roles.MAINTENANCE) -> str:
        """The superuser's address: for making databases, never for the application."""
        return self._url("postgres", self.passwords.superuser, database)

    def owner_url(self, database: str) -> str:
        """The address for ``migrate``."""
        return self._url(roles.OWNER, self.passwords.owner, database)

    def app_url(self, database: str) -> str:
        """The address for the application."""
        return self._url(roles.APP, self.passwords.app, database)

    def reader_url(self, database: str) -> str:
        """The address for who only reads, once ``migrate --reader`` has let it."""
        return self._url(roles.READER, self.passwords.reader, database)

    def create_database(self, name: str) -> None:
        """Make a database for the owner and the app; keep it if it is there already."""
        with psycopg.connect(self.admin_url(), autocommit=True) as admin:
            roles.make_database(admin, name)
        roles.open_to_app(self.owner_url(name))

    def drop_database(self, name: str) -> None:
        """Remove a database and whoever is connected to it."""
        with psycopg.connect(self.admin_url(), autocommit=True) as admin:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            admin.execute(drop.format(sql.Identifier(name)))

    def stop(self) -> None:
        """Shut down cleanly; by force if it takes too long."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, dead
            if self.process.poll() is not None:
                break
            self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        self.lock.close()

    def _url(self, role: str, password: str, database: str) -> str:
        base = f"postgresql://{HOST}:{self.port}/"
        base += f"?host={quote(str(self.socket), safe='/')}" if self.socket else ""
        return roles.address_of(base, role=role, password=password, database=database)


@contextlib.contextmanager
def started(
    directory: Path,
    *,
    fsync: bool = False,
    by_socket: bool = False,
    settings: Mapping[str, str] = _AS_USUAL,
) -> Iterator[Server]:
    """A server for tests, with both roles, that stops at the end of the block.

    See ``start``. What had to lie outside of ``directory`` (see ``binaries.folder_for``) is removed
    then.
    """
    server = start(directory, fsync=fsync, by_socket=by_socket, settings=settings)
    try:
        yield server
    finally:
        server.stop()
        binaries.remove_outside(directory)


def start(
    directory: Path,
    *,
    fsync: bool = True,
    by_socket: bool = False,
    log: Path | None = None,
    settings: Mapping[str, str] = _AS_USUAL,
) -> Server:
    """Start PostgreSQL on the data under ``directory``, made if there is none, and its two roles.

    ``fsync=False`` is for tests: a crash of the machine may lose the data. ``by_socket``: addresses
    lead to a socket file, unless its folder's name is too long for one. ``settings`` are
    PostgreSQL's own, by name, beside ours. Raises ``NotStarted``.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    lock = _lock(directory)
    try:
        user = binaries.server_user()
        folder = binaries.folder_for(directory, user)
        programs = binaries.runnable_for(user, folder)
        passwords = roles.passwords_in(directory / "passwords.json")
        data = folder / "data"
        if not (data / "PG_VERSION").exists():
            _make_data(programs, data, user=user, password=passwords.superuser, fsync=fsync)
        _clear_leftovers(data)
        log = log or directory / "postgres.log"
        socket = data if by_socket and len(str(data)) <= _LONGEST_FOLDER else None
        chosen = {**_settings(fsync=fsync, socket=socket), **settings}
        process, port = _run(programs, data, user=user, settings=chosen, log=log)
        server = Server(directory, port, passwords, process, lock, socket)
    except BaseException:
        lock.close()
        raise
    try:
        with psycopg.connect(server.admin_url(), autocommit=True) as admin:
            roles.make_roles(admin, passwords)
    except BaseException:
        server.stop()
        raise
    return server


def _lock(directory: Path) -> IO[str]:
    """Hold the directory: two servers on one data directory would destroy it."""
    lock = (directory / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise NotStarted(f"Another program runs PostgreSQL in {directory}.") from error
    return lock


def _make_data(programs: Path, data: Path, *, user: str, password: str, fsync: bool) -> None:
    """Make an empty data directory, in one step: an interrupted one is thrown away."""
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    binaries.give(unfinished, user)
    secret = data.with_name("initdb.password")
    secret.unlink(missing_ok=True)
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(password)
    binaries.give(secret, user)
    options = ["-D", str(unfinished), "-U", "postgres", "--pwfile", str(secret), "-A"]
    options += ["scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin"]
    options += ["--builtin-locale=C.UTF-8", "--locale=C", *([] if fsync else ["--no-sync"])]
    asked = tied.command(programs / "initdb", *options, user=user)
    result = subprocess.run(
        asked, capture_output=True, text=True, check=False, cwd="/", stdin=subprocess.DEVNULL
    )
    secret.unlink()
    if result.returncode:
        raise NotStarted(f"initdb failed: {result.stderr.strip() or result.stdout.strip()}")
    unfinished.rename(data)


def _clear_leftovers(data: Path) -> None:
    """Make way after a SIGKILL: end what still works on the data, forget a dead server's id.

    PostgreSQL forgets a dead server itself, but not one that nobody reaped (a container whose
    first process does not), nor one whose id belongs to another program by now.
    """
    file = data / "postmaster.pid"
    if not file.exists():
        return
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        deadline = time.monotonic() + 5
        while (alive := _workers_on(data)) and time.monotonic() < deadline:
            for process in alive:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)
            time.sleep(0.2)
    if Path("/proc/self").exists() and not _workers_on(data):
        file.unlink(missing_ok=True)


def _workers_on(data: Path) -> list[int]:
    """The processes that have the data as their working directory, as PostgreSQL's all do.

    A dead one that nobody reaped has none. Without /proc nobody is found.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if entry.readlink() == data:
                found.append(int(entry.parent.name))
    return found


def _run(
    programs: Path, data: Path, *, user: str, settings: Mapping[str, str], log: Path
) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server; another port if somebody took ours between the look and the start."""
    for _ in range(5):
        port = free_port()
        log.parent.mkdir(parents=True, exist_ok=True)
        begin = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            process = subprocess.Popen(
                tied.command(
                    programs / "postgres",
                    *_options(data, {"port": str(port), **settings}),
                    user=user,
                    end_with=signal.SIGINT,
                ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                process_group=0,
            )
        if _is_ready(process, data):
            return process, port
        said = log.read_bytes()[begin:].decode(errors="replace")
        if "could not create any TCP/IP sockets" not in said:
            break
    raise NotStarted(f"PostgreSQL did not start. It said: {said[-2000:].strip()}")


def _settings(*, fsync: bool, socket: Path | None) -> dict[str, str]:
    return {
        "listen_addresses": HOST,
        "unix_socket_directories": f'"{socket}"' if socket else "",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "fsync": "on" if fsync else "off",
        "synchronous_commit": "on" if fsync else "off",
        "full_page_writes": "on" if fsync else "off",
    }


def _options(data: Path, settings: Mapping[str, str]) -> list[str]:
    options = ["-D", str(data)]
    for name, value in settings.items():
        options += ["-c", f"{name}={value}"]
    return options


def _is_ready(process: subprocess.Popen[bytes], data: Path) -> bool:
    """Wait until the server says in its own file that it takes connections."""
    deadline = time.monotonic() + START_SECONDS
    file = data / "postmaster.pid"
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(FileNotFoundError):
            lines = file.read_text().splitlines()
            if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return True
        time.sleep(0.02)
    if process.poll() is None:
        process.kill()
        process.wait()
    return False
