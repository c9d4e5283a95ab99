"""Rules of newcomers, proven mailboxes, and who asked to come in; behind walls."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.audit.lives import guard_statuses
from quittance.tenancy.walls import RaiseWalls

REQUEST = {"asked": frozenset({"let_in", "refused", "expired"})}


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0008_events_by_time"),
        ("identity", "0009_lengths_of_sessions"),
        ("receivables", "0017_former_contacts"),
        ("tenancy", "0006_the_first_end_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArrivalRules",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("is_open", models.BooleanField(default=False)),
                (
                    "at_once",
                    models.CharField(
                        choices=[("nobody", "Nobody"), ("known", "Known"), ("anybody", "Anybody")],
                        default="nobody",
                        max_length=10,
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
                        default="view",
                        max_length=20,
                    ),
                ),
                ("invoices", models.PositiveSmallIntegerField(default=1)),
                ("recent_days", models.PositiveSmallIntegerField(default=90)),
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
                    models.UniqueConstraint(models.F("organization"), name="arrival_rules_once"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ("view", "pay"))),
                        name="arrival_role_is_small",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("invoices__range", (1, 2)), ("recent_days__range", (30, 365))
                        ),
                        name="arrival_wants_facts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JoinRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.CharField(blank=True, max_length=254)),
                ("name", models.CharField(blank=True, max_length=150)),
                ("language", models.CharField(blank=True, max_length=2)),
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
                ("known", models.BooleanField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("let_in", "Let In"),
                            ("refused", "Refused"),
                            ("expired", "Expired"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
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
                    "decided_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
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
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.user",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("status"),
                        models.F("created_at"),
                        models.F("id"),
                        name="join_by_status",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("email"),
                        models.F("created_at"),
                        name="join_by_email",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("customer_account"),
                        models.F("email"),
                        condition=models.Q(
                            ("status", "asked"), models.Q(("email", ""), _negated=True)
                        ),
                        name="join_request_waits_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ("view", "pay"))), name="join_role_is_small"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", django.db.models.functions.text.Lower("email"))
                        ),
                        name="join_email_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "asked"), ("ended_at__isnull", False), _connector="OR"
                        ),
                        name="join_ends_when_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "refused"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="join_refused_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.CharField(max_length=254)),
                ("code_hash", models.CharField(max_length=64)),
                ("browser_hash", models.CharField(max_length=64)),
                ("wrong_tries", models.PositiveSmallIntegerField(default=0)),
                ("expires_at", models.DateTimeField()),
                ("proven_at", models.DateTimeField(null=True)),
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
                        models.F("organization"), models.F("expires_at"), name="mailboxes_over"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", django.db.models.functions.text.Lower("email"))
                        ),
                        name="mailbox_lower_case",
                    )
                ],
            },
        ),
        RaiseWalls(arrivalrules="everybody", mailbox="staff", joinrequest="customer_account_id"),
        migrations.RunSQL(*guard_statuses("join_request", "arrivals_joinrequest", REQUEST)),
    ]
