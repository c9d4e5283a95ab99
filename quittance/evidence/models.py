"""How the chains of events stood on each day."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import UniqueConstraint

from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF


class Anchor(OrganizationScoped):
    """The last link of an organization's chain on a day; told outside, so that it stays as it was.

    Never changed, never deleted.
    """

    day = models.DateField()  # in UTC: it is no day of anybody's books
    place = models.BigIntegerField()  # of the last event then: so many there were
    hash = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [UniqueConstraint("organization", "day", name="anchor_once_a_day")]
