"""Writes which tests show which failure mode: ``python -m docs.failure_modes``.

The words of the page are its own; the last column is read out of the marks in ``tests/``.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "failure-modes.md"
_ROW = re.compile(r"^\| (F\d\d) \| (.*?) \| (.*?) \|.*\|$", flags=re.MULTILINE)
_SHOWN = 6  # tests of one id; how many more there are is said


def ids_on(page: str) -> list[str]:
    """Return the ids that the page knows, in its order."""
    return [found.group(1) for found in _ROW.finditer(page)]


def marked_tests() -> Mapping[str, list[str]]:
    """Return for each id that a mark names the tests that carry it, as "file::test"."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        name = file.relative_to(ROOT).as_posix()
        for test, failure_id in _marks(ast.parse(file.read_text("utf-8"))):
            found[failure_id].add(f"{name}::{test}" if test else name)
    return {failure_id: sorted(tests) for failure_id, tests in found.items()}


def written(page: str) -> str:
    """Return the page with its last column as the marks say."""
    tests = marked_tests()
    return _ROW.sub(
        lambda row: (
            f"| {row.group(1)} | {row.group(2)} | {row.group(3)}"
            f" | {_cell(tests.get(row.group(1), []))} |"
        ),
        page,
    )


def tests_on(page: str) -> dict[str, list[str]]:
    """Return for each id the tests that the page names."""
    named = re.compile(r"\[([^\]]+)\]\(\.\./\.\./([^)]+)\)")
    return {
        row.group(1): [
            f"{file}::{test}" if test != Path(file).name else file
            for test, file in named.findall(row.group(0))
        ]
        for row in _ROW.finditer(page)
    }


def _cell(tests: list[str]) -> str:
    if not tests:
        return "none yet"
    shown = []
    for each in tests[:_SHOWN]:
        file, _, test = each.partition("::")
        shown.append(f"[{test or Path(file).name}](../../{file})")
    more = len(tests) - _SHOWN
    return "<br>".join(shown) + (f"<br>and {more} more" if more > 0 else "")


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each test with each id that it is marked with; "" for a mark on a whole module."""
    inside: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                inside |= {id(part): node.name for part in ast.walk(decorator)}
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name.startswith("test_"):  # a contract's case, marked by its user
                inside |= {id(part): name for part in ast.walk(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_mark(node.func):
            for each in node.args:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield inside.get(id(node), ""), each.value
                else:
                    yield from _tables(tree)


def _tables(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield what a table in a module says that marks cases by it: an id, then the cases."""
    for table in ast.walk(tree):
        for key, value in (
            zip(table.keys, table.values, strict=True) if isinstance(table, ast.Dict) else ()
        ):
            if isinstance(key, ast.Constant) and re.fullmatch(r"F\d\d", str(key.value)):
                for part in ast.walk(value):
                    if isinstance(part, ast.Attribute) and part.attr.startswith("test_"):
                        yield part.attr, str(key.value)


def _is_mark(function: ast.expr) -> bool:
    """Whether this is ``pytest.mark.failure``, or a short name for it."""
    if isinstance(function, ast.Attribute):
        return function.attr == "failure" and ast.unparse(function) == "pytest.mark.failure"
    return isinstance(function, ast.Name) and function.id == "failure"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), encoding="utf-8")
