"""A gateway's name stands in one line outside its folder; an adapter knows the port only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GATEWAYS = ROOT / "quittance/gateways"
ADAPTERS = sorted(init.parent.name for init in GATEWAYS.glob("*/__init__.py"))
READ = {".py", ".html", ".txt", ".js", ".css", ".json", ".sql", ".po", ".svg", ".toml"}
PORT = {"base", "facts", "consent", "fields", "saved", "charges", "amounts"}


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{node.module}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_is_named_in_one_line_of_the_registry(adapter: str) -> None:
    named = re.compile(rf"\bgateways\.{adapter}\b")
    own = GATEWAYS / adapter

    lines = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in sorted((ROOT / "quittance").rglob("*.py"))
        if own not in file.parents
        for line in file.read_text("utf-8").splitlines()
        if named.search(line)
    ]

    assert lines == [
        f'quittance/gateways/registry.py: "{adapter}": "quittance.gateways.{adapter}:ADAPTER",'
    ]
    assert not named.search((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.mark.parametrize("adapter", sorted({*ADAPTERS} - {"sandbox"}))  # that is a word of CSP too
def test_the_name_of_a_provider_stands_nowhere_else_in_whatever_kind_of_file(adapter: str) -> None:
    named, own = re.compile(adapter, re.IGNORECASE), GATEWAYS / adapter

    lines = [
        f"{file.relative_to(ROOT)}: {line.strip()[:200]}"
        for file in sorted((ROOT / "quittance").rglob("*"))
        if file.suffix in READ and own not in file.parents
        for line in file.read_text("utf-8").splitlines()
        if named.search(line) and not is_a_source(file, line)
    ]

    assert len(lines) == 1, lines


def is_a_source(file: Path, line: str) -> bool:
    """Say whether this line of a dated file says where its rules were read."""
    return file.parent.name == "bank_rules" and line.strip().startswith('"source": ')


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_knows_the_port_and_itself_only(adapter: str) -> None:
    strangers = {
        name
        for file in (GATEWAYS / adapter).rglob("*.py")
        for name in imported(file)
        if name.startswith("quittance.")
        and not name.startswith(("quittance.core", "quittance.httpclient"))
        and not name.startswith(f"quittance.gateways.{adapter}")
        and not (name.startswith("quittance.gateways.") and name.split(".")[2] in PORT)
    }

    assert strangers <= {"quittance.gateways"}


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_keeps_every_part_of_the_contract_that_its_deeds_ask_for(adapter: str) -> None:
    tests = (ROOT / "tests/gateways" / adapter).glob("test_*.py")

    assert any("globals().update(parts_of(" in file.read_text("utf-8") for file in tests)
