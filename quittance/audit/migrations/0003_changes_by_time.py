"""Find what happened lately without a look at everything; a few pages for millions of rows."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_statuses_are_guarded")]
    operations = [
        migrations.AddIndex(
            "statuschange", BrinIndex(fields=["happened_at"], name="status_change_by_time")
        )
    ]
