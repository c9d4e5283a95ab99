"""Keep how much came where it is not what was asked for, and let that much go back."""

from __future__ import annotations

from django.db import migrations, models

WITHIN = """
CREATE OR REPLACE FUNCTION payments_refund_is_within() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE came bigint; gone bigint;
BEGIN
    SELECT {came} INTO came FROM public.payments_gatewayattempt
        WHERE organization_id = NEW.organization_id AND id = NEW.attempt_id FOR UPDATE;
    SELECT coalesce(sum(CASE WHEN kind = 'dispute_won' THEN -amount_minor ELSE amount_minor END), 0)
        INTO gone FROM public.payments_reversal
        WHERE organization_id = NEW.organization_id AND attempt_id = NEW.attempt_id
            AND status <> 'failed';
    IF gone > came THEN
        RAISE EXCEPTION 'refunds of attempt % exceed what came in', NEW.attempt_id
            USING ERRCODE = '23514';  -- check_violation
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_baskets_of_several_accounts")]
    operations = [
        migrations.AddField(
            "gatewayattempt",
            "came_currency",
            models.CharField(max_length=3, blank=True, default="", db_default=""),
        ),
        migrations.AddField("gatewayattempt", "came_minor", models.BigIntegerField(null=True)),
        migrations.AddField(
            "gatewayattempt",
            "came_object",
            models.CharField(max_length=100, blank=True, default="", db_default=""),
        ),
        migrations.RunSQL(
            WITHIN.format(came="coalesce(came_minor, amount_minor)"),
            WITHIN.format(came="amount_minor"),
        ),
    ]
