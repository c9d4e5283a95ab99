"""The page of settings names what the settings read, and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/settings.md").read_text("utf-8")


def variables_read() -> set[str]:
    """The first argument of every reader in settings.py, and what is looked up in os.environ."""
    tree = ast.parse((ROOT / "quittance/project/settings.py").read_text("utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=reader), args=[ast.Constant(value=str(name)), *_]):
                found |= {name} if reader.startswith("env_") else set()
            case ast.Compare(left=ast.Constant(value=str(name)), ops=[ast.In()]):
                found.add(name)
    return found


def variables_in_the_table() -> set[str]:
    first_part = PAGE.partition("## What only the commands read")[0]
    return set(re.findall(r"^\| `([A-Z_]+)` \|", first_part, flags=re.MULTILINE))


def test_every_variable_that_the_settings_read_is_described() -> None:
    assert "QUITTANCE_SEAL_KEY" in variables_read()
    assert variables_read() == variables_in_the_table()


def test_the_page_gives_the_defaults_that_the_code_gives() -> None:
    code = (ROOT / "quittance/project/settings.py").read_text("utf-8")
    given = dict(re.findall(r'env_(?:text|whole)\("(\w+)", "?([^")]*)"?\)', code))
    told = dict(re.findall(r"^\| `([A-Z_]+)` \| `?([^`|]*?)`? \|", PAGE, flags=re.MULTILINE))

    assert len(given) > 5
    assert {name: value or "empty" for name, value in given.items() if value} == {
        name: told[name] for name, value in given.items() if value
    }


def test_secrets_may_come_from_a_file_that_the_page_names() -> None:
    code = (ROOT / "quittance/project/settings.py").read_text("utf-8")

    for name in re.findall(r'env_secret\("(\w+)"', code):
        assert f"`{name}_FILE`" in PAGE
