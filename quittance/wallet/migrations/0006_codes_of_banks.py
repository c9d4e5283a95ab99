"""Keep what a bank said of an account, in its own code."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("wallet", "0005_daily_looks")]
    operations = [
        migrations.AddField(
            model_name="methodmessage",
            name="code",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
    ]
