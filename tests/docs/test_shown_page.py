"""Every test that the documentation names is there, and so is every case that it counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.gateways.outside import _NEEDED, cases

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("page", "at_least"),
    [
        ("business-central-shown.md", 80),
        ("gateways-shown.md", 60),
        ("money-shown.md", 90),
        ("portal-shown.md", 90),
    ],
)
def test_each_promise_names_tests_that_there_are(page: str, at_least: int) -> None:
    missing, file, named = [], "", 0
    words = (ROOT / "docs/reference" / page).read_text("utf-8")
    for before, name in re.findall(r"`([\w/.]*)::(\w+)`", words):
        file = before or file
        text = (ROOT / "tests" / file).read_text("utf-8")
        named += 1
        if f"def test_{name}(" not in text:
            missing.append(f"{file}::{name}")

    assert missing == []
    assert named > at_least


def test_of_each_case_for_test_keys_the_page_says_what_was_run() -> None:
    page = (ROOT / "docs/how-to/try-a-gateway.md").read_text("utf-8")

    told = re.findall(r"^\| \w+: ([^|]+) \| passes \| ([^|]+) \|$", page, re.MULTILINE)

    assert [case for case, _run in told] == [case for name in _NEEDED for case in cases(name)]
    assert all(run for _case, run in told)
