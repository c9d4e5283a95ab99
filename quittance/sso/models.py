"""Identity providers, the domains they may vouch for, whom they vouched for, and their people."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.db.models.functions import Lower

from quittance.identity.models import User
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.models import OrganizationScoped, record_name
from quittance.tenancy.walls import STAFF


class IdentityProvider(OrganizationScoped):
    """A server at which the people of one company sign in: a customer's, or the seller's own."""

    class Kind(models.TextChoices):
        OIDC = "oidc"
        SAML = "saml"

    kind = models.CharField(max_length=4, choices=Kind)
    name = models.CharField(max_length=100)  # as its people call it: "Contoso"
    for_staff = models.BooleanField(default=False)
    issuer = models.CharField(max_length=500)  # SAML: its entity id
    client_id = models.CharField(max_length=200, blank=True)  # OIDC
    sealed = models.BinaryField(default=b"")  # OIDC: the client's secret
    sealed_pepper = models.BinaryField(null=True)  # with which ``KeptOut`` is hashed
    sign_on_url = models.CharField(max_length=500, blank=True)  # SAML
    certificates = models.TextField(blank=True)  # SAML: PEM, one after the other
    groups_claim = models.CharField(max_length=100, default="groups")
    # Who signs in with an address that is known here already becomes that person, though the
    # provider does not say that it has seen the mailbox.
    links_by_mail = models.BooleanField(default=False)
    required = models.BooleanField(default=False)  # people of its domains sign in no other way
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "issuer", "client_id", name="identity_provider_once",
            ),
        ]  # fmt: skip


class ProviderDomain(OrganizationScoped):
    """A mail domain that a provider may vouch for, once its owner has proven it."""

    provider = models.ForeignKey(
        IdentityProvider, models.CASCADE, db_constraint=False, db_index=False,
        related_name="domains",
    )  # fmt: skip
    domain = models.CharField(max_length=253)  # lower case, IDNA
    word = models.CharField(max_length=64)  # to be written into its name system
    proven_at = models.DateTimeField(null=True)
    # The proof of before is gone. Where its provider is required, nobody of it signs in meanwhile.
    lost_at = models.DateTimeField(null=True)
    missed = models.PositiveSmallIntegerField(default=0)  # looks in a row that did not find it

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "domain", name="provider_domain_once"),
        ]

    @property
    def record_name(self) -> str:
        """Where the word stands in the DNS, as of the domains that the portal answers under."""
        return record_name(self.domain)


class ProviderAccount(OrganizationScoped):
    """A customer account whose people a provider may vouch for."""

    provider = models.ForeignKey(
        IdentityProvider, models.CASCADE, db_constraint=False, db_index=False,
        related_name="accounts",
    )  # fmt: skip
    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "provider", "customer_account", name="provider_account_once"
            ),
        ]


class GroupRole(OrganizationScoped):
    """Which role somebody has who is in a group there. The group "" is everybody."""

    provider = models.ForeignKey(
        IdentityProvider, models.CASCADE, db_constraint=False, db_index=False,
        related_name="roles",
    )  # fmt: skip
    group = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "provider", "group", name="group_role_once"),
            CheckConstraint(name="group_role_named", condition=~Q(role="")),
        ]


class ExternalIdentity(OrganizationScoped):
    """Somebody as a provider knows him: by its subject, never by an address."""

    provider = models.ForeignKey(
        IdentityProvider, models.CASCADE, db_constraint=False, db_index=False,
        related_name="people",
    )  # fmt: skip
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    seen_at = models.DateTimeField()
    # His groups had no role at his last sign-in, so he lost what they had given; null: they have.
    left_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "provider", "subject", name="identity_once"),
        ]


class SamlQuestion(OrganizationScoped):
    """A sign-in that began here and is on its way at a SAML provider; gone when it is over."""

    provider = models.ForeignKey(
        IdentityProvider, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    question_id = models.CharField(max_length=64)  # that the answer must name: InResponseTo
    relay_hash = models.CharField(max_length=64)  # of the word that comes back beside the answer
    asked_at = models.DateTimeField()
    answer = models.BinaryField(default=b"")  # as it came, unread
    answered_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "relay_hash", name="saml_question_once"),
        ]


class SeenAssertion(OrganizationScoped):
    """An assertion that let somebody in, kept as long as it could be shown again."""

    provider = models.ForeignKey(
        IdentityProvider, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    id_hash = models.CharField(max_length=64)
    until = models.DateTimeField()

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "provider", "id_hash", name="assertion_once"),
        ]


class DirectoryToken(OrganizationScoped):
    """What a company's directory shows when it calls; the token itself is not kept."""

    provider = models.ForeignKey(
        IdentityProvider, models.CASCADE, db_constraint=False, db_index=False,
        related_name="tokens",
    )  # fmt: skip
    token_hash = models.CharField(max_length=64)  # SHA-256
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # Its brake: how often it asked within the minute that began then.
    minute_at = models.DateTimeField(null=True)
    asked = models.PositiveIntegerField(default=0)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "token_hash", name="directory_token_once"),
        ]


class DirectoryPerson(OrganizationScoped):
    """Somebody as a company's directory tells of him; he is a user as soon as he has a role."""

    provider = models.ForeignKey(
        IdentityProvider, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    user = models.ForeignKey(
        User, models.CASCADE, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    user_name = models.CharField(max_length=254)  # the directory's own name for him
    email = models.CharField(max_length=254)  # lower case; he signs in with it
    domain = models.CharField(max_length=253)  # of the address, as ``ProviderDomain`` has it
    external_id = models.CharField(max_length=255, blank=True)
    said = models.JSONField(default=dict)  # the attributes that came, as they are given back
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # The directory had his access ended then; null: it did not, whoever else may have.
    ended_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)  # deleted there; the row says who ended his access

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "provider", Lower("user_name"), name="directory_person_once",
                condition=Q(gone_at=None),
            ),
            UniqueConstraint(
                "organization", "provider", "email", name="directory_address_once",
                condition=Q(gone_at=None),
            ),
            CheckConstraint(
                name="directory_email_lower_case", condition=Q(email=Lower("email"))
            ),
        ]  # fmt: skip


class DirectoryGroup(OrganizationScoped):
    """A group as a company's directory tells of it; by its name it may have a role."""

    provider = models.ForeignKey(
        IdentityProvider, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=255, blank=True)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "provider", Lower("name"), name="directory_group_once"
            ),
        ]


class DirectoryMember(OrganizationScoped):
    """Somebody is in a group."""

    group = models.ForeignKey(
        DirectoryGroup, models.CASCADE, db_constraint=False, db_index=False,
        related_name="members",
    )  # fmt: skip
    person = models.ForeignKey(
        DirectoryPerson, models.CASCADE, db_constraint=False, db_index=False,
        related_name="memberships",
    )  # fmt: skip

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "group", "person", name="directory_member_once"),
        ]
        indexes: ClassVar = [
            Index("organization", "person", name="directory_member_by_person"),
        ]


class KeptOut(OrganizationScoped):
    """A leaver who was erased: nothing of him but a keyed hash of the address that he left with."""

    provider = models.ForeignKey(
        IdentityProvider, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    mark = models.CharField(max_length=64)  # HMAC-SHA256

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "provider", "mark", name="kept_out_once"),
        ]
