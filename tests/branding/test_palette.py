"""Whatever accent a seller chooses, everybody can read the pages."""

from __future__ import annotations

from itertools import product

import pytest

from quittance.branding.colour import contrast, from_hex
from quittance.branding.palette import palette

# Foreground, background, the least contrast. Source: WCAG 2.2, 1.4.3 (text) and 1.4.11 (the rest).
PAIRS = [
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-hover", 4.5),
    ("on-accent", "accent-active", 4.5),
    ("accent-ink", "surface", 4.5),
    ("accent-ink", "canvas", 4.5),
    ("accent-ink", "surface-2", 4.5),
    ("accent-ink", "accent-soft", 4.5),
    ("accent-ink", "accent-soft-2", 4.5),
    ("accent-ink-hover", "accent-soft", 4.5),
    ("accent-edge", "surface", 3),
    ("accent-mark", "surface", 3),
    ("focus", "surface", 3),
    ("focus", "canvas", 3),
    ("ink", "accent-soft", 7),
    ("ink", "accent-soft-2", 7),
    ("ink-2", "accent-soft", 4.5),
    ("ink-3", "accent-soft", 4.5),
    ("ink-3", "surface-3", 4.5),
    ("ink-3", "surface-2", 4.5),
    ("ink-2", "surface-3", 4.5),
    ("line-strong", "surface", 3),
    ("line-strong", "canvas", 3),
    ("line-strong", "surface-2", 3),
]


def failures(accent: str) -> list[str]:
    drawn = palette(accent)
    found = []
    for scheme, tokens in (("light", drawn.light), ("dark", drawn.dark)):
        colours = {name: from_hex(value) for name, value in tokens.items()}
        found += [
            f"{accent} {scheme}: {front} on {back}"
            for front, back, least in PAIRS
            if contrast(colours[front], colours[back]) < least
        ]
    return found


def cube(steps: int) -> list[str]:
    levels = [round(step * 255 / (steps - 1)) for step in range(steps)]
    return ["#{:02x}{:02x}{:02x}".format(*accent) for accent in product(levels, repeat=3)]


def test_every_pair_can_be_read_on_a_sample_of_accents() -> None:
    assert [failure for accent in cube(4) for failure in failures(accent)] == []


@pytest.mark.slow
def test_every_pair_can_be_read_on_the_whole_cube_of_accents() -> None:
    assert [failure for accent in cube(18) for failure in failures(accent)] == []


def test_a_brand_that_can_be_read_keeps_its_own_colour() -> None:
    assert palette("#0b5563").light["accent"] == "#0b5563"


def test_a_yellow_button_gets_a_dark_label_and_an_edge() -> None:
    light = palette("#ffe14d").light

    assert contrast(from_hex(light["on-accent"]), from_hex("#000000")) < 2
    assert light["accent-edge"] != light["accent"]
