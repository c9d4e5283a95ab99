"""Methods that a customer keeps at a gateway, attempts to save one, and what he agreed to.

No column is made for the number of a card or an account: a row has the gateway's token, and what a
person recognizes the method by.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from quittance.connections.models import GatewayAccount
from quittance.identity.models import User
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import EVERYBODY, STAFF


class ConsentRecord(OrganizationScoped):
    """What a payer said yes to, with the proof. Nothing of it changes; once, its end is added.

    Source: features 5.1 (the text, and who was there, written down at the same moment).
    """

    customer_account_id = models.UUIDField()
    user = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False)
    method = models.CharField(max_length=20)  # a word of the gateways' ``METHODS``
    scheme = models.CharField(max_length=20, blank=True)  # of a debit, as the text names it
    holder = models.CharField(max_length=10, blank=True)  # of a bank account: business, personal
    agreement = models.CharField(max_length=20)  # a word of the gateways' ``Agreement``
    amount_rule = models.CharField(max_length=300)  # how the amount of a charge comes about
    text = models.TextField()  # word for word as it was shown
    text_version = models.CharField(max_length=60)
    locale = models.CharField(max_length=20)
    company_id = models.CharField(max_length=40, blank=True)  # that the bank's filter must let pass
    given_at = models.DateTimeField()
    ip_address = models.CharField(max_length=45)
    user_agent = models.CharField(max_length=300, blank=True)
    session_hash = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)  # revoked, or its method is gone
    ended_by = models.CharField(max_length=100, blank=True)
    keep_until = models.DateField(null=True)  # how long the proof stays; null: it did not end yet

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                name="consent_that_ended_is_kept_for_a_time",
                condition=Q(ended_at__isnull=True, keep_until__isnull=True)
                | Q(ended_at__isnull=False, keep_until__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            Index("organization", "customer_account_id", "given_at", name="consent_by_account")
        ]


class KeptMethod(OrganizationScoped):
    """A method that a gateway keeps for a customer. Never deleted: payments refer to it."""

    class Status(models.TextChoices):
        VERIFYING = "verifying"  # the payer: he shows that the account is his
        ACTIVE = "active"  # nobody: it may be charged
        BLOCKED = "blocked"  # the AR team: a bank returned a debit; allow it again, or leave it
        ENDED = "ended"  # nobody: removed, revoked or gone; only a new one can be saved

    customer_account_id = models.UUIDField()
    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    consent = models.ForeignKey(
        ConsentRecord, models.PROTECT, db_constraint=False, db_index=False, related_name="methods"
    )
    method = models.CharField(max_length=20)  # "card", "bank_debit" or "wallet"
    gateway_method = models.CharField(max_length=200)  # the token
    gateway_payer = models.CharField(max_length=200, blank=True)
    brand = models.CharField(max_length=40, blank=True)
    bank_name = models.CharField(max_length=140, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    expires_on = models.DateField(null=True)  # a card's last day
    funding = models.CharField(max_length=20, blank=True)
    holder = models.CharField(max_length=10, blank=True)
    fingerprint = models.CharField(max_length=200, blank=True)
    initial_reference = models.CharField(max_length=200, blank=True)
    agreement = models.CharField(max_length=20)
    gateway_mandate = models.CharField(max_length=200, blank=True)
    mandate_reference = models.CharField(max_length=100, blank=True)
    scheme = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=3, blank=True)  # of a bank account; "": any
    name = models.CharField(max_length=60, blank=True)  # the payer's own
    status = models.CharField(max_length=10, choices=Status, default=Status.VERIFYING)
    ended_reason = models.CharField(max_length=20, blank=True)  # see ``ENDINGS`` of ending.py
    ended_at = models.DateTimeField(null=True)
    # When and why its bank ended or blocked it, by which reversal or attempt of the payments.
    stopped_at = models.DateTimeField(null=True)
    stop_code = models.CharField(max_length=40, blank=True, default="", db_default="")
    stopped_by = models.UUIDField(null=True)
    forgotten_at = models.DateTimeField(null=True)  # when the gateway had surely forgotten it
    expiry_told_at = models.DateTimeField(null=True)  # that it expires soon; null: not told
    saved_by = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    next_at = models.DateTimeField(null=True)  # when the gateway is asked about it
    failures = models.PositiveSmallIntegerField(default=0)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "gateway_account", "gateway_method", name="kept_method_once"
            ),
            CheckConstraint(
                name="kept_method_shows_four_signs_at_most",
                condition=Q(last4__regex=r"^[0-9A-Za-z]{0,4}$"),
            ),
            CheckConstraint(
                name="kept_method_that_ended_says_why",
                condition=~Q(status="ended") | (~Q(ended_reason="") & Q(ended_at__isnull=False)),
            ),
            CheckConstraint(
                name="kept_method_that_is_blocked_says_since_when",
                condition=~Q(status="blocked")
                | Q(stopped_at__isnull=False, stopped_by__isnull=False),
            ),
            CheckConstraint(
                name="kept_bank_account_has_a_currency",
                condition=~Q(method="bank_debit") | ~Q(currency=""),
            ),
        ]
        indexes: ClassVar = [
            Index("organization", "customer_account_id", "created_at", name="kept_by_account"),
            Index(
                "organization", "next_at", name="kept_method_due",
                condition=Q(next_at__isnull=False),
            ),
            Index(
                "organization", "expires_on", name="kept_card_expires",
                condition=Q(status="active", expires_on__isnull=False),
            ),
        ]  # fmt: skip

    @property
    def label(self) -> str:
        """What a person recognizes it by: "Visa ••4242"."""
        name = self.brand or self.bank_name
        return f"{name} ••{self.last4}".strip() if self.last4 else name


class DefaultMethod(OrganizationScoped):
    """Which method a customer uses unless he says another, in one currency."""

    customer_account_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    method = models.ForeignKey(
        KeptMethod, models.PROTECT, db_constraint=False, db_index=False, related_name="default_for"
    )

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization",
                "customer_account_id",
                "currency",
                name="default_method_one_for_each",
            ),
        ]
        indexes: ClassVar = [Index("organization", "method", name="default_by_method")]


class Saving(OrganizationScoped):
    """One attempt of a payer to have a method kept. It moves no money."""

    class Status(models.TextChoices):
        PREPARED = "prepared"  # we: the gateway was not asked yet
        SENT = "sent"  # we: it is being asked, or its answer was lost, and it is asked again
        OPEN = "open"  # the payer, on the gateway's page or in its fields; then we, if it waits
        VERIFYING = "verifying"  # the payer: what his bank's statement shows
        SAVED = "saved"  # nobody: see its method
        FAILED = "failed"  # nobody: the payer may start a new one
        CANCELLED = "cancelled"  # nobody: the payer went away; should he come back, it counts

    customer_account_id = models.UUIDField()
    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    consent = models.ForeignKey(ConsentRecord, models.PROTECT, db_constraint=False, db_index=False)
    user = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False)
    form_key = models.UUIDField()  # of the page: pressed twice it is one saving
    reference = models.CharField(max_length=64)  # what the gateway knows it by, its key
    method = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    embedded = models.BooleanField(default=False)  # in fields on our page
    return_url = models.CharField(max_length=500)
    cancel_url = models.CharField(max_length=500)
    gateway_payer = models.CharField(max_length=200, blank=True)  # as we knew him when we asked
    payer_name = models.CharField(max_length=200)
    payer_email = models.CharField(max_length=254)
    status = models.CharField(max_length=10, choices=Status, default=Status.PREPARED)
    gateway_saving = models.CharField(max_length=200, blank=True)
    redirect_url = models.CharField(max_length=2000, blank=True)
    proof = models.CharField(max_length=10, blank=True)  # while it verifies: amounts or code
    arrives_on = models.DateField(null=True)  # when the proof is in the statement
    tries_left = models.PositiveSmallIntegerField(null=True)
    kept_method = models.ForeignKey(
        KeptMethod, models.PROTECT, db_constraint=False, db_index=False, null=True,
        related_name="savings",
    )  # fmt: skip
    reason = models.CharField(max_length=40, blank=True)  # of ``REASONS``, or ``NOT_AS_AGREED``
    detail = models.CharField(max_length=500, blank=True)  # the gateway's words, for the AR team
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    busy_until = models.DateTimeField(null=True)  # a proof is being tried
    next_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "reference", name="saving_once_per_reference"),
            UniqueConstraint(
                "organization", "customer_account_id", "form_key", name="saving_once_per_form"
            ),
            UniqueConstraint(
                "organization", "gateway_account", "gateway_saving", name="saving_once_at_gateway",
                condition=~Q(gateway_saving=""),
            ),
            CheckConstraint(
                name="saving_that_is_saved_has_a_method",
                condition=~Q(status="saved") | Q(kept_method__isnull=False),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            Index("organization", "customer_account_id", "created_at", name="saving_by_account"),
            Index("organization", "next_at", name="saving_due", condition=Q(next_at__isnull=False)),
        ]


class DebitTerms(OrganizationScoped):
    """What payers must know of debits through one gateway account."""

    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    company_id = models.CharField(max_length=40, blank=True)  # as the payer's bank sees it (ACH)

    wall = EVERYBODY  # it stands in every authorization

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "gateway_account", name="debit_terms_once")
        ]


class MethodMessage(OrganizationScoped):
    """A gateway's word that something happened to a method or a saving, kept once."""

    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    event_id = models.CharField(max_length=100)
    news = models.CharField(max_length=10)  # a word of the gateways' ``MethodNews``
    gateway_saving = models.CharField(max_length=200, blank=True)
    gateway_method = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=60, blank=True)  # the gateway's own word
    # The bank's own, where it was told: of what it says without a debit going back.
    code = models.CharField(max_length=40, blank=True, default="", db_default="")
    received_at = models.DateTimeField(auto_now_add=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "gateway_account", "event_id", name="method_message_once"
            ),
        ]
