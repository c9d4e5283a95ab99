"""Makes a logo out of a file that somebody uploaded: looked at, drawn anew, never passed on."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from django.utils.translation import gettext as _

from quittance.branding import raster
from quittance.core.errors import RuleBroken

MOST_BYTES: Final = 512 * 1024
LOGO_TYPE: Final = "image/png"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_LOWEST: Final = 56  # dots: twice what a page shows, for sharp screens
_MOST_DOTS: Final = 25_000_000
_SECONDS: Final = 20
_MOST_ELEMENTS: Final = 5_000
_BEGINNINGS: Final = ((_PNG, "png"), (b"\xff\xd8\xff", "jpg"))
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
    return Logo(drawn, round(raster.width_of(drawn) / raster.SCALE))


def _drawn(content: bytes, kind: str) -> bytes:
    """Have the program of its own draw it: it gets nothing of our environment, no key and no
    address of the database, and what it answers is looked at like anything from outside.
    """
    refused = NoLogo(_("The file cannot be drawn. Export it anew as PNG, and try again."))
    with tempfile.TemporaryFile() as out:
        try:
            subprocess.run(  # noqa: S603 - our own program; the file comes by standard input
                [sys.executable, "-I", raster.__file__, kind],
                input=content,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env={"TMPDIR": tempfile.gettempdir()},
                timeout=_SECONDS,
                check=True,
            )
        except subprocess.SubprocessError as error:
            raise refused from error
        out.seek(0)
        drawn = out.read(raster.MOST_BYTES + 1)
    if len(drawn) > raster.MOST_BYTES or not drawn.startswith(_PNG):
        raise refused
    return drawn


def _kind_of(content: bytes) -> str:
    """Tell by the first bytes, never by a name, what a file is, and how large it would become."""
    for beginning, kind in _BEGINNINGS:
        if content.startswith(beginning):
            if kind == "png":
                _check_size(content)
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if b"<svg" in content[:4096] or content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
        return "svg"
    raise NoLogo(_("This is no PNG, JPEG, WebP or SVG file."))


def _check_size(content: bytes) -> None:
    wide, high = (int.from_bytes(content[start : start + 4], "big") for start in (16, 20))
    if wide * high > _MOST_DOTS:
        raise NoLogo(_("The image is too large: 25 million dots at most."))
    if high < _LOWEST:
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
