-- Payments of the last day that went through, none of which a message told of, an hour ago or more.
SELECT c.organization_id, 'gateway' AS subject_kind, c.id::text AS subject,
    NULL::uuid AS payment_id, NULL::uuid AS customer_account_id, NULL::bigint AS amount_minor,
    NULL::text AS currency,
    jsonb_build_object('gateway', c.name, 'payments', s.payments) AS facts,
    s.first_at + interval '60 minutes' AS due_at
FROM connections_gatewayaccount c
CROSS JOIN LATERAL (
    SELECT max(m.received_at) AS last_at FROM payments_gatewaymessage m
    WHERE m.organization_id = c.organization_id AND m.gateway_account_id = c.id
) heard
CROSS JOIN LATERAL (
    SELECT min(p.succeeded_at) AS first_at, count(*) AS payments
    FROM payments_payment p
    JOIN payments_gatewayattempt g ON g.organization_id = p.organization_id
        AND g.payment_id = p.id AND g.status = 'succeeded'
    WHERE p.organization_id = c.organization_id AND p.gateway_account_id = c.id
        AND p.created_at > now() - interval '2 days'
        AND p.succeeded_at > now() - interval '1 day'
        AND p.succeeded_at > coalesce(heard.last_at, '-infinity')
        AND NOT EXISTS (
            SELECT FROM payments_gatewaymessage m WHERE m.organization_id = g.organization_id
                AND m.gateway_account_id = g.gateway_account_id
                AND m.gateway_object = g.gateway_object
        )
) s
WHERE s.payments > 0 AND c.is_active
