"""A migrated database as SQL: to load it takes a tenth of migrating anew.

A run's first process makes it while tests are looked for, and keeps it in ``var`` under the
fingerprint of what it was made of: the next run migrates only if that changed.
"""

from __future__ import annotations

import ast
import atexit
import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from demo import roles

_FILE: Final = "QUITTANCE_TEST_MIGRATED"
_ROOT: Final = Path(__file__).parents[1]
_KEPT: Final = _ROOT / "var" / "migrated"
_MANY: Final = 8  # files that are kept: as many branches may be worked on by turns


def kept() -> bool:
    """Use the file that an earlier run has made of the same; ``False`` if there is none."""
    file = _kept_file()
    if file.exists():
        file.touch()
        os.environ[_FILE] = str(file)
    return file.exists()


def begin(*, owner: str, admin: str) -> None:
    """Make the file out of an empty database, in a process of its own; ``load`` waits for it.

    The addresses are its owner's and a superuser's: the owner itself does not see through walls.
    """
    _KEPT.mkdir(parents=True, exist_ok=True)
    file = _kept_file()
    lock = _locked(file)  # the process inherits it, and lets it go when it ends
    os.environ[_FILE] = str(file)
    if file.exists():  # another run has just made it
        lock.close()
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.migrated", str(file), admin],
        env={**os.environ, "DATABASE_OWNER_URL": owner}, pass_fds=[lock.fileno()],
    )  # fmt: skip
    lock.close()
    atexit.register(_end, process)


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


def made_of() -> set[Path]:
    """Return the files that have a say in a migrated database.

    Migrations, the modules of ours that they import, those that these import; views; settings;
    the roles; the locked packages.
    """
    to_read = [*_ROOT.glob("quittance/*/migrations/*.py")]
    found = {*to_read, *_ROOT.glob("quittance/*/invariants/*.sql"), _ROOT / "demo" / "roles.py"}
    found.update(_ROOT.glob("quittance/project/settings*.py"), _ROOT.glob("requirements*.lock"))
    while to_read:
        for module in _imported(to_read.pop()):
            path = _ROOT / Path(*module.split("."))
            for file in (path.with_suffix(".py"), path / "__init__.py"):
                if file.exists() and file not in found:
                    found.add(file)
                    to_read.append(file)
    return found


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _kept_file() -> Path:
    fingerprint = hashlib.sha256(_program("psql").as_posix().encode())
    for path in sorted(made_of()):
        fingerprint.update(f"\0{path.relative_to(_ROOT)}\0".encode() + path.read_bytes())
    return _KEPT / f"{fingerprint.hexdigest()[:16]}.sql"


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
    newest_first = sorted(_KEPT.glob("*.sql"), key=lambda one: -one.stat().st_mtime)
    for old in newest_first[_MANY:]:
        old.unlink()
        old.with_suffix(".lock").unlink(missing_ok=True)


def _program(name: str) -> Path:
    from demo import binaries

    return binaries.installed() / "bin" / name


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name}: {done.stderr.strip()}")


if __name__ == "__main__":
    _make(Path(sys.argv[1]), sys.argv[2])
