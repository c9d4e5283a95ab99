SELECT p.organization_id, 'payment' AS subject_kind, p.id::text AS subject, p.id AS payment_id,
    p.customer_account_id, p.amount_minor - c.parts_minor AS amount_minor, p.currency,
    jsonb_build_object('number', p.number, 'paid_minor', p.amount_minor,
        'parts_minor', c.parts_minor) AS facts,
    NULL::timestamptz AS due_at
FROM payments_payment p
LEFT JOIN (
    SELECT organization_id, payment_id, sum(amount_minor) AS all_minor,
        sum(amount_minor) FILTER (WHERE status <> 'released') AS alive_minor
    FROM payments_allocation GROUP BY organization_id, payment_id
) a ON a.organization_id = p.organization_id AND a.payment_id = p.id
CROSS JOIN LATERAL (
    SELECT p.on_account_minor + p.fee_minor + coalesce(
        CASE WHEN p.status IN ('failed', 'cancelled') THEN a.all_minor ELSE a.alive_minor END, 0
    )::bigint AS parts_minor
) c
WHERE p.amount_minor <> c.parts_minor
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
