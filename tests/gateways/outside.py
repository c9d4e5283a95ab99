"""``python -m tests.gateways.outside``: the gateways' own test modes, with the keys that are given.

Runs what keys are in the environment for, and says of every case whether it was run. Everything
else that is given goes to pytest: ``-k refund``.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]
_NO_TESTS: Final = 5  # what pytest says when nothing was chosen
# What must be named for the cases of a file to be run.
_STRIPE: Final = ("QUITTANCE_TEST_STRIPE_API_KEY",)
_PAYPAL: Final = ("QUITTANCE_TEST_PAYPAL_CLIENT_ID", "QUITTANCE_TEST_PAYPAL_CLIENT_SECRET")
_NEEDED: Final[Mapping[str, Sequence[str]]] = {
    "stripe/test_stripe_contract_outside.py": _STRIPE,
    "stripe/test_stripe_outside.py": _STRIPE,
    "paypal/test_paypal_contract_outside.py": _PAYPAL,
    "paypal/test_paypal_outside.py": _PAYPAL,
    "gocardless/test_gocardless_contract_outside.py": ("QUITTANCE_TEST_GOCARDLESS_ACCESS_TOKEN",),
}


def main() -> int:
    """Run what can be run; the code is pytest's, 0 when nothing could be."""
    chosen = []
    for name, needed in _NEEDED.items():
        missing = [each for each in needed if not os.environ.get(each)]
        if missing:
            _say(f"{name} was not run: set {' and '.join(missing)}.")
            for case in cases(name):
                _say(f"  not run: {case}")
        else:
            chosen.append(f"tests/gateways/{name}")
    if not chosen:
        return 0
    command = [sys.executable, "-m", "pytest", *chosen, "-m", "outside", "-n", "0", "-v", "-rs"]
    code = subprocess.call([*command, *sys.argv[1:]], cwd=_ROOT)
    return 0 if code == _NO_TESTS else code


def cases(name: str) -> list[str]:
    """Return the cases of a file as sentences; a class of them is one."""
    tree = ast.parse((Path(__file__).parent / name).read_text("utf-8"))
    return [
        (ast.get_docstring(node) or node.name).rstrip(".").replace("The", "the", 1)
        if isinstance(node, ast.ClassDef)
        else node.name.removeprefix("test_").replace("_", " ")
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and node.name.startswith(("test_", "Test"))
    ]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
