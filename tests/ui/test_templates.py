"""Every template can be read, says what it needs, and keeps to the policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from quittance.ui.statuses import STATUSES

ROOT = Path(__file__).resolve().parents[2] / "quittance"
FILES = sorted(ROOT.glob("*/templates/**/*.html"))
ICONS = set(re.findall(r'id="i-([^"]+)"', (ROOT / "ui/static/ui/icons.svg").read_text("utf-8")))


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_template_compiles_and_its_first_line_says_what_it_needs(file: Path) -> None:
    from django.template import engines

    (engine,) = engines.all()
    text = file.read_text(encoding="utf-8")

    engine.env.from_string(text)
    assert re.match(r"\{#.*[Nn]eed.*#\}\n", text)
    assert len(text.splitlines()) <= 120


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_nothing_is_inline(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|\|\s*safe\b", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    named = {status.icon for status in STATUSES.values()}
    for file in FILES:
        named |= set(re.findall(r'icon\("([a-z0-9-]+)"', file.read_text(encoding="utf-8")))

    assert named <= ICONS


def test_the_files_of_the_first_view_are_small() -> None:
    import gzip

    import django_htmx

    sizes = {
        "app.css": (ROOT / "ui/static/ui/app.css", 16),
        "app.js": (ROOT / "ui/static/ui/app.js", 8),
        "icons": (ROOT / "ui/static/ui/icons.svg", 6),
        "htmx": (Path(django_htmx.__file__).parent / "static/django_htmx/htmx-4.min.js", 14),
    }

    assert {
        name: size
        for name, (file, most) in sizes.items()
        if (size := len(gzip.compress(file.read_bytes(), 9))) > most * 1024
    } == {}
