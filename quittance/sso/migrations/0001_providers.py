"""Keep who may vouch for whose people."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0005_integrators"),
        ("receivables", "0016_somebody_administers"),
        ("tenancy", "0005_domains"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityProvider",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("oidc", "Oidc"), ("saml", "Saml")], max_length=4),
                ),
                ("name", models.CharField(max_length=100)),
                ("for_staff", models.BooleanField(default=False)),
                ("issuer", models.CharField(max_length=500)),
                ("client_id", models.CharField(blank=True, max_length=200)),
                ("sealed", models.BinaryField(default=b"")),
                ("sign_on_url", models.CharField(blank=True, max_length=500)),
                ("certificates", models.TextField(blank=True)),
                ("groups_claim", models.CharField(default="groups", max_length=100)),
                ("links_by_mail", models.BooleanField(default=False)),
                ("required", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
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
            name="GroupRole",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("group", models.CharField(blank=True, max_length=200)),
                ("role", models.CharField(max_length=20)),
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
                    "provider",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roles",
                        to="sso.identityprovider",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExternalIdentity",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.CharField(max_length=255)),
                ("seen_at", models.DateTimeField()),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        to="identity.user",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="sso.identityprovider",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProviderAccount",
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
                        related_name="+",
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
                    "provider",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accounts",
                        to="sso.identityprovider",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProviderDomain",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("domain", models.CharField(max_length=253)),
                ("word", models.CharField(max_length=64)),
                ("proven_at", models.DateTimeField(null=True)),
                ("missed", models.PositiveSmallIntegerField(default=0)),
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
                    "provider",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="domains",
                        to="sso.identityprovider",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="identityprovider",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                models.F("issuer"),
                models.F("client_id"),
                name="identity_provider_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="grouprole",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                models.F("provider"),
                models.F("group"),
                name="group_role_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="grouprole",
            constraint=models.CheckConstraint(
                condition=models.Q(("role", ""), _negated=True), name="group_role_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="externalidentity",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                models.F("provider"),
                models.F("subject"),
                name="identity_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="provideraccount",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                models.F("provider"),
                models.F("customer_account"),
                name="provider_account_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="providerdomain",
            constraint=models.UniqueConstraint(
                models.F("organization"), models.F("domain"), name="provider_domain_once"
            ),
        ),
        RaiseWalls(
            identityprovider="staff",
            providerdomain="staff",
            provideraccount="staff",
            grouprole="staff",
            externalidentity="staff",
        ),
    ]
