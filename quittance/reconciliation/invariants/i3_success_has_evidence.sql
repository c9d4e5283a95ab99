-- A payment of credits alone moves no money: no gateway is asked, and none has a word on it.
SELECT p.organization_id, 'payment' AS subject_kind, p.id::text AS subject, p.id AS payment_id,
    p.customer_account_id, p.amount_minor, p.currency,
    jsonb_build_object('number', p.number, 'status', p.status,
        'word', CASE WHEN s.payment_id IS NULL THEN 'not succeeded' ELSE 'succeeded' END) AS facts,
    NULL::timestamptz AS due_at
FROM payments_payment p
LEFT JOIN payments_gatewayattempt s ON s.organization_id = p.organization_id
    AND s.payment_id = p.id AND s.status = 'succeeded'
WHERE (p.status = 'succeeded' AND p.gateway_account_id IS NOT NULL) <> (s.payment_id IS NOT NULL)
