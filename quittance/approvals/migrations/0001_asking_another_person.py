"""Rules of approval, who stands in, and what was asked; behind walls, and with its life kept."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.audit.lives import guard_statuses
from quittance.tenancy.walls import RaiseWalls

REQUEST = {
    "asked": frozenset({"approved", "refused", "withdrawn", "outdated"}),
    "approved": frozenset({"used", "withdrawn", "outdated"}),
}
# What was sealed is what is approved: it never changes, whoever writes to the row.
SEAL_STAYS = """
CREATE FUNCTION approvals_seal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was sealed for approval stays' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER seal_stays BEFORE UPDATE ON approvals_approvalrequest FOR EACH ROW
    WHEN (
        (OLD.basket_id, OLD.fingerprint, OLD.sealed, OLD.account_ids, OLD.maker_id,
         OLD.amount_minor, OLD.credit_minor, OLD.currency, OLD.method, OLD.expires_at)
        IS DISTINCT FROM
        (NEW.basket_id, NEW.fingerprint, NEW.sealed, NEW.account_ids, NEW.maker_id,
         NEW.amount_minor, NEW.credit_minor, NEW.currency, NEW.method, NEW.expires_at)
    )
    EXECUTE FUNCTION approvals_seal_stays();
"""
SEAL_MAY_CHANGE = "DROP FUNCTION approvals_seal_stays CASCADE;"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0007_sessions_that_must_enrol"),
        ("receivables", "0017_former_contacts"),
        ("tenancy", "0006_the_first_end_counts"),
        ("audit", "0002_statuses_are_guarded"),
    ]
    operations = [
        migrations.CreateModel(
            name="ApprovalRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("account_ids", models.JSONField()),
                ("basket_id", models.UUIDField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("sealed", models.JSONField()),
                ("without_credits", models.BooleanField(default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("approved", "Approved"),
                            ("used", "Used"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("outdated", "Outdated"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500)),
                ("amount_minor", models.BigIntegerField()),
                ("credit_minor", models.BigIntegerField(default=0)),
                ("currency", models.CharField(max_length=3)),
                ("method", models.CharField(max_length=20)),
                ("token_hash", models.CharField(max_length=64)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("used_for", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                    "decided_for",
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
                    "maker",
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
            options={
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("customer_account"),
                        models.F("created_at"),
                        name="approval_by_account",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("expires_at"),
                        condition=models.Q(("status__in", ("asked", "approved"))),
                        name="approval_that_expires",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("basket_id"),
                        condition=models.Q(("status__in", ("asked", "approved"))),
                        name="approval_request_one_alive",
                    ),
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("token_hash"),
                        name="approval_request_once_per_token",
                    ),
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("used_for"),
                        condition=models.Q(("used_for__isnull", False)),
                        name="approval_request_used_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("maker")), _negated=True),
                            _connector="OR",
                        ),
                        name="approval_request_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["approved", "refused"]), _negated=True),
                            ("decided_by__isnull", False),
                            _connector="OR",
                        ),
                        name="approval_request_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_by__isnull", False),
                                ("status", "used"),
                                ("used_for__isnull", False),
                            ),
                            models.Q(
                                models.Q(("status", "used"), _negated=True), ("used_for", None)
                            ),
                            _connector="OR",
                        ),
                        name="approval_request_used_by_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("above_minor", models.BigIntegerField(null=True)),
                ("month_minor", models.BigIntegerField(null=True)),
                ("approvers", models.JSONField(default=list)),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
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
                        models.F("customer_account"),
                        name="approval_rule_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("above_minor", None), ("above_minor__gte", 0), _connector="OR"
                            ),
                            models.Q(
                                ("month_minor", None), ("month_minor__gte", 0), _connector="OR"
                            ),
                        ),
                        name="approval_rule_amounts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deputy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("from_date", models.DateField()),
                ("until_date", models.DateField()),
                (
                    "approver",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.user",
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
                    "deputy",
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
            options={
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("customer_account"),
                        models.F("until_date"),
                        name="deputy_by_account",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("approver", models.F("deputy")), _negated=True),
                        name="deputy_is_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_date__gte", models.F("from_date"))),
                        name="deputy_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pledge",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("announcement_id", models.UUIDField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                        related_name="+",
                        to="identity.user",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("announcement_id"),
                        name="pledge_by_announcement",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("customer_account"),
                        models.F("user"),
                        models.F("created_at"),
                        name="pledge_by_person",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("customer_account"),
                        models.F("announcement_id"),
                        name="pledge_once",
                    )
                ],
            },
        ),
        RaiseWalls(
            approvalrule="customer_account_id",
            deputy="customer_account_id",
            approvalrequest="customer_account_id",
            pledge="customer_account_id",
        ),
        migrations.RunSQL(
            *guard_statuses("approval_request", "approvals_approvalrequest", REQUEST)
        ),
        migrations.RunSQL(SEAL_STAYS, SEAL_MAY_CHANGE),
    ]
