"""A logo that somebody uploads is drawn anew, or refused; nothing of its file lives on."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from quittance.branding.logos import MOST_BYTES, NoLogo, drawn_logo
from quittance.painting import program
from quittance.painting.paint import PNG
from tests.painting.pictures import png

DEMO = Path(__file__).resolve().parents[2] / "demo/brands/logo-northwind-light.svg"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60">{}</svg>'
SHAPE = '<rect width="60" height="60" fill="#0b5563"/>'


@pytest.mark.parametrize("file", [DEMO.read_bytes(), png(240, 60)], ids=["svg", "png"])
def test_a_logo_becomes_a_png_that_is_28_pixels_high_and_four_times_as_sharp(file: bytes) -> None:
    logo = drawn_logo(file)

    wide, high = struct.unpack(">II", logo.content[16:24])
    assert logo.content.startswith(PNG)
    assert high == 112
    assert logo.width == round(wide / 4) <= 232


def test_a_very_wide_logo_is_made_smaller() -> None:
    logo = drawn_logo(png(2000, 60))

    assert struct.unpack(">II", logo.content[16:24]) == (928, 112)
    assert logo.width == 232


def test_nothing_but_the_picture_of_a_file_lives_on() -> None:
    secret = b"<script>alert(1)</script>"
    file = png(240, 60, extra=secret) + b"PK\x03\x04" + secret

    assert secret not in drawn_logo(file).content
    assert b"Comment" not in drawn_logo(file).content


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<foreignObject><p>Pay to me</p></foreignObject>",
        '<image href="https://evil.example/x.png" width="9" height="9"/>',
        '<image href="file:///etc/passwd" width="9" height="9"/>',
        "<style>@import url(https://evil.example/x.css);</style>",
        '<use href="#a"/>' * 9,
        "<text>Northwind</text>",
        SHAPE * 6000,
    ],
    ids=["script", "page", "address", "file", "style", "nested", "text", "many"],
)
def test_a_drawing_that_is_more_than_shapes_is_refused(inside: str) -> None:
    with pytest.raises(NoLogo):
        drawn_logo(SVG.format(inside).encode())


def test_a_drawing_with_entities_is_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + SVG.format("&b;")

    with pytest.raises(NoLogo):
        drawn_logo(bomb.encode())


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"<html><script>alert(1)</script></html>", "no PNG, JPEG, WebP or SVG"),
        (b"GIF89a" + b"\0" * 99, "no PNG, JPEG, WebP or SVG"),
        (png(10_000, 10_000, rows=b""), "25 million dots"),
        (png(240, 20), "at least 56 dots"),
        (PNG + b"\0" * (MOST_BYTES + 1), "512 KB"),
        (png(240, 60)[:120], "cannot be drawn"),
        (b"\xff\xd8\xff" + b"\0" * 200, "cannot be drawn"),
    ],
    ids=["page", "gif", "dots", "low", "bytes", "broken", "no jpeg"],
)
def test_a_file_that_is_no_fit_image_is_refused_with_the_reason(file: bytes, words: str) -> None:
    with pytest.raises(NoLogo, match=words):
        drawn_logo(file)


def taken_over(monkeypatch: pytest.MonkeyPatch, folder: Path, deed: str) -> None:
    """Put a program in the painter's place that does what a hostile file wants."""
    other = folder / "taken_over.py"
    other.write_text(f"import os, sys\nout = sys.stdout.buffer\n{deed}\n")
    monkeypatch.setattr(program, "__file__", str(other))


def test_a_painter_that_is_taken_over_finds_no_secret_around_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:secret@127.0.0.1/db")
    monkeypatch.setenv("QUITTANCE_KEYS", "a-key")
    around = "b' '.join(k + b'=' + v for k, v in os.environb.items())"
    taken_over(monkeypatch, tmp_path, f"out.write({PNG!r} + bytes(16) + {around})")

    told = drawn_logo(png(240, 60)).content

    assert b"secret" not in told
    assert b"KEY" not in told
    assert {each.split(b"=")[0] for each in told[24:].split()} <= {b"TMPDIR", b"LC_CTYPE"}


@pytest.mark.parametrize(
    "deed",
    ["out.write(b'<script>alert(1)</script>')", f"out.write({PNG!r} + bytes(1024 * 1024))"],
    ids=["page", "large"],
)
def test_what_a_painter_answers_is_a_png_of_1_mb_at_most(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, deed: str
) -> None:
    taken_over(monkeypatch, tmp_path, deed)

    with pytest.raises(NoLogo, match="cannot be drawn"):
        drawn_logo(png(240, 60))
