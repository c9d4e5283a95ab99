"""Invitations, behind walls."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0006_second_factors"),
        ("receivables", "0016_somebody_administers"),
        ("tenancy", "0005_domains"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.CharField(max_length=254)),
                ("name", models.CharField(blank=True, max_length=150)),
                (
                    "staff_role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "None"),
                            ("auditor", "Auditor"),
                            ("clerk", "Clerk"),
                            ("manager", "Manager"),
                            ("integrator", "Integrator"),
                            ("administrator", "Administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=2)),
                ("token_hash", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sent_at", models.DateTimeField()),
                ("times_sent", models.PositiveSmallIntegerField(default=1)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.user",
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
        ),
        migrations.CreateModel(
            name="InvitedRole",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("view", "View"),
                            ("pay_within", "Pay Within"),
                            ("pay", "Pay"),
                            ("approve", "Approve"),
                            ("administer", "Administer"),
                        ],
                        max_length=20,
                    ),
                ),
                ("limit_minor", models.BigIntegerField(null=True)),
                (
                    "limit_currency",
                    models.CharField(blank=True, db_default="", default="", max_length=3),
                ),
                (
                    "customer_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="receivables.customeraccount",
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roles",
                        to="invitations.invitation",
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
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(
                models.F("organization"),
                models.F("created_at"),
                models.F("id"),
                name="invitation_by_date",
            ),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(
                models.F("organization"), models.F("email"), name="invitation_by_email"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                models.F("organization"), models.F("token_hash"), name="invitation_once_per_token"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("sent_at"))), name="invitation_ends"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="invitation_email_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("accepted_at", None), ("withdrawn_at", None), _connector="OR"),
                name="invitation_accepted_or_withdrawn",
            ),
        ),
        migrations.AddIndex(
            model_name="invitedrole",
            index=models.Index(
                models.F("organization"), models.F("customer_account"), name="invited_by_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitedrole",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                models.F("invitation"),
                models.F("customer_account"),
                name="invited_once_per_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitedrole",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("limit_currency__regex", "^[A-Z]{3}$"),
                        ("limit_minor__gt", 0),
                        ("limit_minor__isnull", False),
                        ("role", "pay_within"),
                    ),
                    models.Q(
                        models.Q(("role", "pay_within"), _negated=True),
                        ("limit_currency", ""),
                        ("limit_minor", None),
                    ),
                    _connector="OR",
                ),
                name="invited_limit_of_who_pays_within",
            ),
        ),
        RaiseWalls(invitation="staff", invitedrole="customer_account_id"),
    ]
