"""Let the few attempts with which other money came be found without reading all of them."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0013_baskets_with_a_kept_method")]
    operations = [
        migrations.AddIndex(
            model_name="gatewayattempt",
            index=models.Index(
                models.F("organization"),
                models.F("payment"),
                condition=models.Q(status="surplus") | ~models.Q(came_object=""),
                name="attempt_with_other_money",
            ),
        ),
    ]
