"""Every test that the documentation names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/business-central-shown.md").read_text("utf-8")


def test_each_promise_names_tests_that_there_are() -> None:
    missing, file, named = [], "", 0
    for before, name in re.findall(r"`([\w/.]*)::(\w+)`", PAGE):
        file = before or file
        text = (ROOT / "tests" / file).read_text("utf-8")
        named += 1
        if f"def test_{name}(" not in text:
            missing.append(f"{file}::{name}")

    assert missing == []
    assert named > 80
