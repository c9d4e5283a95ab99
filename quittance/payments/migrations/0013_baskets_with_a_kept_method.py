"""Keep which kept method a checkout is to be paid with."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0012_charges_of_kept_methods")]
    operations = [
        migrations.AddField("basket", "kept_method_id", models.UUIDField(null=True)),
    ]
