"""Keep the rules of ways to pay apart. They may name customers: staff and jobs see them."""

from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [("connections", "0008_ways_to_pay")]
    operations = [RaiseWalls(offerrule="staff")]
