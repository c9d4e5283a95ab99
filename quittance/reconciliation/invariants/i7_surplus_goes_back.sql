SELECT g.organization_id, 'attempt' AS subject_kind, g.id::text AS subject, g.payment_id,
    g.customer_account_id, coalesce(g.came_minor, g.amount_minor) AS amount_minor,
    CASE WHEN g.came_minor IS NULL THEN g.currency ELSE g.came_currency END AS currency,
    jsonb_build_object('number', p.number) AS facts,
    NULL::timestamptz AS due_at
FROM payments_gatewayattempt g
JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
WHERE g.status = 'surplus' AND coalesce(g.came_minor, g.amount_minor) > (
    SELECT coalesce(sum(r.amount_minor), 0) FROM payments_reversal r
    WHERE r.organization_id = g.organization_id AND r.attempt_id = g.id
        AND r.kind <> 'dispute_won'
)
