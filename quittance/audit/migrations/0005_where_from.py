"""Say of an event for whom it was, about what kind of record, and where it came from."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

_LENGTHS = {
    "on_behalf_of": 100, "subject_kind": 40, "address": 45, "browser": 200, "request_id": 36,
}  # fmt: skip


def _added(**default: Any) -> list[migrations.AddField]:
    return [
        migrations.AddField(
            "auditevent",
            name,
            models.CharField(blank=True, default="", max_length=length, **default),
        )
        for name, length in _LENGTHS.items()
    ]


class Migration(migrations.Migration):
    """The database knows the defaults, for programs of the version before; Django must not.

    Else it would ask what they became, and a buyer, whose deeds are kept, may not read them.
    """

    dependencies = [("audit", "0004_events_by_what")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=_added(db_default=""), state_operations=_added()
        ),
        migrations.AddField("auditevent", "customer_account_id", models.UUIDField(null=True)),
    ]
