"""Have a new or changed bank account want a second person's word, where that is chosen."""

from __future__ import annotations

from django.db import migrations

from quittance.confirmations.guards import guard_act

ACCOUNT = "transfers_bankaccount"
# To offer an account to nobody any more sends no money elsewhere, so one person alone may do it.
CHANGED = """
    to_jsonb(OLD) - 'is_active' IS DISTINCT FROM to_jsonb(NEW) - 'is_active'
    OR (NEW.is_active AND NOT OLD.is_active)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("transfers", "0003_what_the_money_became"),
        ("confirmations", "0001_a_second_persons_word"),
    ]

    operations = [
        migrations.RunSQL(*guard_act(ACCOUNT, "bank_accounts", on="UPDATE", when=CHANGED)),
        migrations.RunSQL(*guard_act(ACCOUNT, "bank_accounts", on="INSERT", when="TRUE")),
    ]
