"""A Chromium is found, or the reason why not is said in one line."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from demo import browser


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    return tmp_path


def program(folder: Path, name: str) -> Path:
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def test_the_one_on_the_path_is_found(programs: Path) -> None:
    expected = program(programs, "google-chrome")

    assert browser.find() == str(expected)


def test_one_without_windows_is_not_taken_for_it_hung(programs: Path) -> None:
    program(programs, "chromium-headless-shell")

    assert browser.find() == ""


def test_the_named_one_comes_first(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(programs, "chromium")
    own = program(programs, "my-browser")
    monkeypatch.setenv("CHROMIUM", str(own))

    assert browser.find() == str(own)


def test_without_one_a_single_line_says_so(
    programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    browser.main()

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip().splitlines()[-1].startswith("browser tests are skipped")


def test_a_wrong_name_is_not_replaced_by_another(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(programs, "chromium")
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")

    browser.main()

    said = capsys.readouterr()
    assert said.out == ""
    assert "/nowhere/chromium, which is no program" in said.err
