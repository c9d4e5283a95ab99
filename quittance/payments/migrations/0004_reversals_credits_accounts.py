"""Know reversals, disputes, credits, fees, and payments of several customer accounts."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0002_walls"),
        ("identity", "0002_walls"),
        ("payments", "0003_statuses"),
        ("receivables", "0004_credits_and_discounts"),
        ("tenancy", "0002_walls"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="allocation",
            name="allocation_once",
        ),
        migrations.RemoveConstraint(
            model_name="allocation",
            name="allocation_positive",
        ),
        migrations.RemoveConstraint(
            model_name="allocation",
            name="allocation_within_what_was_open",
        ),
        migrations.RemoveConstraint(
            model_name="payment",
            name="payment_amount_positive",
        ),
        migrations.AddField(
            model_name="allocation",
            name="credit_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="allocation",
            name="discount_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="payment",
            name="fee_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="payment",
            name="on_account_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="payment",
            name="gateway_account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="connections.gatewayaccount",
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="origin",
            field=models.CharField(
                choices=[
                    ("checkout", "Checkout"),
                    ("pay_link", "Pay Link"),
                    ("autopay", "Autopay"),
                    ("instalment", "Instalment"),
                    ("back_office", "Back Office"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                models.F("payment"),
                models.F("invoice"),
                condition=models.Q(("status", "released"), _negated=True),
                name="allocation_once_alive",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gte", 0),
                    ("credit_minor__gte", 0),
                    ("discount_minor__gte", 0),
                    models.Q(("amount_minor__gt", 0), ("credit_minor__gt", 0), _connector="OR"),
                ),
                name="allocation_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "amount_minor__lte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("open_seen_minor"),
                                    "-",
                                    models.F("in_flight_seen_minor"),
                                ),
                                "-",
                                models.F("discount_minor"),
                            ),
                            "-",
                            models.F("credit_minor"),
                        ),
                    )
                ),
                name="allocation_within_what_was_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount_minor__gt", 0), ("gateway_account__isnull", False)),
                    models.Q(("amount_minor", 0), ("gateway_account__isnull", True)),
                    _connector="OR",
                ),
                name="payment_without_money_needs_no_gateway",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fee_minor__gte", 0),
                    ("on_account_minor__gte", 0),
                    (
                        "amount_minor__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("fee_minor"), "+", models.F("on_account_minor")
                        ),
                    ),
                ),
                name="payment_parts_within_amount",
            ),
        ),
        migrations.CreateModel(
            name="BasketCredit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                (
                    "basket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="credits",
                        to="payments.basket",
                    ),
                ),
                (
                    "credit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="receivables.credit",
                    ),
                ),
                (
                    "customer_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="receivables.customeraccount",
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
                        models.F("organization"),
                        models.F("basket"),
                        models.F("credit"),
                        name="basket_credit_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="basket_credit_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditUse",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("reserved", "Reserved"),
                            ("consumed", "Consumed"),
                            ("reflected", "Reflected"),
                            ("released", "Released"),
                        ],
                        default="reserved",
                        max_length=10,
                    ),
                ),
                ("open_seen_minor", models.BigIntegerField()),
                ("in_flight_seen_minor", models.BigIntegerField()),
                ("version_seen", models.BigIntegerField()),
                (
                    "credit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="receivables.credit",
                    ),
                ),
                (
                    "customer_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="receivables.customeraccount",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="receivables.invoice",
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
                (
                    "payment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_uses",
                        to="payments.payment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("credit"),
                        condition=models.Q(("status__in", ["reserved", "consumed"])),
                        name="credit_use_alive",
                    ),
                    models.Index(
                        models.F("organization"), models.F("payment"), name="credit_use_by_payment"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("payment"),
                        models.F("credit"),
                        models.F("invoice"),
                        name="credit_use_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="credit_use_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount_minor__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("open_seen_minor"),
                                    "-",
                                    models.F("in_flight_seen_minor"),
                                ),
                            )
                        ),
                        name="credit_use_within_what_was_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("customer_account_id", models.UUIDField()),
                ("gateway_object", models.CharField(max_length=100)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("under_review", "Under Review"),
                            ("won", "Won"),
                            ("lost", "Lost"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(blank=True, max_length=100)),
                ("answer_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "attempt",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="payments.gatewayattempt",
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
                (
                    "payment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="payments.payment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization"), models.F("payment"), name="dispute_by_payment"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("attempt"),
                        models.F("gateway_object"),
                        name="dispute_once_per_gateway_object",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FeeRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("method", models.CharField(max_length=20)),
                ("currency", models.CharField(max_length=3)),
                ("basis_points", models.PositiveIntegerField(default=0)),
                ("fixed_minor", models.BigIntegerField(default=0)),
                ("at_most_minor", models.BigIntegerField(null=True)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
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
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("method"),
                        models.F("currency"),
                        models.F("valid_from"),
                        name="fee_rule_by_day",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("basis_points__lte", 1000),
                            ("fixed_minor__gte", 0),
                            models.Q(
                                ("at_most_minor__isnull", True),
                                ("at_most_minor__gte", 0),
                                _connector="OR",
                            ),
                        ),
                        name="fee_rule_sensible",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentAccount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                (
                    "customer_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="receivables.customeraccount",
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
                (
                    "payment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="payments.payment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("customer_account"),
                        models.F("payment"),
                        name="payment_account_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reversal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=20)),
                ("customer_account_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("refund", "Refund"),
                            ("return", "Return"),
                            ("dispute", "Dispute"),
                            ("dispute_won", "Dispute Won"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("clerk", "Clerk"),
                            ("surplus", "Surplus"),
                            ("outside", "Outside"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("sent", "Sent"),
                            ("unknown", "Unknown"),
                            ("pending", "Pending"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("fee_minor", models.BigIntegerField(default=0)),
                ("currency", models.CharField(max_length=3)),
                ("idempotency_key", models.CharField(max_length=100)),
                ("gateway_object", models.CharField(max_length=100, null=True)),
                ("reopens", models.BooleanField(default=True)),
                ("code", models.CharField(blank=True, max_length=40)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("detail", models.CharField(blank=True, max_length=500)),
                ("problem", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("succeeded_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                (
                    "attempt",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="payments.gatewayattempt",
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
                (
                    "payment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="payments.payment",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="identity.user",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("payment"),
                        models.F("created_at"),
                        name="reversal_by_payment",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("status"),
                        models.F("created_at"),
                        name="reversal_by_status",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("number"),
                        name="reversal_once_per_number",
                    ),
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("idempotency_key"),
                        name="reversal_once_per_key",
                    ),
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("attempt"),
                        models.F("kind"),
                        models.F("gateway_object"),
                        condition=models.Q(("gateway_object__isnull", False)),
                        name="reversal_once_per_gateway_object",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="reversal_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "succeeded"), _negated=True),
                            ("succeeded_at__isnull", False),
                            _connector="OR",
                        ),
                        name="reversal_succeeded_at_when_succeeded",
                    ),
                ],
            },
        ),
    ]
