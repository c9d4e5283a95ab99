"""Words that no page may show to a stranger: each is written into one column of one row."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

MARKUP: Final = "<b>\"'&"  # behind a word: shown as it is, it would be markup
_WORD: Final = re.compile(rb"cnry[0-9a-f]{6}", re.IGNORECASE)
_RAW: Final = re.compile(rb"cnry[0-9a-f]{6}<b>", re.IGNORECASE)
_ID: Final = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a word or an id is."""

    organization: UUID
    account: UUID | None  # of one customer; None: of the organization
    place: str  # table and column
    is_open: bool  # all of the organization's people may see it


@dataclass
class Canaries:
    """All words and ids of a world, with their owners."""

    owners: dict[bytes, Owner] = field(default_factory=dict)

    def word(self, owner: Owner, longest: int) -> str:
        """Return a new word of at most ``longest`` characters; "x" where none fits."""
        word = f"cnry{len(self.owners):06x}"
        if longest < len(word):
            return "x"
        self.owners[word.encode()] = owner
        return word + MARKUP if longest >= len(word) + len(MARKUP) else word

    def note_id(self, row_id: UUID, owner: Owner) -> None:
        """Write down that a row's id is somebody's."""
        self.owners[str(row_id).encode()] = owner

    def foreign(
        self, content: bytes, *, organization: UUID, account: UUID | None, sent: str
    ) -> list[str]:
        """Return where the words come from that this reader may not see.

        ``account`` is ``None`` for staff. What the reader himself ``sent`` is no news to him.
        """
        found = []
        for said in {each.lower() for each in (*_WORD.findall(content), *_ID.findall(content))}:
            owner = self.owners.get(said)
            if owner is None or said.decode() in sent:
                continue
            if owner.organization != organization or (
                account is not None and owner.account not in {None, account} and not owner.is_open
            ):
                found.append(f"{owner.place} ({said.decode()})")
        return sorted(found)


def unescaped(content: bytes) -> bool:
    """Say whether a page shows a word with its markup as markup."""
    return _RAW.search(content) is not None


def opened(content: bytes) -> bytes:
    """Return what is in a file of files (a workbook, a bundle) as well."""
    if not content.startswith(b"PK\x03\x04"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        return b"\n".join(files.read(name) for name in files.namelist())
