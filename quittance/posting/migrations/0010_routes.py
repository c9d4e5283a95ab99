"""Keep with a posting where it is booked."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posting", "0009_values_for_the_release_before")]
    operations = [
        migrations.AddField("erpposting", "route", models.JSONField(db_default={}, default=dict)),
    ]
