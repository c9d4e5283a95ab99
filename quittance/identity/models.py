"""People who sign in, and what is needed to let them in."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.db.models.functions import Lower

from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import EVERYBODY, STAFF


class User(OrganizationScoped):
    """A person of one organization's portal: a buyer, or one of the organization's own staff.

    The same address at two organizations is two users who know nothing of each other.
    """

    class StaffRole(models.TextChoices):
        NONE = ""  # a buyer
        AUDITOR = "auditor"
        CLERK = "clerk"
        MANAGER = "manager"
        INTEGRATOR = "integrator"
        ADMINISTRATOR = "administrator"

    email = models.CharField(max_length=254)  # lower case
    name = models.CharField(max_length=150)
    password = models.CharField(max_length=128)  # Argon2id; "" means: signs in by code only
    staff_role = models.CharField(max_length=20, choices=StaffRole, blank=True)
    language = models.CharField(max_length=2, blank=True, default="", db_default="")  # as chosen
    # How numbers and days are written: a locale such as "de_CH". "": as the pages' language does.
    formats = models.CharField(max_length=12, blank=True, default="", db_default="")
    # IANA; in it moments are shown. "": that of the seller's books, in which days are always.
    zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True)
    signed_out_at = models.DateTimeField(null=True)  # sessions that began earlier are over
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True)  # since then it is a pseudonym: privacy/erasing.py

    wall = STAFF
    # Of the session that ``user_of`` was asked about: its end, and to when that can be put off.
    signed_in_until: datetime | None = None
    signed_in_at_longest: datetime | None = None
    idle_minutes: int | None = None  # unused for so long it is over
    must_enrol: bool = False  # a second factor is wanted, and there is none yet

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "email", name="user_once_per_email"),
            CheckConstraint(name="user_email_lower_case", condition=Q(email=Lower("email"))),
            CheckConstraint(
                name="user_erased_is_nobody",
                condition=Q(erased_at=None)
                | Q(is_active=False, password="", staff_role="", email__endswith="@erased.invalid"),
            ),
        ]

    @property
    def is_staff(self) -> bool:
        """Whether this is one of the organization's own people."""
        return bool(self.staff_role)

    @property
    def initials(self) -> str:
        """Two letters for the round mark."""
        words = self.name.split() or [self.email]
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()


class SignInCode(OrganizationScoped):
    """A code that was mailed: good once, for ten minutes, in the browser that asked for it."""

    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    code_hash = models.CharField(max_length=64)
    browser_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        indexes: ClassVar = [Index("organization", "user", "expires_at", name="sign_in_codes")]


class SignInTry(OrganizationScoped):
    """A try to sign in that did not succeed, or another act that is counted to slow the next."""

    key_hash = models.CharField(max_length=64)  # of the act, and whose it was or from which network
    tried_at = models.DateTimeField(auto_now_add=True)

    wall = STAFF

    class Meta:
        indexes: ClassVar = [Index("organization", "key_hash", "tried_at", name="sign_in_tries")]


class SignIn(OrganizationScoped):
    """A browser that somebody is, or was, signed in at; the session names its row."""

    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    browser = models.CharField(max_length=200, blank=True)  # as it calls itself
    began_at = models.DateTimeField()
    until = models.DateTimeField()  # then it is over, unless the person stays
    ended_at = models.DateTimeField(null=True)
    vouched = models.BooleanField(default=False, db_default=False)  # by the company's provider
    # From then on the person may only add a second factor here; null: everything is open.
    enrol_from = models.DateTimeField(null=True)
    # By the organization's choice: so long it goes on unused, and then it is over whatever happens.
    idle_minutes = models.PositiveSmallIntegerField(null=True)
    longest_until = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        indexes: ClassVar = [Index("organization", "user", "until", name="sign_ins")]


class MailChange(OrganizationScoped):
    """A new address that somebody wants; it counts when both the old and the new one confirmed."""

    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    email = models.CharField(max_length=254)  # the new one, lower case
    old_hash = models.CharField(max_length=64)  # of the word that was mailed to the old address
    new_hash = models.CharField(max_length=64)
    old_at = models.DateTimeField(null=True)  # when it was confirmed there
    new_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # done, taken back, or followed by another

    wall = STAFF

    class Meta:
        indexes: ClassVar = [Index("organization", "user", "expires_at", name="mail_changes")]


class AuthenticatorApp(OrganizationScoped):
    """An app on somebody's phone that shows a code every 30 seconds. Source: RFC 6238."""

    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    sealed_secret = models.BinaryField()
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)  # by its first code; before, it counts nothing
    last_used_at = models.DateTimeField(null=True)
    # The 30-second step of the last code that was taken: no code of it or before is taken again.
    last_step = models.BigIntegerField(default=0)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [UniqueConstraint("organization", "user", name="one_app_a_person")]


class RecoveryCode(OrganizationScoped):
    """One of ten codes on paper, for who has lost the app or the passkeys: each good once."""

    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    salt = models.CharField(max_length=32)  # one for the ten of a person
    code_hash = models.CharField(max_length=128)  # Argon2id
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "user", "code_hash", name="recovery_code_once")
        ]


class Passkey(OrganizationScoped):
    """A key pair of somebody's phone, computer or stick; we have the public half. Source: WebAuthn.

    It belongs to the host at which it was made: browsers offer it at no other.
    """

    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    name = models.CharField(max_length=60)  # as the person calls it
    host = models.CharField(max_length=253)
    credential_id = models.BinaryField()
    public_key = models.BinaryField()  # COSE
    sign_count = models.BigIntegerField()  # 0 at those that do not count
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "credential_id", name="passkey_once")
        ]
        indexes: ClassVar = [Index("organization", "user", name="passkeys_of_a_person")]


class PasskeyChallenge(OrganizationScoped):
    """What a passkey has to sign: good once, for five minutes, in the browser that asked for it."""

    challenge = models.BinaryField()
    browser_hash = models.CharField(max_length=64)
    act = models.CharField(max_length=20)  # what it was asked for
    expires_at = models.DateTimeField()

    wall = STAFF

    class Meta:
        indexes: ClassVar = [
            Index("organization", "browser_hash", name="passkey_challenges"),
            Index("organization", "expires_at", name="passkey_challenges_over"),
        ]


class SignInPolicy(OrganizationScoped):
    """What an organization wants of sign-ins; one that said nothing has the rules of policy.py."""

    class Wish(models.TextChoices):
        OFF = "off"
        OFFERED = "offered"
        REQUIRED = "required"

    staff = models.CharField(max_length=10, choices=Wish, default=Wish.REQUIRED)
    staff_from = models.DateField()  # UTC; from when "required" holds for staff
    buyers = models.CharField(max_length=10, choices=Wish, default=Wish.OFFERED)
    # How long a session of staff goes on unused, and at all. Null: as long as the product allows.
    staff_idle_minutes = models.PositiveSmallIntegerField(null=True)
    staff_hours = models.PositiveSmallIntegerField(null=True)
    # A payment of more than this, in minor units of the currency beside it, or of another currency,
    # wants a fresh proof of who confirms it. Null: no payment does.
    proof_above_minor = models.BigIntegerField(null=True)
    proof_currency = models.CharField(max_length=3, blank=True, default="", db_default="")

    wall = EVERYBODY

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", name="one_sign_in_policy"),
            CheckConstraint(
                name="sign_in_policy_is_stricter_only",
                condition=(Q(staff_idle_minutes=None) | Q(staff_idle_minutes__range=(10, 480)))
                & (Q(staff_hours=None) | Q(staff_hours__range=(1, 8))),
            ),
        ]
