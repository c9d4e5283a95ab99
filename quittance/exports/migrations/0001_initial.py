from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0002_walls"),
        ("receivables", "0012_orders_and_credits_by_account"),
        ("tenancy", "0004_currency_of_the_limit"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bundle",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(choices=[("zip", "Zip"), ("pdf", "Pdf")], max_length=3)),
                ("whole", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
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
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="identity.user",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BundleDocument",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("content", models.BinaryField(null=True)),
                ("size_bytes", models.PositiveIntegerField(default=0)),
                (
                    "failure",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "None"),
                            ("unavailable", "Unavailable"),
                            ("refused", "Refused"),
                            ("unreadable", "Unreadable"),
                            ("too_much", "Too Much"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "bundle",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="exports.bundle",
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
                        on_delete=django.db.models.deletion.CASCADE,
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
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="identity.user",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="bundle",
            index=models.Index(
                models.F("organization"),
                models.F("user"),
                models.F("created_at"),
                name="bundle_by_user",
            ),
        ),
        migrations.AddIndex(
            model_name="bundle",
            index=models.Index(
                models.F("organization"), models.F("expires_at"), name="bundle_by_end"
            ),
        ),
        migrations.AddIndex(
            model_name="bundledocument",
            index=models.Index(
                models.F("organization"),
                models.F("bundle"),
                models.F("position"),
                name="bundle_document_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="bundledocument",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                models.F("bundle"),
                models.F("invoice"),
                name="bundle_document_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="bundledocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("content__isnull", True), ("failure", ""), _connector="OR"),
                name="bundle_document_is_here_or_failed",
            ),
        ),
    ]
