"""Keep what a gateway says that it holds; make the views anew."""

from __future__ import annotations

from django.db import migrations, models

from quittance.reconciliation.raising import RaiseInvariants


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0004_findings_are_told")]
    operations = [
        migrations.AddField("bookscursor", "held", models.JSONField(default=dict)),
        migrations.AddField("bookscursor", "held_at", models.DateTimeField(null=True)),
        RaiseInvariants(of="bbdad4dd772a4075"),
    ]
