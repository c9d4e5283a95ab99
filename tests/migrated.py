"""A migrated database as SQL, made once a run: to load it takes a tenth of migrating anew.

Only a run of several workers has one: its first process makes it while the workers look for their
tests. Where nobody does, whoever wants a database migrates it, as an operator would.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from demo import roles

_FILE: Final = "QUITTANCE_TEST_MIGRATED"


def begin(file: Path, *, owner: str, admin: str) -> None:
    """Make the file out of an empty database, in a process of its own; ``load`` waits for it.

    The addresses are its owner's and a superuser's: the owner itself does not see through walls.
    """
    lock = _locked(file)  # the process inherits it, and lets it go when it ends
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.migrated", str(file), admin],
        env={**os.environ, "DATABASE_OWNER_URL": owner}, pass_fds=[lock.fileno()],
    )  # fmt: skip
    lock.close()
    atexit.register(_end, process)
    os.environ[_FILE] = str(file)


def is_begun() -> bool:
    """Say whether this run has such a file, or was told of one."""
    return _FILE in os.environ


def load(owner_address: str) -> bool:
    """Fill a new, empty database; ``False`` when this run has nothing to fill it with."""
    if not is_begun():
        return False
    file = Path(os.environ[_FILE])
    _locked(file).close()
    psql = _program("psql")
    command: list[str | Path] = [psql, owner_address, "-qX", "-v", "ON_ERROR_STOP=1"]
    # The file says who may do what with each table; with what new tables give, it would be more.
    less = "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM " + roles.APP
    _run([*command, "-o", os.devnull, "-c", less, "-f", file])
    return True


def _locked(file: Path) -> IO[str]:
    lock = file.with_suffix(".lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _make(file: Path, admin: str) -> None:
    import django
    from django.core.management import call_command

    from quittance.project.commands import look_less_for_garbage

    django.setup()
    look_less_for_garbage()
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    unfinished = file.with_suffix(".unfinished")
    _run([_program("pg_dump"), admin, "-f", unfinished])
    unfinished.rename(file)


def _program(name: str) -> Path:
    from demo import binaries

    return binaries.installed() / "bin" / name


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name}: {done.stderr.strip()}")


if __name__ == "__main__":
    _make(Path(sys.argv[1]), sys.argv[2])
