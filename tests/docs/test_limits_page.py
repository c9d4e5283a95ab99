"""Every limit stands on one page, with the figure that the code has."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "limits.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("|") and line.rstrip(" |").endswith("`")
]
UNITS = {"": 1, "KB": 1024, "MB": 1024 * 1024}
COUNTERS = re.compile(r"\b(?:wait_or_count|wait_of_network|check_tries|note_wrong_token)\(")
# Where acts are counted by the figures of another module.
BY_OTHERS = {
    "quittance/identity/passwords.py", "quittance/identity/sign_in.py", "quittance/sso/going.py",
    "quittance/paylinks/opening.py", "quittance/invitations/accepting.py",
    "quittance/wallet/saving.py", "quittance/scim/door.py",
}  # fmt: skip


def constant_of(row: list[str]) -> set[int]:
    """The figures of the code: a number, those of a table, or those of pairs of number and time."""
    module, _, name = row[-1].strip("`").rpartition(".")
    in_settings = module == "django.conf.settings"
    value: Any = getattr(settings if in_settings else import_module(module), name)
    if isinstance(value, int):
        return {value}
    flat = [
        each
        for one in (value.values() if isinstance(value, dict) else value)
        for each in (one if isinstance(one, tuple) else (one,))
    ]
    return {each for each in flat if not isinstance(each, timedelta)}


def said(row: list[str]) -> set[int]:
    """The figures of a line of the page."""
    found = re.match(r"([\d, ]+)(KB|MB)?", row[1])
    assert found, row[1]
    return {int(each) * UNITS[found[2] or ""] for each in found[1].split(",")}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_figure_of_the_page_is_one_of_the_code(row: list[str]) -> None:
    assert said(row) <= constant_of(row)


def test_no_figure_of_a_table_is_left_out() -> None:
    told: dict[str, set[int]] = {}
    for row in ROWS:
        told.setdefault(row[-1], set()).update(said(row))

    assert {row[-1]: constant_of(row) for row in ROWS} == told


def test_whatever_counts_acts_stands_on_the_page() -> None:
    for path in (ROOT / "quittance").rglob("*.py"):
        name = str(path.relative_to(ROOT))
        if COUNTERS.search(path.read_text("utf-8")) and name not in BY_OTHERS:
            assert name.removesuffix(".py").replace("/", ".") in PAGE, name
