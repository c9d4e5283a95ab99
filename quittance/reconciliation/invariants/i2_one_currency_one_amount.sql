WITH odd AS MATERIALIZED (
    SELECT s.subject_kind, s.id
    FROM (
        SELECT 'allocation' AS subject_kind, a.id, a.payment_id, a.currency,
            NULL::bigint AS asked_minor, i.currency <> a.currency
                OR i.customer_account_id <> a.customer_account_id AS is_astray
        FROM payments_allocation a
        JOIN receivables_invoice i ON i.organization_id = a.organization_id AND i.id = a.invoice_id
        UNION ALL
        SELECT 'attempt', id, payment_id, currency, amount_minor, false
        FROM payments_gatewayattempt
    ) s
    JOIN payments_payment p ON p.id = s.payment_id
    WHERE s.is_astray OR p.currency <> s.currency OR p.amount_minor <> s.asked_minor
)
SELECT a.organization_id, 'allocation' AS subject_kind, a.id::text AS subject, a.payment_id,
    a.customer_account_id, a.amount_minor, a.currency,
    jsonb_build_object('number', p.number, 'paid_minor', p.amount_minor, 'currency', p.currency,
        'other', 'its part for invoice ' || i.number || ' is in ' || i.currency || ', of '
            || CASE WHEN i.customer_account_id = a.customer_account_id THEN 'its own'
                    ELSE 'another' END || ' customer') AS facts,
    NULL::timestamptz AS due_at
FROM odd
JOIN payments_allocation a ON a.id = odd.id
JOIN payments_payment p ON p.organization_id = a.organization_id AND p.id = a.payment_id
JOIN receivables_invoice i ON i.organization_id = a.organization_id AND i.id = a.invoice_id
WHERE odd.subject_kind = 'allocation'
UNION ALL
SELECT g.organization_id, 'attempt', g.id::text, g.payment_id, g.customer_account_id,
    g.amount_minor, g.currency,
    jsonb_build_object('number', p.number, 'paid_minor', p.amount_minor, 'currency', p.currency,
        'other', 'the gateway was asked for ' || g.amount_minor || ' minor units of '
            || g.currency),
    NULL
FROM odd
JOIN payments_gatewayattempt g ON g.id = odd.id
JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
WHERE odd.subject_kind = 'attempt'
