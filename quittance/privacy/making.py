"""Makes the file of one person, and says how far it is."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from quittance.privacy.gathering import gather
from quittance.privacy.models import PersonFile
from quittance.tenancy.rows import reading, writing


def make(file_id: UUID) -> None:
    """Make the file, if nobody has yet. Run it as often as you like: what is here stays."""
    with reading():
        rows = PersonFile.objects.filter(pk=file_id, content=None)
        row = rows.select_related("about").first()
    if row is None:
        return
    with gather(row.about, so_far=partial(_note, file_id)) as file:
        content = file.read()
    with writing():
        PersonFile.objects.filter(pk=file_id, content=None).update(
            content=content, size_bytes=len(content)
        )


def _note(file_id: UUID, done: int) -> None:
    with writing():
        PersonFile.objects.filter(pk=file_id).update(done=done)
