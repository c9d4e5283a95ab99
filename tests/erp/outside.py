"""``python -m tests.erp.outside``: the contract of an ERP against a real tenant, with a log.

It runs when the environment names a tenant and books payments there: use a company made for tests.
Everything else that is given goes to pytest: ``-k "not post"``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from quittance.erp.registry import fields
from tests.erp.tenant import NAME, PREFIX, settings
from tests.erp.wire import LOG

_ROOT = Path(__file__).resolve().parents[2]
_NO_TESTS = 5  # what pytest says when nothing was chosen


def main() -> int:
    """Run, or say what is missing; the code is pytest's, 0 when there is no tenant."""
    named = settings()
    needed = [each.name for each in fields(NAME) if not each.optional]
    missing = [PREFIX + name.upper() for name in needed if name not in named]
    if not named:
        _say(f"No tenant is named in the environment, so nothing was run. Set {_list(missing)}.")
        return 0
    if missing:
        sys.stderr.write(f"Some of the tenant's settings are missing: {_list(missing)}.\n")
        return 2
    log = Path(
        os.environ.get(LOG) or _ROOT / "var" / f"outside-{datetime.now(UTC):%Y%m%d-%H%M}.log"
    )
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pytest", "tests/erp", "-m", "outside", "-n", "0", "-v"]
    code = subprocess.call([*command, *sys.argv[1:]], cwd=_ROOT, env={**os.environ, LOG: str(log)})
    _say(f"What was asked and answered is in {log}: without tokens and secrets, but with the")
    _say("names and amounts of the company. Look at it before you attach it to a report.")
    return 0 if code == _NO_TESTS else code


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _list(names: list[str]) -> str:
    return ", ".join(names)


if __name__ == "__main__":
    sys.exit(main())
