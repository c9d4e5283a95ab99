"""No truth lives in a cache: there is none to lose."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.backends import db

ROOT = Path(__file__).resolve().parents[2]


def imported(file: Path) -> set[str]:
    """The names of all modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.ImportFrom(module=str(module), names=aliases):
                names |= {module} | {f"{module}.{alias.name}" for alias in aliases}
            case ast.Import(names=aliases):
                names |= {alias.name for alias in aliases}
    return names


@pytest.mark.failure("F56")
def test_nothing_in_the_house_reads_or_writes_a_cache() -> None:
    files = list((ROOT / "quittance").rglob("*.py"))
    users = [file.name for file in files if "django.core.cache" in imported(file)]

    assert len(files) > 100
    assert users == []


@pytest.mark.failure("F56")
def test_sessions_and_jobs_live_in_the_database() -> None:
    assert issubclass(import_module(settings.SESSION_ENGINE).SessionStore, db.SessionStore)
    assert not any("cache" in name.lower() for name in settings.MIDDLEWARE)
    assert "procrastinate.contrib.django" in settings.INSTALLED_APPS
