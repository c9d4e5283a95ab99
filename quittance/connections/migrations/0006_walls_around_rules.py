"""Keep the rules of organizations apart. A buyer's payment may ask them."""

from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [("connections", "0005_where_payments_are_booked")]
    operations = [RaiseWalls(postingrule="everybody")]
