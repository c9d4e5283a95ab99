"""Keep which ways to pay are offered to whom, and whether fields stand on our page."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0007_whose_key_it_is"),
        ("tenancy", "0004_currency_of_the_limit"),
    ]

    operations = [
        migrations.AddField(
            model_name="gatewayaccount",
            name="embeds",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="OfferRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("customer_account_id", models.UUIDField(null=True)),
                ("method", models.CharField(blank=True, max_length=20)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("at_least_minor", models.BigIntegerField(null=True)),
                ("at_most_minor", models.BigIntegerField(null=True)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("is_offered", models.BooleanField()),
                ("place", models.PositiveSmallIntegerField(null=True)),
                (
                    "gateway_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="connections.gatewayaccount",
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="tenancy.legalentity",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        default=quittance.tenancy.scope.current_organization_id,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "organization",
                            "legal_entity",
                            "customer_account_id",
                            "gateway_account",
                            "method",
                            "currency",
                            "at_least_minor",
                            "at_most_minor",
                            "valid_from",
                        ),
                        name="offer_rule_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("currency", ""), _negated=True),
                            models.Q(
                                ("at_least_minor__isnull", True), ("at_most_minor__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="offer_rule_amounts_have_a_currency",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("at_least_minor__isnull", True),
                            ("at_most_minor__isnull", True),
                            ("at_most_minor__gte", models.F("at_least_minor")),
                            _connector="OR",
                        ),
                        name="offer_rule_amounts_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="offer_rule_days_in_order",
                    ),
                ],
            },
        ),
    ]
