"""Take what the release before writes: during a deploy both run."""

from __future__ import annotations

from django.db import migrations, models

# Their payments name no accounts: each may pay what its own account owes.
OWN_ACCOUNT = """
CREATE FUNCTION payments_names_its_own_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.payments_paymentaccount
        (id, organization_id, customer_account_id, payment_id)
        VALUES (gen_random_uuid(), NEW.organization_id, NEW.customer_account_id, NEW.id)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER names_its_own_account AFTER INSERT ON payments_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_names_its_own_account();
"""
NO_ACCOUNT = "DROP FUNCTION payments_names_its_own_account CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0007_what_came"),
    ]

    operations = [
        migrations.AlterField(
            model_name="allocation",
            name="credit_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="discount_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="payment",
            name="fee_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="payment",
            name="on_account_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(OWN_ACCOUNT, NO_ACCOUNT),
    ]
