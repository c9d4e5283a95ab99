"""What wants a second person, and what was asked and decided; behind walls, its life kept."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.audit.lives import guard_statuses
from quittance.confirmations.guards import GUARDS, NO_GUARDS, guard_act
from quittance.tenancy.walls import RaiseWalls

CONFIRMATION = {
    "asked": frozenset({"confirmed", "refused", "withdrawn", "expired"}),
    "confirmed": frozenset({"done", "withdrawn", "expired"}),
}
SECRETS = "OLD.sealed_settings IS DISTINCT FROM NEW.sealed_settings OR OLD.kind <> NEW.kind"
USED_AGAIN = f"{SECRETS} OR (NEW.is_active AND NOT OLD.is_active)"
GATEWAY, ERP = "connections_gatewayaccount", "connections_erpconnection"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0009_lengths_of_sessions"),
        ("tenancy", "0006_the_first_end_counts"),
        ("audit", "0002_statuses_are_guarded"),
        ("connections", "0009_walls_around_ways_to_pay"),
    ]

    operations = [
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("about", models.CharField(max_length=120)),
                ("subject_id", models.UUIDField(null=True)),
                ("customer_account_id", models.UUIDField(null=True)),
                ("title", models.CharField(max_length=200)),
                ("shown", models.JSONField(default=list)),
                ("sealed", models.BinaryField()),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("confirmed", "Confirmed"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.user",
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
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("status"),
                        models.F("kind"),
                        name="confirmations_that_wait",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("created_at"),
                        models.F("id"),
                        name="confirmations_by_time",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("about"),
                        condition=models.Q(("status__in", ("asked", "confirmed"))),
                        name="confirmation_one_alive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="confirmation_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["confirmed", "done", "refused"]), _negated=True
                            ),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="confirmation_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["confirmed", "done"]), _negated=True),
                            ("decided_at__lte", models.F("expires_at")),
                            _connector="OR",
                        ),
                        name="confirmation_in_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ("asked", "confirmed")),
                                models.Q(("sealed", b""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("status__in", ("asked", "confirmed")), _negated=True),
                                ("sealed", b""),
                            ),
                            _connector="OR",
                        ),
                        name="confirmation_ends_without_secrets",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SecondPersonRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("is_on", models.BooleanField()),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
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
                        models.F("organization"), models.F("kind"), name="second_person_rule_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "rules"), _negated=True),
                        name="second_person_rule_of_an_act",
                    ),
                ],
            },
        ),
        RaiseWalls(confirmation="staff", secondpersonrule="everybody"),
        migrations.RunSQL(
            *guard_statuses("confirmation", "confirmations_confirmation", CONFIRMATION)
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        migrations.RunSQL(*guard_act(GATEWAY, "credentials", on="UPDATE", when=USED_AGAIN)),
        migrations.RunSQL(*guard_act(GATEWAY, "credentials", on="INSERT", when="NEW.is_active")),
        migrations.RunSQL(*guard_act(ERP, "credentials", on="UPDATE", when=USED_AGAIN)),
        migrations.RunSQL(*guard_act(ERP, "credentials", on="INSERT", when="NEW.is_active")),
    ]
