"""Find what was done lately, and what somebody did, without a look at everything."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0007_chain_what_was_there")]
    operations = [
        migrations.AddIndex(
            "auditevent",
            models.Index("organization", "actor", "happened_at", name="audit_event_by_actor"),
        ),
        migrations.AddIndex(
            "auditevent",
            models.Index("organization", "happened_at", "id", name="audit_event_by_time"),
        ),
    ]
