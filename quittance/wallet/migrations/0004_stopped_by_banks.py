from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from quittance.audit.lives import guard_statuses

METHOD = {
    "verifying": frozenset({"active", "ended"}),
    "active": frozenset({"blocked", "ended"}),
    "blocked": frozenset({"active", "ended"}),
    "ended": frozenset(),
}


class Migration(migrations.Migration):
    dependencies = [("wallet", "0003_company_ids_and_proofs")]
    operations = [
        migrations.AddField(
            model_name="keptmethod", name="stopped_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="keptmethod",
            name="stop_code",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="keptmethod", name="stopped_by", field=models.UUIDField(null=True)
        ),
        migrations.AlterField(
            model_name="keptmethod",
            name="status",
            field=models.CharField(
                choices=[
                    ("verifying", "Verifying"),
                    ("active", "Active"),
                    ("blocked", "Blocked"),
                    ("ended", "Ended"),
                ],
                default="verifying",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="keptmethod",
            constraint=models.CheckConstraint(
                condition=~Q(status="blocked")
                | Q(stopped_at__isnull=False, stopped_by__isnull=False),
                name="kept_method_that_is_blocked_says_since_when",
            ),
        ),
        migrations.RunSQL(*guard_statuses("kept_method", "wallet_keptmethod", METHOD)),
    ]
