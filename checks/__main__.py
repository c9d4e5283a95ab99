"""Runs every check, each with its name and time, and fails at the end with a list."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from checks import audited, catalogs, inventory, registries, templates, unmarked

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON_FOLDERS = ("quittance", "sandbox", "demo", "checks", "tests", "benchmarks")
TEMPLATE_FOLDERS = ("quittance", "sandbox")
# What the settings ask for; no check connects to anything.
SETTINGS = {
    "QUITTANCE_SECRET_KEY": "only-for-checks-" * 4,
    "QUITTANCE_SEAL_KEY": "only-for-checks-" * 4,
    "DATABASE_URL": "postgresql://nobody:none@127.0.0.1:1/none",
    "QUITTANCE_HTTPS": "1",  # as where it is deployed, whatever it is here
}


def main() -> int:
    """Run them all; return 1 if one failed."""
    os.chdir(ROOT)
    failed = [name for name, check in _checks() if not _passes(name, check)]
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
        return 1
    print("\nall checks passed")
    return 0


def _checks() -> list[tuple[str, Callable[[], str]]]:
    """Each check's name, and what runs it: it returns its complaints, or nothing."""
    code = [folder for folder in PYTHON_FOLDERS if Path(folder).is_dir()]
    pages = [folder for folder in TEMPLATE_FOLDERS if Path(folder).is_dir()]
    makemigrations = "-m", "quittance", "makemigrations", "--check", "--dry-run"
    deploy = "-m", "quittance", "check", "--deploy", "--fail-level", "WARNING"
    return [
        ("ruff check", lambda: _tool("ruff", "check", "--quiet", *code)),
        ("ruff format", lambda: _tool("ruff", "format", "--check", "--quiet", *code)),
        ("mypy", lambda: _tool("mypy")),
        ("import contracts", lambda: _tool("lint-imports")),
        ("djlint", lambda: _tool("djlint", "--lint", "--quiet", *pages)),
        ("templates", lambda: "\n".join(templates.complaints(pages))),
        ("catalogs", lambda: "\n".join(catalogs.complaints(ROOT))),
        ("unmarked words", lambda: "\n".join(unmarked.complaints(ROOT))),
        ("acts are audited", lambda: "\n".join(audited.complaints(ROOT))),
        ("migrations", lambda: _tool("python", *makemigrations)),
        ("fit to deploy", lambda: _tool("python", *deploy)),
        ("page inventory", lambda: "\n".join(inventory.complaints(ROOT))),
        ("registries", lambda: "\n".join(registries.complaints(ROOT))),
    ]


def _passes(name: str, check: Callable[[], str]) -> bool:
    begin = time.monotonic()
    print(f"{name:<18}", end="", flush=True)
    complaints = check().strip()
    print(f"{time.monotonic() - begin:6.1f} s  {'FAILED' if complaints else 'ok'}", flush=True)
    if complaints:
        print("\n" + "\n".join(f"    {line}" for line in complaints.splitlines()) + "\n")
    return not complaints


def _tool(name: str, *arguments: str) -> str:
    """Run a program of the environment; what it says if it fails."""
    done = subprocess.run(
        [str(BIN / name), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **SETTINGS},
    )
    said = (done.stdout + done.stderr).strip()
    return (said or f"exit code {done.returncode}") if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
