"""Keep with a posting that its lines lay in a shared journal."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posting", "0010_routes")]
    operations = [migrations.AddField("erpposting", "laid_at", models.DateTimeField(null=True))]
