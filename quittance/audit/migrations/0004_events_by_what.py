"""Find what people did by what it was: of a day, whatever it was about."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_changes_by_time")]
    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index("organization", "what", "happened_at", name="audit_event_by_what"),
        ),
    ]
