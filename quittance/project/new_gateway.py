"""Writes the skeleton of a gateway's package: an adapter that works, its server and its tests."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import quittance

_SKELETON: Final = Path(quittance.__file__).parent / "gateways" / "skeleton"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LEFT_OUT: Final = {"__pycache__", ".pytest_cache"}


def run(arguments: Sequence[str]) -> None:
    """Write a package for a gateway: an adapter, a stand-in for its API, tests of the contract.

    Nothing that exists is overwritten. Exit code 2: the name cannot be one, or the folder exists.
    """
    parser = argparse.ArgumentParser(prog="quittance new-gateway", description=run.__doc__)
    parser.add_argument("name", help="in small letters, such as acme or acme_pay")
    parser.add_argument("--into", type=Path, default=Path(), metavar="DIR", help="default: here")
    chosen = parser.parse_args(arguments)
    if not _NAME.fullmatch(chosen.name):
        parser.error("a name has small letters, digits and single underscores, such as acme_pay")
    folder = chosen.into / f"quittance-{chosen.name.replace('_', '-')}"
    if folder.exists():
        parser.error(f"{folder} exists; nothing was written")
    written = write(chosen.name, folder)
    sys.stdout.write(
        "".join(f"{file}\n" for file in written)
        + f"\nNext: cd {folder} && PYTHONPATH={_SKELETON.parents[2]} python -m pytest\n"
    )


def write(name: str, folder: Path) -> list[Path]:
    """Write the package of a gateway into a new folder and return its files."""
    words = {
        "quittance-acme": f"quittance-{name.replace('_', '-')}",
        "Acme-": f"{_title(name, '-')}-",  # in headers
        "AcmeGateway": f"{_title(name)}Gateway",
        "AcmeServer": f"{_title(name)}Server",
        "AcmeStage": f"{_title(name)}Stage",
        "Acme": _title(name, " "),
        "acme-": f"{name.replace('_', '-')}-",
        "acme": name,
    }
    written = []
    for source in sorted(_SKELETON.rglob("*")):
        if source.is_dir() or _LEFT_OUT & set(source.parts):
            continue
        to = folder / _replaced(str(source.relative_to(_SKELETON)), words)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(_replaced(source.read_text("utf-8"), words), "utf-8")
        written.append(to)
    return written


def _title(name: str, between: str = "") -> str:
    return between.join(word.capitalize() for word in name.split("_"))


def _replaced(text: str, words: dict[str, str]) -> str:
    """Replace all of ``words`` at once, the longest that fits first."""
    return re.sub("|".join(words), lambda found: words[found[0]], text)
