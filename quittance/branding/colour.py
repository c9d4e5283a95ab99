"""Colours as OKLCH, and the contrast between two of them as WCAG measures it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import atan2, cos, degrees, hypot, radians, sin
from typing import Final

# Red, green and blue of sRGB, each from 0 to 1.
Rgb = tuple[float, float, float]
# Lightness 0 to 1, chroma 0 to about 0.4, hue in degrees. Source: bottosson.github.io/posts/oklab
Oklch = tuple[float, float, float]

WHITE: Final[Rgb] = (1.0, 1.0, 1.0)


def from_hex(text: str) -> Rgb:
    """Read ``#0b5563`` or ``#abc``."""
    digits = text.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))
    return red, green, blue


def to_hex(colour: Iterable[float]) -> str:
    """Return the nearest colour that a screen with 8 bits can show."""
    return "#" + "".join(f"{round(_clamp(part) * 255):02x}" for part in colour)


def to_oklch(colour: Rgb) -> Oklch:
    """Return lightness, chroma and hue."""
    red, green, blue = map(_linear, colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, hypot(a, b), degrees(atan2(b, a)) % 360


def from_oklch(lightness: float, chroma: float, hue: float) -> Rgb:
    """Return the colour, with less chroma (never another hue or lightness) where sRGB ends.

    It is rounded to 8 bits, because contrast is judged on what the screen will show.
    """
    lightness = _clamp(lightness)
    linear = _oklch_to_linear(lightness, chroma, hue)
    if not _in_gamut(linear):
        low, high = 0.0, chroma
        for _ in range(18):
            middle = (low + high) / 2
            fits = _in_gamut(_oklch_to_linear(lightness, middle, hue))
            low, high = (middle, high) if fits else (low, middle)
        linear = _oklch_to_linear(lightness, low, hue)
    return from_hex(to_hex(_gamma(_clamp(part)) for part in linear))


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the ratio from 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def walk(start: Oklch, *, against: Sequence[Rgb], ratio: float, step: float) -> tuple[float, Rgb]:
    """Move the lightness by ``step`` until the colour has ``ratio`` against every background.

    Returns the lightness where it stopped, and the colour there.
    """
    lightness, chroma, hue = start
    colour = from_oklch(lightness, chroma, hue)
    for _ in range(240):
        enough = all(contrast(colour, background) >= ratio for background in against)
        if enough or not 0 <= lightness <= 1:
            break
        lightness += step
        colour = from_oklch(lightness, chroma, hue)
    return lightness, colour


def _clamp(part: float) -> float:
    return min(1.0, max(0.0, part))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)


def _luminance(colour: Rgb) -> float:
    red, green, blue = map(_linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklch_to_linear(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _in_gamut(linear: Rgb) -> bool:
    return all(-1e-4 <= part <= 1.0001 for part in linear)
