-- What is left of it; it is nobody's any more once all of it has gone back.
WITH unknown AS MATERIALIZED (
    SELECT m.*
    FROM reconciliation_gatewaymovement m
    LEFT JOIN payments_gatewayattempt g ON g.organization_id = m.organization_id
        AND g.gateway_account_id = m.gateway_account_id AND g.gateway_object = m.gateway_object
    WHERE m.kind = 'charge' AND g.id IS NULL
)
SELECT m.organization_id, 'movement' AS subject_kind, m.id::text AS subject,
    NULL::uuid AS payment_id, NULL::uuid AS customer_account_id, l.minor AS amount_minor,
    m.currency,
    jsonb_build_object('gateway_object', m.gateway_object, 'gateway', c.name) AS facts,
    m.happened_at AS due_at
FROM unknown m
JOIN connections_gatewayaccount c ON c.organization_id = m.organization_id
    AND c.id = m.gateway_account_id
CROSS JOIN LATERAL (
    SELECT sum(n.gross_minor)::bigint AS minor FROM reconciliation_gatewaymovement n
    WHERE n.organization_id = m.organization_id AND n.gateway_account_id = m.gateway_account_id
        AND n.gateway_object = m.gateway_object
) l
WHERE NOT EXISTS (
        SELECT FROM payments_gatewayattempt g WHERE g.organization_id = m.organization_id
            AND g.gateway_account_id = m.gateway_account_id AND g.came_object = m.gateway_object
    )
    AND l.minor > 0
