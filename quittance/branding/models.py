"""How an organization looks and speaks, in whose name it writes, and how it looked before."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from quittance.core.languages import ENGLISH
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import EVERYBODY, STAFF


class Brand(OrganizationScoped):
    """How one organization looks to its customers. Colours are worked out by ``theme.py``."""

    class Font(models.TextChoices):
        INTER = "inter"
        PLEX = "plex"
        SYSTEM = "system"

    class Header(models.TextChoices):
        PLAIN = "plain"
        INK = "ink"

    class Tone(models.TextChoices):
        PLAIN = "plain"
        FRIENDLY = "friendly"
        FORMAL = "formal"

    name = models.CharField(max_length=100)
    accent = models.CharField(max_length=7, validators=[RegexValidator(r"^#[0-9a-f]{6}$")])
    radius = models.PositiveSmallIntegerField(default=8, validators=[MaxValueValidator(16)])
    font = models.CharField(max_length=10, choices=Font, default=Font.INTER)
    header = models.CharField(max_length=10, choices=Header, default=Header.PLAIN)
    tone = models.CharField(max_length=10, choices=Tone, default=Tone.PLAIN)
    logo_light = models.BinaryField(null=True)  # SVG or PNG, cleaned before it is kept
    logo_dark = models.BinaryField(null=True)
    logo_type = models.CharField(max_length=20, blank=True)
    logo_width = models.PositiveSmallIntegerField(default=0)  # at a height of 28 pixels
    postal_address = models.CharField(max_length=300, blank=True)
    contact_email = models.CharField(max_length=254, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    # What its customers may read it in; empty: every language that is complete.
    languages = ArrayField(models.CharField(max_length=2), default=list, db_default=[], blank=True)
    language = models.CharField(
        max_length=2, default=ENGLISH, db_default=ENGLISH
    )  # of who chose none
    sender_name = models.CharField(max_length=100, blank=True, default="", db_default="")
    reply_to = models.CharField(max_length=254, blank=True, default="", db_default="")
    footer = models.CharField(max_length=300, blank=True, default="", db_default="")
    links = models.JSONField(default=list, db_default=[])  # [[label, https address], ..]
    names_product = models.BooleanField(default=False, db_default=False)  # "powered by"
    greeting = models.CharField(max_length=200, blank=True, default="", db_default="")  # of mails
    help_text = models.CharField(max_length=300, blank=True, default="", db_default="")
    # What is said otherwise in a language: {"de": {"footer": "..", "links": [..]}}; see texts.py.
    texts = models.JSONField(default=dict, db_default={})

    wall = EVERYBODY

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", name="brand_once_per_organization"),
            CheckConstraint(name="brand_radius_small", condition=Q(radius__lte=16)),
        ]


class BrandVersion(OrganizationScoped):
    """How a brand was before somebody changed it. Written once, never changed."""

    number = models.PositiveIntegerField()  # 1, 2, 3 .. of the organization
    settings = models.JSONField(default=dict)  # the fields of ``keep.Chosen``
    logo_light = models.BinaryField(null=True)
    logo_dark = models.BinaryField(null=True)
    logo_type = models.CharField(max_length=20, blank=True)
    logo_width = models.PositiveSmallIntegerField(default=0)
    replaced_at = models.DateTimeField()
    replaced_by = models.CharField(max_length=100)  # the actor: "user:<id>"
    changed = models.CharField(max_length=300)  # the names of what was changed then, with commas

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "number", name="brand_version_once_per_number")
        ]
