"""Keep that a person was erased: who was is nobody whom anything lets in."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0007_sessions_that_must_enrol")]

    operations = [
        migrations.AddField("user", "erased_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                name="user_erased_is_nobody",
                condition=models.Q(erased_at=None)
                | models.Q(
                    is_active=False, password="", staff_role="", email__endswith="@erased.invalid"
                ),
            ),
        ),
    ]
