SELECT g.organization_id, 'attempt' AS subject_kind, g.id::text AS subject, g.payment_id,
    g.customer_account_id, g.amount_minor, g.currency,
    jsonb_build_object('number', p.number, 'status', p.status, 'attempt', g.status) AS facts,
    NULL::timestamptz AS due_at
FROM payments_payment p
JOIN payments_gatewayattempt g ON g.organization_id = p.organization_id AND g.payment_id = p.id
WHERE p.status IN ('failed', 'cancelled') AND g.status NOT IN ('failed', 'cancelled', 'surplus')
