"""Write on a session from when on its person may only add a second factor."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0006_second_factors"),
    ]

    operations = [
        migrations.AddField(
            model_name="signin",
            name="enrol_from",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="signin",
            name="vouched",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
