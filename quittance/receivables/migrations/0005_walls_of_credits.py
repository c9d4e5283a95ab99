"""Keep credits apart between organizations and customer accounts."""

from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [("receivables", "0004_credits_and_discounts")]
    operations = [RaiseWalls(credit="customer_account_id")]
