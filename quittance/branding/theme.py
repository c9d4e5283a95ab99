"""A brand as a style sheet: six settings in, custom properties out."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final, Protocol
from xml.sax.saxutils import escape

from quittance.branding.colour import from_hex, from_oklch, to_hex, to_oklch
from quittance.branding.palette import palette

FONTS: Final[dict[str, str]] = {
    "inter": '"Inter Variable", system-ui, sans-serif',
    "plex": '"IBM Plex Sans Variable", system-ui, sans-serif',
    "system": 'system-ui, "Segoe UI", Roboto, sans-serif',
}
FIRST_ACCENT: Final = "#3247c5"  # of an organization that has chosen none
_NEAR_BLACK: Final = "#1b1b1b"
_RECKONED: Final = """  --r-xs: calc(var(--radius) * .5); --r-sm: calc(var(--radius) * .75);
  --r-md: var(--radius); --r-lg: calc(var(--radius) * 1.5);
  --e1: 0 0 0 1px var(--line), 0 1px 2px var(--shade);"""


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
    return f":root {{\n{_rows(brand.accent.lower(), brand.radius, brand.font, brand.header)}\n}}\n"


def css_within(brand: Settings, selector: str) -> str:
    """Return the style sheet that gives only the parts of a page below ``selector`` this brand.

    What app.css reckons from other tokens at the root is reckoned anew there.
    """
    rows = _rows(brand.accent.lower(), brand.radius, brand.font, brand.header)
    return f"{selector} {{\n{rows}\n{_RECKONED}\n}}\n"


def fingerprint(brand: Settings) -> str:
    """Return 16 characters that change when the style sheet changes: it is served for ever."""
    return _fingerprint(brand.accent.lower(), brand.radius, brand.font, brand.header)


def icon(name: str, accent: str) -> str:
    """Return the icon of a browser's tab as SVG: the first letter on the accent."""
    light = palette(accent.lower()).light
    letter = escape(name.strip()[:1].upper())
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{light["accent"]}"/>'
        f'<text x="16" y="22.5" text-anchor="middle" font-family="system-ui,sans-serif"'
        f' font-size="19" font-weight="700" fill="{light["on-accent"]}">{letter}</text></svg>'
    )


@lru_cache(maxsize=1024)
def icon_fingerprint(name: str, accent: str) -> str:
    """Return 16 characters that change when the icon does."""
    return hashlib.sha256(icon(name, accent).encode()).hexdigest()[:16]


@lru_cache(maxsize=1024)
def _fingerprint(accent: str, radius: int, font: str, header: str) -> str:
    return hashlib.sha256(_rows(accent, radius, font, header).encode()).hexdigest()[:16]


@lru_cache(maxsize=1024)  # a palette takes some milliseconds
def _rows(accent: str, radius: int, font: str, header: str) -> str:
    drawn = palette(accent)
    rows = [
        f"--{name}: light-dark({colour}, {drawn.dark[name]});"
        for name, colour in drawn.light.items()
    ]
    rows.append(f"--side-bg: {_panel(accent, header)};")
    if header == "ink":
        rows.append(f"--island: light-dark({_NEAR_BLACK}, #2b2a28);")
    rows += [f"--radius: {radius}px;", f"--font: {FONTS[font]};", f"--hue: {drawn.hue};"]
    return "\n".join(f"  {row}" for row in rows)


def _panel(accent: str, header: str) -> str:
    """The sign-in panel and the dark header: a deep tone of the brand, or near black."""
    if header == "ink":
        return _NEAR_BLACK
    _, chroma, hue = to_oklch(from_hex(accent))
    return to_hex(from_oklch(0.34, min(chroma, 0.09), hue))
