"""Who pays by a link, without a sign-in: as they say themselves."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A payer whom nobody has checked: good for a receipt, for nothing else."""

    link_id: UUID
    name: str
    mail: str
