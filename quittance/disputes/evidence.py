"""Files that people put to a dispute: few, small, and what their bytes say that they are.

Source: security.md, I9: what is sent is kept as it is and never shown inside a page; it is given
out as a download that no browser opens (``ui/files.py``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.core.files.uploadedfile import UploadedFile

from quittance.core.errors import RuleBroken
from quittance.disputes.models import DisputeFile, DisputeNote, InvoiceDispute

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_AT_ONCE: Final = 5
MOST_BYTES_AT_ONCE: Final = MOST_AT_ONCE * MOST_BYTES
MOST_FILES: Final = 20
_BEGINS: Final = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


class FileTooLarge(RuleBroken):
    """A file has more than 5 MB. Nothing was sent: choose a smaller one."""


class NotTaken(RuleBroken):
    """Only PDF, PNG and JPEG files can be sent. Nothing was sent: choose another file."""


class TooManyFiles(RuleBroken):
    """Five files can be sent at once, twenty in all. Nothing was sent: choose fewer."""


class Evidence(NamedTuple):
    """A file that was looked at."""

    name: str
    kind: str
    content: bytes


def read_files(sent: Sequence[UploadedFile[Any]]) -> list[Evidence]:
    """Look at what was sent. Raises ``FileTooLarge``, ``NotTaken``, ``TooManyFiles``."""
    if len(sent) > MOST_AT_ONCE:
        raise TooManyFiles
    return [_read(each) for each in sent if each.size]


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
    return Evidence(_plain(sent.name or ""), kind, content)


def _plain(name: object) -> str:
    """Return a name that can stand on a page: no folder, no ending, nothing that is not seen."""
    last = re.split(r"[\\/]", str(name))[-1]
    seen = "".join(each for each in last if unicodedata.category(each)[0] != "C")
    stem = seen.rpartition(".")[0] or seen
    return stem.strip(". ")[:100] or "file"
