-- What was paid and its parts cancel out; of a payment that is lost its released parts count too.
WITH differing AS MATERIALIZED (
    SELECT payment_id, sum(minor) AS missing_minor
    FROM (
        SELECT id AS payment_id, amount_minor - on_account_minor - fee_minor AS minor
        FROM payments_payment
        UNION ALL
        SELECT payment_id, -amount_minor FROM payments_allocation WHERE status <> 'released'
        UNION ALL
        SELECT a.payment_id, -a.amount_minor
        FROM payments_payment p
        JOIN payments_allocation a ON a.organization_id = p.organization_id AND a.payment_id = p.id
        WHERE p.status IN ('failed', 'cancelled') AND a.status = 'released'
    ) sides
    GROUP BY payment_id HAVING sum(minor) <> 0
)
SELECT p.organization_id, 'payment' AS subject_kind, p.id::text AS subject, p.id AS payment_id,
    p.customer_account_id, d.missing_minor::bigint AS amount_minor, p.currency,
    jsonb_build_object('number', p.number, 'paid_minor', p.amount_minor,
        'parts_minor', p.amount_minor - d.missing_minor) AS facts,
    NULL::timestamptz AS due_at
FROM differing d
JOIN payments_payment p ON p.id = d.payment_id
UNION ALL
-- The credit of an allocation is the sum of its uses.
SELECT p.organization_id, 'payment', p.id || ' ' || c.invoice_id, p.id, p.customer_account_id,
    c.credit_minor - c.used_minor, p.currency,
    jsonb_build_object('number', p.number, 'paid_minor', c.credit_minor,
        'parts_minor', c.used_minor),
    NULL
FROM (
    SELECT coalesce(a.payment_id, u.payment_id) AS payment_id,
        coalesce(a.invoice_id, u.invoice_id) AS invoice_id,
        coalesce(a.minor, 0)::bigint AS credit_minor, coalesce(u.minor, 0)::bigint AS used_minor
    FROM (
        SELECT payment_id, invoice_id, status, sum(credit_minor) AS minor
        FROM payments_allocation WHERE credit_minor <> 0 GROUP BY payment_id, invoice_id, status
    ) a
    FULL JOIN (
        SELECT payment_id, invoice_id, status, sum(amount_minor) AS minor
        FROM payments_credituse GROUP BY payment_id, invoice_id, status
    ) u ON u.payment_id = a.payment_id AND u.invoice_id = a.invoice_id AND u.status = a.status
    WHERE coalesce(a.minor, 0) <> coalesce(u.minor, 0)
) c
JOIN payments_payment p ON p.id = c.payment_id
