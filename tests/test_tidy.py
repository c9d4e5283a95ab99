"""The house stays tidy: sizes, names and promises that no linter checks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = ("quittance", "sandbox", "demo", "checks", "benchmarks", "tests")
FILE_LINES, FUNCTION_LINES = 400, 50
EMPTY_NAMES = {"utils", "helpers", "common", "misc", "services", "manager", "managers"}
PORTS = {"gateways": ROOT / "quittance/gateways", "erp": ROOT / "quittance/erp"}


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    found = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return tuple(sorted(file for file in found if "migrations" not in file.parts))


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def rooms() -> list[Path]:
    """Every package that is a room of its own, and every adapter and server."""
    parents = ["quittance", "sandbox", "quittance/gateways", "quittance/erp"]
    inside = [init for parent in parents for init in (ROOT / parent).glob("*/__init__.py")]
    return sorted({*inside, ROOT / "demo/__init__.py", ROOT / "checks/__init__.py"})


def test_a_file_is_short_enough_to_read() -> None:
    lengths = {name_of(file): len(file.read_text("utf-8").splitlines()) for file in modules(*CODE)}

    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_a_function_fits_on_a_screen() -> None:
    long = [
        f"{name_of(file)}: {node.name} has {lines} lines"
        for file in modules(*CODE)
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    ]

    assert long == []


def test_a_module_says_in_its_first_line_what_it_is_for() -> None:
    silent = [name_of(file) for file in modules(*CODE) if not says_what_it_is_for(file)]

    assert silent == []


def says_what_it_is_for(file: Path) -> bool:
    text = file.read_text(encoding="utf-8").strip()
    first = (ast.get_docstring(tree_of(file)) or "").split("\n\n")[0]
    return first.endswith((".", "?", "!", ":")) or (file.name == "__init__.py" and not text)


def test_a_room_has_one_sentence() -> None:
    sentences = {name_of(init): ast.get_docstring(tree_of(init)) or "" for init in rooms()}

    assert len(sentences) > 20
    assert {
        name: sentence
        for name, sentence in sentences.items()
        if not sentence.endswith(".") or "\n\n" in sentence
    } == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = [name_of(file) for file in modules(*CODE) if EMPTY_NAMES & set(names_in(file))]

    assert empty == []


def names_in(file: Path) -> list[str]:
    return [*file.relative_to(ROOT).parts[:-1], file.stem]


def adapters() -> Iterator[tuple[str, str]]:
    for port, folder in PORTS.items():
        for init in sorted(folder.glob("*/__init__.py")):
            yield port, init.parent.name


def words_of(file: Path) -> set[str]:
    """What a module names in code: imports, identifiers and strings, but no docstrings."""
    tree = tree_of(file)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    words: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            words |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            words |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            words.add(node.name)
        elif isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words |= set() if id(node) in docstrings else {node.value}
    return words


@pytest.mark.parametrize(("port", "adapter"), list(adapters()))
def test_the_price_of_a_provider_is_one_line(port: str, adapter: str) -> None:
    own = PORTS[port] / adapter
    # "sandbox" is also a word of its own: of it only the bare name or an import counts.
    named = re.compile(
        rf"^{adapter}$|\b{port}\.{adapter}\b"
        if adapter == "sandbox"
        else adapter.replace("_", "[ _-]?"),
        re.IGNORECASE,
    )

    elsewhere = [
        name_of(file)
        for file in modules("quittance")
        if own not in file.parents
        and file != PORTS[port] / "registry.py"
        and any(named.search(word) for word in words_of(file))
    ]

    assert elsewhere == []


def test_no_page_names_an_erp_or_a_gateway() -> None:
    labels = re.compile(r"business[ _-]?central|dynamics 365|stripe|paypal", re.IGNORECASE)
    pages = [
        file
        for file in (ROOT / "quittance").rglob("*.html")
        if not any(folder in file.parents for folder in PORTS.values())
    ]

    assert [name_of(page) for page in pages if labels.search(page.read_text("utf-8"))] == []


def test_the_scope_is_set_by_one_module_and_ends_with_the_transaction() -> None:
    calls = {
        name_of(file): re.findall(r"set_config\((.*?)\)", file.read_text(encoding="utf-8"))
        for file in (ROOT / "quittance").rglob("*.py")
        if "set_config(" in file.read_text(encoding="utf-8")
    }

    assert list(calls) == ["quittance/tenancy/rows.py"]
    assert all(call.endswith(", true") for call in calls["quittance/tenancy/rows.py"])


def test_nothing_is_set_for_a_whole_session() -> None:
    session = re.compile(
        r"\bSET\s+(SESSION\s+)?(quittance\.|row_security|role\b|session authorization)",
        re.IGNORECASE,
    )
    files = [*(ROOT / "quittance").rglob("*.py"), *(ROOT / "quittance").rglob("*.sql")]

    assert [name_of(file) for file in files if session.search(file.read_text("utf-8"))] == []


def test_only_the_job_runner_catches_everything() -> None:
    catching = [
        f"{name_of(file)}:{node.lineno}"
        for file in modules("quittance")
        if ROOT / "quittance/jobs" not in file.parents
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    ]

    assert catching == []


def catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether it catches whatever comes and keeps it; cleaning up and raising again is fine."""
    broad = handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"}
    )
    last = handler.body[-1]
    return broad and not (isinstance(last, ast.Raise) and last.exc is None)


def test_only_the_settings_read_the_environment() -> None:
    reading = [
        name_of(file)
        for file in modules("quittance")
        if file.parent.name != "project"
        and file.name != "__main__.py"
        and {"environ", "getenv"} & words_of(file)
    ]

    assert reading == []


def test_a_look_at_a_page_waits_for_what_it_looks_for() -> None:
    """What reads a page as it stands reads the old one now and then, or half of the new one."""
    hasty = r"assert .*\.count\(\)|\.wait_for_event\("

    assert [
        f"{name_of(file)}: {line.strip()}"
        for file in modules("tests/browser")
        for line in file.read_text("utf-8").splitlines()
        if re.search(hasty, line)
    ] == []
