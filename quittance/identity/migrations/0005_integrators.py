"""Let somebody be an integrator: who connects systems and decides about no money."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_profiles")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="staff_role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "None"),
                    ("auditor", "Auditor"),
                    ("clerk", "Clerk"),
                    ("manager", "Manager"),
                    ("integrator", "Integrator"),
                    ("administrator", "Administrator"),
                ],
                max_length=20,
            ),
        ),
    ]
