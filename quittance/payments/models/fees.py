"""Which fee a payer pays for which way of paying: dated, and none unless somebody writes a rule."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q

from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import EVERYBODY


class FeeRule(OrganizationScoped):
    """A fee for one method in one currency, from a day on. Whether it is legal says counsel."""

    method = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    basis_points = models.PositiveIntegerField(default=0)  # of the amount: 250 are 2.5 %
    fixed_minor = models.BigIntegerField(default=0)
    at_most_minor = models.BigIntegerField(null=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)  # the last day

    wall = EVERYBODY

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                name="fee_rule_sensible",
                condition=Q(basis_points__lte=1000, fixed_minor__gte=0)
                & (Q(at_most_minor__isnull=True) | Q(at_most_minor__gte=0)),
            )
        ]
        indexes: ClassVar = [
            Index("organization", "method", "currency", "valid_from", name="fee_rule_by_day")
        ]
