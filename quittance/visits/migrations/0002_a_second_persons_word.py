"""Have a look as a customer want a second person's word, where that is chosen."""

from __future__ import annotations

from django.db import migrations

from quittance.confirmations.guards import guard_later

WORD = """
    subject_id = NEW.id AND customer_account_id = NEW.customer_account_id
    AND asked_by_id = NEW.user_id AND expires_at >= NEW.began_at
"""
ANOTHER = """
    (OLD.id, OLD.user_id, OLD.customer_account_id, OLD.began_at)
    IS DISTINCT FROM (NEW.id, NEW.user_id, NEW.customer_account_id, NEW.began_at)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0001_looking_as_a_customer"),
        ("confirmations", "0001_a_second_persons_word"),
    ]

    operations = [
        migrations.RunSQL(*guard_later("visits_visit", "visits", word=WORD, when=ANOTHER)),
    ]
