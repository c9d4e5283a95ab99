-- A payment that waits at its gateway's page, begun by a pay link that was revoked since: whoever has
-- that page can pay there still.
SELECT p.organization_id, 'payment' AS subject_kind, p.id::text AS subject, p.id AS payment_id,
    p.customer_account_id, p.amount_minor, p.currency,
    jsonb_build_object('number', p.number, 'gateway', g.name) AS facts,
    NULL::timestamptz AS due_at
FROM payments_payment p
JOIN paylinks_paylink l ON l.organization_id = p.organization_id AND l.id = p.pay_link_id
JOIN payments_gatewayattempt a ON a.organization_id = p.organization_id AND a.payment_id = p.id
    AND a.status = 'open'
JOIN connections_gatewayaccount g ON g.organization_id = a.organization_id
    AND g.id = a.gateway_account_id
WHERE p.status = 'in_flight' AND l.revoked_at IS NOT NULL
