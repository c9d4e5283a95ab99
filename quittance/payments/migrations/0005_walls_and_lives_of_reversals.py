"""Keep reversals, credit uses and payments of several accounts as strictly as the rest.

A payment may pay invoices of several customer accounts from now on: of those that stand in
``PaymentAccount``, which row security lets a payer name only if they may act for them.
"""

from __future__ import annotations

from django.db import migrations

from quittance.audit.lives import guard_statuses
from quittance.tenancy.walls import RaiseWalls

ALLOCATION = {
    "reserved": frozenset({"consumed", "released"}),
    "consumed": frozenset({"reflected", "released"}),
}
REVERSAL = {
    "requested": frozenset({"sent", "succeeded", "failed"}),
    "sent": frozenset({"unknown", "pending", "succeeded", "failed"}),
    "unknown": frozenset({"sent", "pending", "succeeded", "failed"}),
    "pending": frozenset({"succeeded", "failed"}),
    "succeeded": frozenset({"failed"}),
}
DISPUTE = {
    "open": frozenset({"under_review", "won", "lost"}),
    "under_review": frozenset({"open", "won", "lost"}),
    "won": frozenset({"lost"}),
    "lost": frozenset({"won"}),
}
ACCOUNTS_OF_EARLIER_PAYMENTS = """
ALTER TABLE payments_payment NO FORCE ROW LEVEL SECURITY;
ALTER TABLE payments_paymentaccount NO FORCE ROW LEVEL SECURITY;
INSERT INTO payments_paymentaccount (id, organization_id, customer_account_id, payment_id)
    SELECT gen_random_uuid(), organization_id, customer_account_id, id FROM payments_payment;
ALTER TABLE payments_paymentaccount FORCE ROW LEVEL SECURITY;
ALTER TABLE payments_payment FORCE ROW LEVEL SECURITY;
"""
OF_THE_PAYMENTS_ACCOUNTS = """
ALTER TABLE payments_allocation DROP CONSTRAINT payments_allocation_payment_id_wall;
ALTER TABLE payments_allocation ADD CONSTRAINT payments_allocation_payment_id_wall
    FOREIGN KEY (organization_id, customer_account_id, payment_id)
    REFERENCES payments_paymentaccount (organization_id, customer_account_id, payment_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE payments_credituse ADD CONSTRAINT payments_credituse_payment_id_wall
    FOREIGN KEY (organization_id, customer_account_id, payment_id)
    REFERENCES payments_paymentaccount (organization_id, customer_account_id, payment_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE payments_basketitem DROP CONSTRAINT payments_basketitem_basket_id_wall;
ALTER TABLE payments_basketitem ADD CONSTRAINT payments_basketitem_basket_id_wall
    FOREIGN KEY (organization_id, basket_id)
    REFERENCES payments_basket (organization_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
# What we send back ourselves never exceeds what came in, less what has gone already: also not when
# two clerks press at once. What others take (a bank, the gateway's own pages) is only written down.
WITHIN_WHAT_CAME = """
CREATE FUNCTION payments_refund_is_within() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE came bigint; gone bigint;
BEGIN
    SELECT amount_minor INTO came FROM public.payments_gatewayattempt
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
CREATE CONSTRAINT TRIGGER refund_is_within AFTER INSERT ON payments_reversal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.origin <> 'outside')
    EXECUTE FUNCTION payments_refund_is_within();
CREATE TRIGGER payment_account_is_forever BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments_paymentaccount FOR EACH STATEMENT EXECUTE FUNCTION audit_is_forever();
"""
ANYTHING = """
DROP TRIGGER payment_account_is_forever ON payments_paymentaccount;
DROP FUNCTION payments_refund_is_within CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0004_reversals_credits_accounts"),
        ("receivables", "0005_walls_of_credits"),
        ("audit", "0002_statuses_are_guarded"),
    ]
    operations = [
        RaiseWalls(
            across={
                "basketcredit": ["basket"],
                "paymentaccount": ["payment"],
                "credituse": ["payment"],
            },
            basketcredit="customer_account_id",
            paymentaccount="customer_account_id",
            credituse="customer_account_id",
            reversal="customer_account_id",
            dispute="staff",
            feerule="everybody",
        ),
        migrations.RunSQL(ACCOUNTS_OF_EARLIER_PAYMENTS, migrations.RunSQL.noop),
        migrations.RunSQL(
            "ALTER TABLE payments_credituse DROP CONSTRAINT payments_credituse_payment_id_wall;"
            + OF_THE_PAYMENTS_ACCOUNTS,
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(WITHIN_WHAT_CAME, ANYTHING),
        migrations.RunSQL(*guard_statuses("allocation", "payments_allocation", ALLOCATION)),
        migrations.RunSQL(*guard_statuses("credit_use", "payments_credituse", ALLOCATION)),
        migrations.RunSQL(*guard_statuses("reversal", "payments_reversal", REVERSAL)),
        migrations.RunSQL(*guard_statuses("dispute", "payments_dispute", DISPUTE)),
    ]
