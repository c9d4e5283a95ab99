"""The colours of a portal, drawn from one accent and repaired until everybody can read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from quittance.branding.colour import (
    WHITE,
    Oklch,
    Rgb,
    contrast,
    from_hex,
    from_oklch,
    to_hex,
    to_oklch,
    walk,
)

# Token -> (lightness, chroma) of the light scheme and of the dark one; the hue is the accent's.
_NEUTRALS: Final[dict[str, tuple[tuple[float, float], tuple[float, float]]]] = {
    "canvas": ((0.982, 0.003), (0.168, 0.007)),
    "surface": ((1.0, 0.0), (0.205, 0.008)),
    "surface-2": ((0.968, 0.004), (0.240, 0.009)),
    "surface-3": ((0.942, 0.005), (0.280, 0.010)),
    "line": ((0.922, 0.005), (0.292, 0.010)),
    "line-2": ((0.872, 0.007), (0.360, 0.012)),
    "line-strong": ((0.635, 0.012), (0.560, 0.012)),
    "ink": ((0.225, 0.014), (0.958, 0.004)),
    "ink-2": ((0.420, 0.015), (0.805, 0.008)),
    "ink-3": ((0.505, 0.015), (0.690, 0.010)),
}


@dataclass(frozen=True, slots=True)
class Palette:
    """Token -> colour as ``#rrggbb``, for both schemes."""

    hue: float
    light: dict[str, str]
    dark: dict[str, str]


def palette(accent: str) -> Palette:
    """Draw a palette from ``accent`` (``#0b5563``).

    In both schemes text has 4.5:1 on everything it may stand on, and edges, marks and the focus
    ring have 3:1. Source: WCAG 2.2, 1.4.3 and 1.4.11; a test walks through the whole cube.
    """
    start = to_oklch(from_hex(accent))
    return Palette(
        hue=round(start[2], 1),
        light={name: to_hex(colour) for name, colour in _scheme(start, dark=False).items()},
        dark={name: to_hex(colour) for name, colour in _scheme(start, dark=True).items()},
    )


def _scheme(accent: Oklch, *, dark: bool) -> dict[str, Rgb]:
    neutrals = {name: from_oklch(*values[dark], accent[2]) for name, values in _NEUTRALS.items()}
    fill = _fill(accent, neutrals, dark=dark)
    return neutrals | fill | _tints(accent, neutrals, dark=dark)


def _fill(accent: Oklch, neutrals: dict[str, Rgb], *, dark: bool) -> dict[str, Rgb]:
    """Button fill, its label, its states and its outline; the brand's own colour if possible."""
    lightness, chroma, hue = accent
    grey = chroma < 0.02
    if dark and lightness < 0.5 and chroma < 0.12:  # dark and muted: a bright tint, a dark label
        lightness, chroma = (0.93, chroma) if grey else (0.78, chroma * 1.3)
    elif dark:  # lift it just until the button stands off the surface
        start = (max(lightness, 0.58), chroma, hue)
        lightness, _ = walk(start, against=[neutrals["surface"]], ratio=3.0, step=0.01)
    near_black = from_oklch(0.20, 0.0 if grey else 0.03, hue)
    lightness, fill, label = _solid((lightness, chroma, hue), near_black)
    on_white = label == WHITE
    step = -0.045 if on_white or lightness + 0.035 > 0.97 else 0.035
    if not on_white and step < 0:
        step = -0.035
    edge = fill
    if contrast(fill, neutrals["surface"]) < 3:  # too pale to stand on the page: yellow on white
        _, edge = walk(
            (lightness, chroma, hue),
            against=[neutrals["surface"], neutrals["canvas"]],
            ratio=3.05,
            step=0.006 if dark else -0.006,
        )
    return {
        "accent": fill,
        "accent-hover": _state((lightness + step, chroma, hue), label),
        "accent-active": _state((lightness + 2 * step, chroma, hue), label),
        "on-accent": label,
        "accent-edge": edge,
    }


def _solid(start: Oklch, near_black: Rgb) -> tuple[float, Rgb, Rgb]:
    """Return lightness and colour of the fill, and the label that can be read on it.

    White where it passes, or nearly passes (then the fill gets a hair darker); else near black.
    """
    fill = from_oklch(*start)
    if contrast(fill, WHITE) >= 4.5:
        return start[0], fill, WHITE
    if contrast(fill, WHITE) >= 3.7:
        return *walk(start, against=[WHITE], ratio=4.5, step=-0.004), WHITE
    if contrast(fill, near_black) >= 4.6:
        return start[0], fill, near_black
    return *walk(start, against=[near_black], ratio=4.6, step=0.004), near_black


def _state(start: Oklch, label: Rgb) -> Rgb:
    colour = from_oklch(*start)
    if contrast(colour, label) < 4.5:
        step = -0.004 if label == WHITE else 0.004
        _, colour = walk(start, against=[label], ratio=4.5, step=step)
    return colour


def _tints(accent: Oklch, neutrals: dict[str, Rgb], *, dark: bool) -> dict[str, Rgb]:
    """Soft backgrounds, links, marks and the focus ring."""
    lightness, chroma, hue = accent
    if dark:
        soft = from_oklch(0.275, min(chroma * 0.45, 0.055), hue)
        softer = from_oklch(0.315, min(chroma * 0.5, 0.065), hue)
        line = from_oklch(0.42, min(chroma * 0.6, 0.09), hue)
        start = (max(lightness, 0.74), min(chroma, 0.15), hue)
        ink_at, ink = walk(start, against=[neutrals["surface-2"], softer], ratio=5.0, step=0.01)
        ink_hover = from_oklch(ink_at + 0.06, min(chroma, 0.13), hue)
    else:
        soft = from_oklch(0.966, min(chroma * 0.18, 0.022), hue)
        softer = from_oklch(0.938, min(chroma * 0.26, 0.035), hue)
        line = from_oklch(0.845, min(chroma * 0.5, 0.075), hue)
        start = (min(lightness, 0.56), chroma, hue)
        ink_at, ink = walk(start, against=[neutrals["surface-3"], softer], ratio=4.6, step=-0.004)
        ink_hover = from_oklch(ink_at - 0.07, chroma, hue)
    _, mark = walk(
        accent,
        against=[neutrals["surface"], neutrals["surface-2"]],
        ratio=3.1,
        step=0.006 if dark else -0.006,
    )
    return {
        "accent-ink": ink,
        "accent-ink-hover": ink_hover,
        "accent-soft": soft,
        "accent-soft-2": softer,
        "accent-line": line,
        "accent-mark": mark,
        "focus": ink,
        "island": from_oklch(0.295 if dark else 0.235, min(chroma * 0.4, 0.028), hue),
    }
