WITH unrecorded AS (
    -- The pattern says nothing new: with it only these keys are compared.
    SELECT p.organization_id, 'payment' AS subject_kind, p.id, p.id AS payment_id,
        p.customer_account_id, p.amount_minor, p.currency, p.number
    FROM payments_payment p
    WHERE p.status = 'succeeded' AND p.amount_minor > 0 AND NOT EXISTS (
        SELECT FROM ledger_ledgertransaction t WHERE t.organization_id = p.organization_id
            AND t.key LIKE 'captured:%' AND t.key = 'captured:' || p.id
    )
    UNION ALL
    SELECT g.organization_id, 'attempt', g.id, g.payment_id, g.customer_account_id,
        coalesce(g.came_minor, g.amount_minor),
        CASE WHEN g.came_minor IS NULL THEN g.currency ELSE g.came_currency END, p.number
    FROM payments_gatewayattempt g
    JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
    WHERE g.status = 'surplus' AND NOT EXISTS (
        SELECT FROM ledger_ledgertransaction t WHERE t.organization_id = g.organization_id
            AND t.key = 'surplus:' || g.id
    )
    UNION ALL
    SELECT r.organization_id, 'reversal', r.id, r.payment_id, r.customer_account_id,
        r.amount_minor, r.currency, r.number
    FROM payments_reversal r
    WHERE r.status = 'succeeded' AND NOT EXISTS (
        SELECT FROM ledger_ledgertransaction t WHERE t.organization_id = r.organization_id
            AND t.key = 'reversed:' || r.id
    ) AND NOT EXISTS (  -- a return that its bank took back
        SELECT FROM ledger_ledgertransaction t WHERE t.organization_id = r.organization_id
            AND t.key = 'given_back:' || r.id
    )
)
SELECT organization_id, subject_kind, id::text AS subject, payment_id, customer_account_id,
    amount_minor, currency, jsonb_build_object('what', subject_kind, 'number', number) AS facts,
    NULL::timestamptz AS due_at
FROM unrecorded
