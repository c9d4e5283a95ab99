"""Let an organization choose how long sessions of its staff go on, unused and at all."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0008_people_who_are_erased")]

    operations = [
        migrations.AddField("signin", "idle_minutes", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("signin", "longest_until", models.DateTimeField(null=True)),
        migrations.AddField(
            "signinpolicy", "staff_idle_minutes", models.PositiveSmallIntegerField(null=True)
        ),
        migrations.AddField(
            "signinpolicy", "staff_hours", models.PositiveSmallIntegerField(null=True)
        ),
        migrations.AddConstraint(
            "signinpolicy",
            models.CheckConstraint(
                name="sign_in_policy_is_stricter_only",
                condition=(
                    models.Q(staff_idle_minutes=None)
                    | models.Q(staff_idle_minutes__range=(10, 480))
                )
                & (models.Q(staff_hours=None) | models.Q(staff_hours__range=(1, 8))),
            ),
        ),
    ]
