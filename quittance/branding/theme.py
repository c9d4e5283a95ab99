"""A brand as a style sheet: six settings in, custom properties out."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final, Protocol

from quittance.branding.colour import from_hex, from_oklch, to_hex, to_oklch
from quittance.branding.palette import palette

FONTS: Final[dict[str, str]] = {
    "inter": '"Inter Variable", system-ui, sans-serif',
    "plex": '"IBM Plex Sans Variable", system-ui, sans-serif',
    "system": 'system-ui, "Segoe UI", Roboto, sans-serif',
}
_NEAR_BLACK: Final = "#1b1b1b"


class Settings(Protocol):
    """What an organization chooses; ``branding.models.Brand`` has it."""

    @property
    def accent(self) -> str: ...  # "#0b5563"
    @property
    def radius(self) -> int: ...  # pixels, 0 to 16
    @property
    def font(self) -> str: ...  # a key of ``FONTS``
    @property
    def header(self) -> str: ...  # "plain" or "ink"


def css_variables(brand: Settings) -> str:
    """Return the style sheet that follows app.css and gives its tokens this brand's values."""
    return _sheet(brand.accent.lower(), brand.radius, brand.font, brand.header)


def fingerprint(brand: Settings) -> str:
    """Return 16 characters that change when the style sheet changes: it is served for ever."""
    return _fingerprint(brand.accent.lower(), brand.radius, brand.font, brand.header)


@lru_cache(maxsize=1024)
def _fingerprint(accent: str, radius: int, font: str, header: str) -> str:
    return hashlib.sha256(_sheet(accent, radius, font, header).encode()).hexdigest()[:16]


@lru_cache(maxsize=1024)  # a palette takes some milliseconds
def _sheet(accent: str, radius: int, font: str, header: str) -> str:
    drawn = palette(accent)
    rows = [
        f"--{name}: light-dark({colour}, {drawn.dark[name]});"
        for name, colour in drawn.light.items()
    ]
    rows.append(f"--side-bg: {_panel(accent, header)};")
    if header == "ink":
        rows.append(f"--island: light-dark({_NEAR_BLACK}, #2b2a28);")
    rows += [f"--radius: {radius}px;", f"--font: {FONTS[font]};", f"--hue: {drawn.hue};"]
    body = "\n".join(f"  {row}" for row in rows)
    return f"/* quittance.branding.theme */\n:root {{\n{body}\n}}\n"


def _panel(accent: str, header: str) -> str:
    """The sign-in panel and the dark header: a deep tone of the brand, or near black."""
    if header == "ink":
        return _NEAR_BLACK
    _, chroma, hue = to_oklch(from_hex(accent))
    return to_hex(from_oklch(0.34, min(chroma, 0.09), hue))
