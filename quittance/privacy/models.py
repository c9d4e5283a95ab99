"""What is kept of one person, as a file that somebody asked for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q

from quittance.identity.models import User
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF


class PersonFile(OrganizationScoped):
    """Everything that is kept of a person, for who asked for it and nobody else.

    It has no status: it is ready when its content is here. A rule of retention removes it.
    """

    about = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    asked_by = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    whole = models.PositiveSmallIntegerField()  # places that are gone through
    done = models.PositiveSmallIntegerField(default=0)
    content = models.BinaryField(null=True)
    size_bytes = models.PositiveIntegerField(default=0)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                name="person_file_goes_on_to_its_end", condition=Q(done__lte=F("whole"))
            )
        ]
        indexes: ClassVar = [
            Index("organization", "asked_by", "created_at", name="person_file_by_asker"),
            Index("organization", "about", name="person_file_about"),
        ]
