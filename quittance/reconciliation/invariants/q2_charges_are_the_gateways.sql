-- One charge in the gateway's books for each attempt with which money came, where we read them; and
-- none for the others, but for those whose answer puzzles a person already.
SELECT g.organization_id, 'attempt' AS subject_kind, g.id::text AS subject, g.payment_id,
    g.customer_account_id,
    a.minor - coalesce(m.gross_minor, 0)::bigint AS amount_minor, a.currency,
    jsonb_build_object('number', p.number, 'ours_minor', a.minor,
        'theirs_minor', coalesce(m.gross_minor, 0)) AS facts,
    coalesce(p.succeeded_at, p.ended_at, g.sent_at) AS due_at
FROM payments_gatewayattempt g
JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
CROSS JOIN LATERAL (
    -- What came besides with one that succeeded is another object, and kept apart.
    SELECT g.status = 'succeeded' OR g.came_minor IS NULL AS as_asked
) o
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.as_asked THEN g.gateway_object ELSE g.came_object END AS object,
        CASE WHEN o.as_asked THEN g.amount_minor ELSE g.came_minor END AS minor,
        CASE WHEN o.as_asked THEN g.currency ELSE g.came_currency END AS currency
) a
LEFT JOIN (
    SELECT gateway_account_id, gateway_object, min(currency) AS currency, count(*) AS charges,
        sum(gross_minor) AS gross_minor
    FROM reconciliation_gatewaymovement WHERE kind = 'charge'
    GROUP BY gateway_account_id, gateway_object
) m ON m.gateway_account_id = g.gateway_account_id
    AND m.gateway_object = a.object
WHERE g.status IN ('succeeded', 'surplus')
    AND (m.charges IS DISTINCT FROM 1
        OR m.gross_minor <> a.minor OR m.currency <> a.currency)
    AND EXISTS (
        SELECT FROM reconciliation_bookscursor b WHERE b.organization_id = g.organization_id
            AND b.gateway_account_id = g.gateway_account_id AND b.succeeded_at IS NOT NULL
    )
UNION ALL
SELECT g.organization_id, 'attempt', g.id::text, g.payment_id, g.customer_account_id,
    -m.gross_minor, m.currency,
    jsonb_build_object('number', p.number, 'ours_minor', 0, 'theirs_minor', m.gross_minor),
    m.happened_at
FROM reconciliation_gatewaymovement m
JOIN payments_gatewayattempt g ON g.organization_id = m.organization_id
    AND g.gateway_account_id = m.gateway_account_id AND g.gateway_object = m.gateway_object
JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
WHERE m.kind = 'charge' AND g.status NOT IN ('succeeded', 'surplus') AND g.problem = ''
