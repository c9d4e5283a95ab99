"""Know postings that take money back, use credit, or are done by a person."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posting", "0004_remarks"),
        ("tenancy", "0002_walls"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="erpposting",
            name="posting_once_per_source",
        ),
        migrations.AddField(
            model_name="erpposting",
            name="customer_number",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="erpposting",
            name="facts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="erpposting",
            name="note",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="erpposting",
            name="ordinal",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="erpposting",
            name="reverses",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="erpposting",
            name="steps",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="erppostingline",
            name="credit_erp_id",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="erppostingline",
            name="credit_number",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="erppostingline",
            name="credit_open_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="erppostingline",
            name="invoice_open_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="erpposting",
            name="source_kind",
            field=models.CharField(
                choices=[
                    ("payment", "Payment"),
                    ("reversal", "Reversal"),
                    ("application", "Application"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="erpposting",
            name="status",
            field=models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("sending", "Sending"),
                    ("unknown", "Unknown"),
                    ("drafted", "Drafted"),
                    ("posted", "Posted"),
                    ("confirmed", "Confirmed"),
                    ("rejected", "Rejected"),
                    ("by_hand", "By Hand"),
                    ("handled", "Handled"),
                    ("replaced", "Replaced"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="erppostingline",
            name="invoice_erp_id",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="erppostingline",
            name="invoice_number",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddIndex(
            model_name="erpposting",
            index=models.Index(
                models.F("organization"), models.F("source_id"), name="posting_by_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="erpposting",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                models.F("source_kind"),
                models.F("source_id"),
                models.F("customer_account_id"),
                models.F("ordinal"),
                name="posting_once_per_source_and_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="erpposting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "handled"), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="posting_handled_with_a_note",
            ),
        ),
    ]
