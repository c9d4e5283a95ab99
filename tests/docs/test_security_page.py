"""Every line of the page of requirements names tests that are there, or says what is not built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "security.md"
IDS = [
    *(f"A{n}" for n in range(1, 11)), *(f"Z{n}" for n in range(1, 10)),
    *(f"I{n}" for n in range(1, 14)), *(f"K{n}" for n in range(1, 9)), "H",
]  # fmt: skip
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in PAGE.read_text("utf-8").splitlines()
    if re.match(r"\| [AZIKH]\d* \|", line)
]


def test_the_page_has_every_requirement_once() -> None:
    assert [row[0] for row in ROWS] == IDS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_line_names_tests_that_are_there_or_says_since_when_it_has_none(row: list[str]) -> None:
    *_, missing, shown = row
    tests = re.findall(r"\[([\w.]+)\]\(\.\./\.\./([\w/.]+)\)", shown)

    for name, path in tests:
        file = ROOT / path
        assert file.is_file(), path
        if name != file.name:
            assert f"def {name}(" in file.read_text("utf-8"), name
    if not tests:
        assert re.search(r"(not built|manual).*\d{4}-\d\d-\d\d", missing)
    assert shown.count("[") == len(tests)


def test_the_page_counts_what_is_open() -> None:
    missing = sum(1 for row in ROWS if row[3])
    without = sum(1 for row in ROWS if not row[4])
    said = f"{len(ROWS)} lines; {missing} miss something; {without} have no test"

    assert said in PAGE.read_text("utf-8")
