"""Makes a logo out of a file that somebody uploaded: looked at, drawn anew, never passed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from django.utils.translation import gettext as _

from quittance.core.errors import RuleBroken
from quittance.painting.paint import JPEG, MOST_DOTS, PNG, Busy, Canvas, NotDrawn, dots_of, paint

MOST_BYTES: Final = 512 * 1024
LOGO_TYPE: Final = "image/png"
HEIGHT: Final = 28  # CSS pixels
WIDEST: Final = 232
SCALE: Final = 4  # sharp on every screen and in print
_MOST_DRAWN: Final = 1024 * 1024  # bytes of a drawn one
_LOWEST: Final = 56  # dots: twice what a page shows, for sharp screens
_MOST_ELEMENTS: Final = 5_000
_BEGINNINGS: Final = ((PNG, "png"), (JPEG, "jpg"))
# What an SVG may not hold: what runs, what other files are drawn by, and what can grow by nesting.
_BARRED: Final = {
    "script", "foreignObject", "image", "feImage", "use", "iframe", "a", "style", "animate", "set",
    "animateTransform", "animateMotion", "handler", "listener", "audio", "video",
}  # fmt: skip


class NoLogo(RuleBroken):
    """This file cannot become a logo. The logo from before stays."""


@dataclass(frozen=True, slots=True)
class Logo:
    """A drawn logo: a PNG, and how wide it is on a page where it is 28 pixels high."""

    content: bytes
    width: int


def drawn_logo(content: bytes) -> Logo:
    """Return what a person uploaded (PNG, JPEG, WebP or SVG, at most 512 KB) as a PNG of ours.

    Opens no transaction; takes up to some seconds in a program of its own. Raises ``NoLogo``.
    Source: security.md, I1 and I9: no SVG of a tenant's is served, images are drawn anew.
    """
    if len(content) > MOST_BYTES:
        raise NoLogo(_("The file is larger than 512 KB. Export a smaller one."))
    kind = _kind_of(content)
    if kind == "svg":
        _check_drawing(content)
    drawn = _drawn(content, kind)
    return Logo(drawn, round(dots_of(drawn)[0] / SCALE))


def _drawn(content: bytes, kind: str) -> bytes:
    """28 pixels high; a very wide one is made smaller until it fits, in the middle of the 28."""
    try:
        drawn = paint(content, kind, _canvas(f"height: {HEIGHT}pt"))
        if dots_of(drawn)[0] > WIDEST * SCALE:
            within = f'width: {WIDEST}pt, height: {HEIGHT}pt, fit: "contain"'
            drawn = paint(content, kind, _canvas(within))
    except Busy as error:
        raise NoLogo(_("Another image is being drawn just now. Try again in a minute.")) from error
    except NotDrawn as error:
        raise NoLogo(
            _("The file cannot be drawn. Export it anew as PNG, and try again.")
        ) from error
    return drawn


def _canvas(size: str) -> Canvas:
    return Canvas(f"#picture({size})", 72 * SCALE, _MOST_DRAWN)


def _kind_of(content: bytes) -> str:
    """Tell by the first bytes, never by a name, what a file is, and how large it would become."""
    for beginning, kind in _BEGINNINGS:
        if content.startswith(beginning):
            _check_size(content)
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if b"<svg" in content[:4096] or content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
        return "svg"
    raise NoLogo(_("This is no PNG, JPEG, WebP or SVG file."))


def _check_size(content: bytes) -> None:
    wide, high = dots_of(content)
    if wide * high > MOST_DOTS:
        raise NoLogo(_("The image is too large: 25 million dots at most."))
    if 0 < high < _LOWEST:
        raise NoLogo(_("The image is too small: it must be at least 56 dots high."))


def _check_drawing(content: bytes) -> None:
    """Refuse an SVG that does more than draw shapes."""
    try:
        root = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise NoLogo(_("This SVG file cannot be read.")) from error
    elements = list(root.iter())
    if len(elements) > _MOST_ELEMENTS:
        raise NoLogo(_("This SVG file holds too many shapes. Export it as PNG."))
    names = {str(each.tag).rpartition("}")[2] for each in elements}
    if "text" in names:
        raise NoLogo(_("This SVG file holds text. Turn the text into outlines and export it anew."))
    if names & _BARRED:
        raise NoLogo(_("This SVG file holds more than shapes. Export it as PNG."))
