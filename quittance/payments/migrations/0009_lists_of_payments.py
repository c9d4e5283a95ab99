"""Let lists of payments be read along an index: of an account, under way, come to nothing."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models.functions import Now

# The rows are for ever: only here they get the date that their payments have had all along.
DATES_OF_EARLIER_PAYMENTS = """
ALTER TABLE payments_payment NO FORCE ROW LEVEL SECURITY;
ALTER TABLE payments_paymentaccount NO FORCE ROW LEVEL SECURITY;
ALTER TABLE payments_paymentaccount DISABLE TRIGGER payment_account_is_forever;
UPDATE payments_paymentaccount SET created_at = payment.created_at FROM payments_payment payment
    WHERE payment.organization_id = payments_paymentaccount.organization_id
        AND payment.id = payments_paymentaccount.payment_id;
ALTER TABLE payments_paymentaccount ENABLE TRIGGER payment_account_is_forever;
ALTER TABLE payments_paymentaccount FORCE ROW LEVEL SECURITY;
ALTER TABLE payments_payment FORCE ROW LEVEL SECURITY;
"""
OWN_ACCOUNT = """
CREATE OR REPLACE FUNCTION payments_names_its_own_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.payments_paymentaccount
        (id, organization_id, customer_account_id, payment_id{column})
        VALUES (gen_random_uuid(), NEW.organization_id, NEW.customer_account_id, NEW.id{value})
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0008_values_for_the_release_before"),
    ]

    operations = [
        migrations.AddField(
            model_name="paymentaccount",
            name="created_at",
            field=models.DateTimeField(db_default=Now()),
        ),
        migrations.RunSQL(DATES_OF_EARLIER_PAYMENTS, migrations.RunSQL.noop),
        migrations.RunSQL(
            OWN_ACCOUNT.format(column=", created_at", value=", NEW.created_at"),
            OWN_ACCOUNT.format(column="", value=""),
        ),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(
                models.F("organization"), models.F("payment"), name="allocation_by_payment"
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                models.F("organization"),
                models.F("created_at"),
                models.F("id"),
                condition=models.Q(("status__in", ["created", "in_flight"])),
                name="payment_under_way",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                models.F("organization"),
                models.F("created_at"),
                models.F("id"),
                condition=models.Q(("status__in", ["failed", "cancelled"])),
                name="payment_lost",
            ),
        ),
        migrations.AddIndex(
            model_name="paymentaccount",
            index=models.Index(
                models.F("organization"),
                models.F("customer_account"),
                models.F("created_at"),
                models.F("payment"),
                name="payment_account_by_date",
            ),
        ),
    ]
