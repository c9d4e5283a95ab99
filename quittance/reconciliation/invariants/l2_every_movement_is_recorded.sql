WITH wanted AS (
    SELECT organization_id, 'payment' AS subject_kind, id, id AS payment_id, customer_account_id,
        amount_minor, currency, number, 'captured:' || id AS key
    FROM payments_payment WHERE status = 'succeeded' AND amount_minor > 0
    UNION ALL
    SELECT g.organization_id, 'attempt', g.id, g.payment_id, g.customer_account_id,
        coalesce(g.came_minor, g.amount_minor),
        CASE WHEN g.came_minor IS NULL THEN g.currency ELSE g.came_currency END, p.number,
        'surplus:' || g.id
    FROM payments_gatewayattempt g
    JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
    WHERE g.status = 'surplus'
    UNION ALL
    SELECT organization_id, 'reversal', id, payment_id, customer_account_id, amount_minor,
        currency, number, 'reversed:' || id
    FROM payments_reversal WHERE status = 'succeeded'
)
SELECT w.organization_id, w.subject_kind, w.id::text AS subject, w.payment_id,
    w.customer_account_id, w.amount_minor, w.currency,
    jsonb_build_object('what', w.subject_kind, 'number', w.number) AS facts,
    NULL::timestamptz AS due_at
FROM wanted w
LEFT JOIN ledger_ledgertransaction t ON t.organization_id = w.organization_id AND t.key = w.key
WHERE t.id IS NULL
