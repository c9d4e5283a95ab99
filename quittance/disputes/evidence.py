"""Files that people put to a dispute: few, small, and what their bytes say that they are.

An image is drawn anew as a PNG, at most 2,400 dots on its longer side, and its file is forgotten:
with it goes what a camera or a stranger wrote into it (place, time, another file at its end). A PDF
is kept as it was sent; nobody looks into it but the operator's scanner, if there is one, which is
asked about every file before anything else is done with it. All are given out as downloads that no
browser opens (``ui/files.py``), and never shown inside a page. Source: security.md, I9.
"""

from __future__ import annotations

import logging
import re
import time
import unicodedata
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from quittance.core.errors import RuleBroken
from quittance.disputes.models import DisputeFile, DisputeNote, InvoiceDispute
from quittance.painting.paint import (
    JPEG,
    MOST_DOTS,
    PNG,
    SECONDS,
    Busy,
    Canvas,
    NotDrawn,
    dots_of,
    paint,
)
from quittance.scanning.scan import NoVerdict, is_clean

log = logging.getLogger(__name__)
MOST_BYTES: Final = 5 * 1024 * 1024
MOST_AT_ONCE: Final = 5
MOST_BYTES_AT_ONCE: Final = MOST_AT_ONCE * MOST_BYTES
MOST_FILES: Final = 20
_SECONDS_AT_ONCE: Final = 30.0  # to draw all of them
_BEGINS: Final = {b"%PDF-": "pdf", PNG: "png", JPEG: "jpg"}
# Dots of the longer side: a page at 200 dots an inch; less if that is not within MOST_BYTES. Noise
# that cannot be packed is, at the last one.
_LONGEST: Final = (2_400, 1_600, 1_100)
_DRAWN: Final = """
#context {{
  let (width, height) = measure(picture())
  if width > height {{ picture(width: {longest}pt) }} else {{ picture(height: {longest}pt) }}
}}"""


class FileTooLarge(RuleBroken):
    """A file has more than 5 MB. Nothing was sent: choose a smaller one."""


class NotTaken(RuleBroken):
    """Only PDF, PNG and JPEG files can be sent. Nothing was sent: choose another file."""


class TooManyDots(RuleBroken):
    """An image has more than 25 million dots. Nothing was sent: choose a smaller one."""


class NoImage(RuleBroken):
    """An image cannot be read. Nothing was sent: save it anew, or send it as a PDF."""


class DrawnElsewhere(RuleBroken):
    """Images of somebody else are being read just now. Nothing was sent: try again in a minute."""


class Infected(RuleBroken):
    """A virus scanner found something in a file. Nothing was sent: have your computer looked at."""


class NotScanned(RuleBroken):
    """Files cannot be looked at for viruses just now. Nothing was sent: try again in a minute."""


class TooManyFiles(RuleBroken):
    """Five files can be sent at once, twenty in all. Nothing was sent: choose fewer."""


class Evidence(NamedTuple):
    """A file that was looked at."""

    name: str
    kind: str
    content: bytes


def read_files(sent: Sequence[UploadedFile[Any]]) -> list[Evidence]:
    """Look at what was sent; draw what is an image anew, by a program that takes seconds.

    All images together have half a minute, and wait for nobody's for long: a page is a thread.
    Outside of a transaction. Raises ``FileTooLarge``, ``NotTaken``, ``TooManyFiles``,
    ``TooManyDots``, ``NoImage``, ``DrawnElsewhere``, ``Infected``, ``NotScanned``.
    """
    if len(sent) > MOST_AT_ONCE:
        raise TooManyFiles
    found = [_read(each) for each in sent if each.size]  # all of them, before one is drawn
    for each in found:
        _scan(each)
    until = time.monotonic() + _SECONDS_AT_ONCE
    return [each if each.kind == "pdf" else _drawn(each, until) for each in found]


def keep_files(dispute: InvoiceDispute, note: DisputeNote, files: Sequence[Evidence]) -> None:
    """Keep files with the words they belong to, inside a transaction. Raises ``TooManyFiles``."""
    if not files:
        return
    if dispute.files.count() + len(files) > MOST_FILES:
        raise TooManyFiles
    DisputeFile.objects.bulk_create(
        DisputeFile(
            customer_account_id=dispute.customer_account_id, dispute=dispute, note=note,
            name=each.name, kind=each.kind, size_bytes=len(each.content), content=each.content,
        )
        for each in files
    )  # fmt: skip


def _read(sent: UploadedFile[Any]) -> Evidence:
    if (sent.size or 0) > MOST_BYTES:
        raise FileTooLarge
    content = sent.read()
    if len(content) > MOST_BYTES:
        raise FileTooLarge
    kind = next((kind for begin, kind in _BEGINS.items() if content.startswith(begin)), "")
    if not kind:
        raise NotTaken
    wide, high = dots_of(content)
    if wide * high > MOST_DOTS:
        raise TooManyDots
    return Evidence(_plain(sent.name or ""), kind, content)


def _scan(file: Evidence) -> None:
    try:
        clean = is_clean(file.content, settings.SCANNER)
    except NoVerdict as error:
        log.error("a file was not scanned: %s", error)
        raise NotScanned from error
    if not clean:
        raise Infected


def _drawn(image: Evidence, until: float) -> Evidence:
    """As large as it is, or smaller until it is within MOST_BYTES, while there is time."""
    own = max(dots_of(image.content)) or _LONGEST[0]
    for longest in dict.fromkeys(min(own, most) for most in _LONGEST):
        left = until - time.monotonic()
        if left <= 0:
            break
        canvas = Canvas(_DRAWN.format(longest=longest), 72, MOST_BYTES)
        try:
            drawn = paint(image.content, image.kind, canvas, seconds=min(left, SECONDS))
        except NotDrawn:
            continue
        except Busy as error:
            raise DrawnElsewhere from error
        return Evidence(image.name, "png", drawn)
    raise NoImage


def _plain(name: object) -> str:
    """Return a name that can stand on a page: no folder, no ending, nothing that is not seen."""
    last = re.split(r"[\\/]", str(name))[-1]
    seen = "".join(each for each in last if unicodedata.category(each)[0] != "C")
    stem = seen.rpartition(".")[0] or seen
    return stem.strip(". ")[:100] or "file"
