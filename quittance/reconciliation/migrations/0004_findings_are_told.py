"""Keep whether the AR team was told of a finding."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0003_invariants")]
    operations = [
        migrations.AddField("finding", "told_at", models.DateTimeField(null=True)),
    ]
