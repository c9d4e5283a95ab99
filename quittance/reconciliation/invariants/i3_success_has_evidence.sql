-- A payment of credits alone moves no money: no gateway is asked, and none has a word on it. What
-- succeeded here and at the gateway cancels out.
WITH differing AS MATERIALIZED (
    SELECT payment_id, sum(ours) AS ours
    FROM (
        SELECT id AS payment_id, 1 AS ours
        FROM payments_payment WHERE status = 'succeeded' AND gateway_account_id IS NOT NULL
        UNION ALL
        SELECT payment_id, -1 FROM payments_gatewayattempt WHERE status = 'succeeded'
    ) sides
    GROUP BY payment_id HAVING sum(ours) <> 0
)
SELECT p.organization_id, 'payment' AS subject_kind, p.id::text AS subject, p.id AS payment_id,
    p.customer_account_id, p.amount_minor, p.currency,
    jsonb_build_object('number', p.number, 'status', p.status,
        'word', CASE WHEN d.ours > 0 THEN 'not succeeded' ELSE 'succeeded' END) AS facts,
    NULL::timestamptz AS due_at
FROM differing d
JOIN payments_payment p ON p.id = d.payment_id
