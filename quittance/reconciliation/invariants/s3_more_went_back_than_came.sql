SELECT g.organization_id, 'attempt' AS subject_kind, g.id::text AS subject, g.payment_id,
    g.customer_account_id,
    r.back_minor::bigint - a.came_minor AS amount_minor, a.currency,
    jsonb_build_object('number', p.number, 'back_minor', r.back_minor,
        'paid_minor', a.came_minor) AS facts,
    NULL::timestamptz AS due_at
FROM (
    SELECT organization_id, attempt_id,
        sum(CASE WHEN kind = 'dispute_won' THEN -amount_minor ELSE amount_minor END) AS back_minor
    FROM payments_reversal WHERE status = 'succeeded' GROUP BY organization_id, attempt_id
) r
JOIN payments_gatewayattempt g ON g.organization_id = r.organization_id AND g.id = r.attempt_id
JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
CROSS JOIN LATERAL (
    -- What came besides with one that succeeded is kept apart from it.
    SELECT CASE WHEN g.status = 'succeeded' OR g.came_minor IS NULL THEN g.amount_minor
            ELSE g.came_minor END AS came_minor,
        CASE WHEN g.status = 'succeeded' OR g.came_minor IS NULL THEN g.currency
            ELSE g.came_currency END AS currency
) a
WHERE r.back_minor > a.came_minor
