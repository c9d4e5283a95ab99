"""Who our customers are, and the parent of every row that belongs to one of them."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, Self, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from quittance.core.ids import new_id
from quittance.tenancy.scope import current_organization_id
from quittance.tenancy.walls import EVERYBODY, STAFF


class Organization(models.Model):
    """A tenant: the seller whose customers pay here."""

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    suspended_at = models.DateTimeField(null=True)  # what is under way ends; nothing new starts
    # How old the ERP's word may be at the last step of a checkout when the ERP does not answer.
    stale_after_minutes = models.PositiveIntegerField(default=240)
    # From more than this on, in minor units of the currency beside it, a second person confirms
    # what somebody decides about a posting, and a manager refunds: limits.py. Null: no limit.
    two_persons_above_minor = models.BigIntegerField(null=True)
    two_persons_currency = models.CharField(max_length=3, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return self.name


class Host(models.Model):
    """A host name that shows one organization's portal."""

    name = models.CharField(primary_key=True, max_length=253)  # lower case, without a port
    organization = models.ForeignKey(Organization, models.PROTECT)
    is_claimed = models.BooleanField(default=False, db_default=False)  # while its domain is proven
    is_canonical = models.BooleanField(default=False, db_default=False)  # links in mails lead here

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["organization"], condition=Q(is_canonical=True), name="host_canonical_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


RowT = TypeVar("RowT", bound=models.Model)


class ScopedManager(models.Manager[RowT]):
    """Finds rows of the current organization only; without one it refuses to ask."""

    def get_queryset(self) -> models.QuerySet[RowT]:
        return _rows_of(self.model, current_organization_id()).using(self._db)


@lru_cache(maxsize=512)
def _rows_of(model: type[RowT], organization_id: UUID) -> models.QuerySet[RowT]:
    """Return a query that is never run itself: to copy it costs less than to make it anew."""
    return models.QuerySet(model).filter(organization_id=organization_id)


class OrganizationScoped(models.Model):
    """A row that belongs to one organization. PostgreSQL keeps the others out (walls.py).

    References between such rows are ``ForeignKey(..., db_constraint=False, db_index=False)``: the
    wall makes the real constraint, over organization and id, because a simple one would not see the
    wall; and indexes begin with the organization.
    """

    # Who besides the organization's staff and jobs may see the row: the column that names the
    # customer account, or a word of walls.py. The migration's RaiseWalls repeats it.
    wall: ClassVar[str]

    id = models.UUIDField(primary_key=True, default=new_id)
    organization = models.ForeignKey(
        Organization, models.PROTECT, default=current_organization_id, related_name="+",
        db_index=False,
    )  # fmt: skip

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        abstract = True


class LegalEntity(OrganizationScoped):
    """A set of books of an organization: what Business Central calls a company."""

    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64)  # IANA; days are dates in this zone
    currency = models.CharField(max_length=3)

    wall = EVERYBODY

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "name", name="legal_entity_once_per_name")
        ]

    def __str__(self) -> str:
        return self.name


def record_name(domain: str) -> str:
    """Return the name whose TXT record proves a domain."""
    return f"_portal-challenge.{domain}"


class DomainClaim(OrganizationScoped):
    """A domain that the organization says is its own, and how far that is proven: domains.py."""

    name = models.CharField(max_length=253)  # lower case, as the DNS writes it
    token = models.CharField(max_length=64)  # random; stands in the DNS under ``record_name``
    for_portal = models.BooleanField(default=False)  # the portal answers under it, while proven
    claimed_at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True)  # the last time that the text was there
    checked_at = models.DateTimeField(null=True)  # the last time that the DNS answered
    misses = models.PositiveIntegerField(default=0)  # in a row
    lost_at = models.DateTimeField(null=True)  # the text was missed twice in a row
    released_at = models.DateTimeField(null=True)  # given up by a person

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "name", name="domain_claimed_once"),
            # Over all organizations: also what was lost or released stays its holder's, for a time.
            UniqueConstraint(
                fields=["name"], condition=Q(proven_at__isnull=False), name="domain_held_once"
            ),
            CheckConstraint(
                name="domain_lost_was_proven",
                condition=Q(lost_at__isnull=True) | Q(proven_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def record_name(self) -> str:
        """Where the text stands in the DNS."""
        return record_name(self.name)

    @property
    def is_proven(self) -> bool:
        """Whether the organization speaks for the domain now."""
        return self.proven_at is not None and self.lost_at is None and self.released_at is None
