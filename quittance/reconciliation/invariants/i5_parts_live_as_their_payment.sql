-- Of a payment that succeeded a part may be released: a person decided otherwise.
SELECT a.organization_id, 'allocation' AS subject_kind, a.id::text AS subject, a.payment_id,
    a.customer_account_id, a.amount_minor, a.currency,
    jsonb_build_object('number', p.number, 'status', p.status, 'part', a.status) AS facts,
    NULL::timestamptz AS due_at
FROM payments_payment p
JOIN payments_allocation a ON a.organization_id = p.organization_id AND a.payment_id = p.id
WHERE p.id IN (
    -- Only of these can a part be wrong: who is not settled, and whose part is still reserved.
    SELECT id FROM payments_payment WHERE status IN ('created', 'in_flight')
    UNION ALL
    SELECT id FROM payments_payment WHERE status IN ('failed', 'cancelled')
    UNION ALL
    SELECT payment_id FROM payments_allocation WHERE status = 'reserved'
) AND (
    (p.status IN ('created', 'in_flight') AND a.status <> 'reserved')
    OR (p.status = 'succeeded' AND a.status = 'reserved')
    OR (p.status IN ('failed', 'cancelled') AND a.status <> 'released')
)
UNION ALL
SELECT u.organization_id, 'credit_use', u.id::text, u.payment_id, u.customer_account_id,
    u.amount_minor, u.currency,
    jsonb_build_object('number', p.number, 'status', p.status, 'part', u.status),
    NULL
FROM payments_payment p
JOIN payments_credituse u ON u.organization_id = p.organization_id AND u.payment_id = p.id
WHERE (p.status IN ('created', 'in_flight') AND u.status <> 'reserved')
    OR (p.status = 'succeeded' AND u.status = 'reserved')
    OR (p.status IN ('failed', 'cancelled') AND u.status <> 'released')
