"""The checks find what they are there to find."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from checks import registries, templates


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ('<p style="color:red">', "a style attribute"),
        ("<p\nstyle='x'>", "a style attribute"),
        ("<style>p{}</style>", "a style element"),
        ("<script>alert(1)</script>", "a script in the page"),
        ('<script nonce="x">alert(1)</script>', "a script in the page"),
        ('<a onclick="go()">', "an event handler"),
        ('<a hx-on:click="go()">', "hx-on"),
        ('<a hx-on="click: go()">', "hx-on"),
        ('<div hx-vals="js:{a: 1}">', "js: in an attribute"),
        ('<a href="javascript:go()">', "js: in an attribute"),
        ("{{ name|safe }}", "|safe"),
        ("{{ name | safe }}", "|safe"),
        ("{% autoescape false %}", "autoescape"),
    ],
)
def test_a_template_that_breaks_the_policy_is_found(broken: str, complaint: str) -> None:
    found = list(templates.complaints_about("page.html", f"<p>\n{broken}"))

    assert len(found) == 1
    assert complaint in found[0]
    assert found[0].startswith("page.html:")


@pytest.mark.parametrize(
    "fine",
    [
        '<script src="/static/app.js" defer></script>',
        '<script type="application/json" id="facts">{}</script>',
        '<link rel="stylesheet" href="/static/app.css">',
        '<button hx-post="/pay" hx-target="#total">Pay on Monday</button>',
        "{{ name }} is on = with style",
        '<input name="on" data-on="x">',
    ],
)
def test_a_template_that_keeps_the_policy_is_left_alone(fine: str) -> None:
    assert list(templates.complaints_about("page.html", fine)) == []


def test_a_file_that_names_a_registry_is_found(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "clean.txt").write_text("nothing here")
    (tmp_path / "setup.cfg").write_text(f"index = https://{registries.HOSTS[0]}/simple")

    found = registries.complaints(tmp_path)

    assert len(found) == 1
    assert found[0].startswith("setup.cfg:1:")
