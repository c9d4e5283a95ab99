"""An organization's connections to its ERP and to its gateways."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import UniqueConstraint

from quittance.tenancy.models import LegalEntity, OrganizationScoped
from quittance.tenancy.walls import STAFF


class ErpConnection(OrganizationScoped):
    """How we reach the ERP of one legal entity."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=40)  # a name of erp/registry.py
    sealed_settings = models.BinaryField()  # see vault.py
    hint_path = models.CharField(
        max_length=64, unique=True
    )  # the secret part of the hints' address
    sealed_hint_secret = models.BinaryField()
    hint_base_url = models.CharField(max_length=300, blank=True)  # "": no hints asked for
    is_active = models.BooleanField(default=True)
    tested_at = models.DateTimeField(null=True)
    test_failure = models.CharField(max_length=1000, blank=True, db_default="")  # "": it was good
    # What was found that it can do, and when: [{name, title, can, sentence}], see capabilities.py.
    capabilities = models.JSONField(default=list, db_default=[])
    capabilities_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "legal_entity", name="erp_once_per_legal_entity")
        ]


class GatewayAccount(OrganizationScoped):
    """An organization's account at one gateway."""

    kind = models.CharField(max_length=40)  # a name of gateways/registry.py
    name = models.CharField(max_length=100)
    sealed_settings = models.BinaryField()
    webhook_path = models.CharField(max_length=64, unique=True)  # the secret part of its address
    is_active = models.BooleanField(default=True)
    # How often in a row it did not accept our key, and until when it is not asked: see gate.py.
    refusals = models.PositiveIntegerField(default=0, db_default=0)
    shut_until = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    test_failure = models.CharField(max_length=1000, blank=True, db_default="")

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "name", name="gateway_account_once_per_name")
        ]
