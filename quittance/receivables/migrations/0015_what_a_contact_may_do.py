"""Say of each contact what the person is for the account, and up to what they may pay."""

from __future__ import annotations

from django.db import migrations, models

ROLES = [
    ("view", "View"),
    ("pay_within", "Pay Within"),
    ("pay", "Pay"),
    ("approve", "Approve"),
    ("administer", "Administer"),
]


class Migration(migrations.Migration):
    dependencies = [("receivables", "0014_only_a_search_takes_totals")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="role",
            field=models.CharField(choices=ROLES, db_default="pay", default="pay", max_length=20),
        ),
        migrations.AddField(
            model_name="contact",
            name="limit_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="contact",
            name="limit_currency",
            field=models.CharField(blank=True, db_default="", default="", max_length=3),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                name="contact_role_known",
                condition=models.Q(role__in=[role for role, _ in ROLES]),
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                name="contact_limit_of_who_pays_within",
                condition=models.Q(
                    role="pay_within",
                    limit_minor__gt=0,
                    limit_minor__isnull=False,
                    limit_currency__regex="^[A-Z]{3}$",
                )
                | (~models.Q(role="pay_within") & models.Q(limit_minor=None, limit_currency="")),
            ),
        ),
    ]
