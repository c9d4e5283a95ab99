"""Count what a customer did lately, and its files, without a look at everything."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("disputes", "0003_what_fell"),
        ("identity", "0004_profiles"),
        ("receivables", "0014_only_a_search_takes_totals"),
        ("tenancy", "0004_currency_of_the_limit"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="disputefile",
            index=models.Index(
                models.F("organization"),
                models.F("customer_account"),
                include=("size_bytes",),
                name="dispute_file_by_account",
            ),
        ),
        migrations.AddIndex(
            model_name="disputenote",
            index=models.Index(
                models.F("organization"),
                models.F("customer_account"),
                models.F("created_at"),
                name="dispute_note_by_account",
            ),
        ),
    ]
