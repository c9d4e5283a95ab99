"""An organization's connections to its ERP and to its gateways."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from quittance.tenancy.models import LegalEntity, OrganizationScoped
from quittance.tenancy.walls import EVERYBODY, STAFF


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
    # Which account of the gateway it is, as the gateway calls it; "": not asked yet.
    own_id = models.CharField(max_length=200, blank=True, db_default="")
    sealed_settings = models.BinaryField()
    webhook_path = models.CharField(max_length=64, unique=True)  # the secret part of its address
    is_active = models.BooleanField(default=True)
    # Its fields stand on our page where it has some; else the payer goes to its page.
    embeds = models.BooleanField(default=False, db_default=False)
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


class PostingRule(OrganizationScoped):
    """Where payments of one kind are booked. The most particular rule that fits counts.

    No rule: as the settings of the connection say.
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    # What it is for; nothing: any.
    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    method = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    # Where it goes.
    account = models.CharField(max_length=20)  # where the ledger shows it
    journal = models.CharField(max_length=20, blank=True)  # shared; "": its own for each payment
    bank_account = models.CharField(max_length=20, blank=True)  # of the shared journal
    fee_account = models.CharField(max_length=20, blank=True)  # for whoever books the payout
    dimensions = models.JSONField(default=dict)  # code to value
    checked_at = models.DateTimeField()  # when the ERP was asked whether it can work

    wall = EVERYBODY  # a buyer's payment asks it, and there is no secret in it

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=("organization", "legal_entity", "gateway_account", "method", "currency"),
                name="posting_rule_once", nulls_distinct=False,
            ),
            CheckConstraint(
                name="posting_rule_names_an_account", condition=~Q(account=""),
            ),
            CheckConstraint(
                name="posting_rule_bank_only_in_a_shared_journal",
                condition=Q(bank_account="") | ~Q(journal=""),
            ),
        ]  # fmt: skip

    @property
    def weight(self) -> tuple[bool, bool, bool]:
        """How particular it is: the gateway counts before the method, that before the currency."""
        return bool(self.gateway_account_id), bool(self.method), bool(self.currency)


class OfferRule(OrganizationScoped):
    """Whether a way to pay is offered, from a day on. The most particular rule that fits counts.

    No rule: it is offered, in our order.
    """

    # What it is for; nothing: any.
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    customer_account_id = models.UUIDField(null=True)
    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    method = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    at_least_minor = models.BigIntegerField(null=True)  # of what is paid in money, fee left out
    at_most_minor = models.BigIntegerField(null=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)  # the last day
    # What it says.
    is_offered = models.BooleanField()
    place = models.PositiveSmallIntegerField(null=True)  # 1 comes first; null: in our order

    wall = STAFF  # it may name another customer

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=(
                    "organization", "legal_entity", "customer_account_id", "gateway_account",
                    "method", "currency", "at_least_minor", "at_most_minor", "valid_from",
                ),
                name="offer_rule_once", nulls_distinct=False,
            ),
            CheckConstraint(
                name="offer_rule_amounts_have_a_currency",
                condition=~Q(currency="")
                | Q(at_least_minor__isnull=True, at_most_minor__isnull=True),
            ),
            CheckConstraint(
                name="offer_rule_amounts_in_order",
                condition=Q(at_least_minor__isnull=True)
                | Q(at_most_minor__isnull=True)
                | Q(at_most_minor__gte=F("at_least_minor")),
            ),
            CheckConstraint(
                name="offer_rule_days_in_order",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
        ]  # fmt: skip

    @property
    def weight(self) -> tuple[bool, ...]:
        """How particular it is: who pays before how, that before how much, in what, to whom."""
        has_range = self.at_least_minor is not None or self.at_most_minor is not None
        return (
            self.customer_account_id is not None, self.gateway_account_id is not None,
            bool(self.method), has_range, self.legal_entity_id is not None, bool(self.currency),
        )  # fmt: skip
