-- One charge in the gateway's books for each attempt with which money came, where we read them; and
-- none for the others, but for those whose answer puzzles a person already.
WITH ours AS NOT MATERIALIZED (
    -- What came besides with one that succeeded is another object, and kept apart.
    SELECT g.*, CASE WHEN o.as_asked THEN coalesce(g.gateway_object, '') ELSE g.came_object END
            AS object,
        CASE WHEN o.as_asked THEN g.amount_minor ELSE g.came_minor END AS minor,
        CASE WHEN o.as_asked THEN g.currency ELSE g.came_currency END AS in_currency
    FROM payments_gatewayattempt g
    CROSS JOIN LATERAL (SELECT g.status = 'succeeded' OR g.came_minor IS NULL AS as_asked) o
    WHERE g.status IN ('succeeded', 'surplus')
), differing AS MATERIALIZED (
    -- Ours and theirs cancel out, in money and in number.
    SELECT gateway_account_id, object, in_currency, sum(minor) AS missing_minor
    FROM (
        SELECT gateway_account_id, object, in_currency, minor, 1 AS charges FROM ours
        UNION ALL
        SELECT gateway_account_id, gateway_object, currency, -gross_minor, -1
        FROM reconciliation_gatewaymovement WHERE kind = 'charge'
    ) sides
    GROUP BY gateway_account_id, object, in_currency
    HAVING sum(minor) <> 0 OR sum(charges) <> 0
)
SELECT g.organization_id, 'attempt' AS subject_kind, g.id::text AS subject, g.payment_id,
    g.customer_account_id, d.missing_minor::bigint AS amount_minor, g.in_currency AS currency,
    jsonb_build_object('number', p.number, 'ours_minor', g.minor,
        'theirs_minor', g.minor - d.missing_minor) AS facts,
    coalesce(p.succeeded_at, p.ended_at, g.sent_at) AS due_at
FROM differing d
JOIN ours g ON g.gateway_account_id = d.gateway_account_id AND g.object = d.object
    AND g.in_currency = d.in_currency
JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
WHERE EXISTS (
    SELECT FROM reconciliation_bookscursor b WHERE b.organization_id = g.organization_id
        AND b.gateway_account_id = g.gateway_account_id AND b.succeeded_at IS NOT NULL
)
UNION ALL
SELECT g.organization_id, 'attempt', g.id::text, g.payment_id, g.customer_account_id,
    -m.gross_minor, m.currency,
    jsonb_build_object('number', p.number, 'ours_minor', 0, 'theirs_minor', m.gross_minor),
    m.happened_at
FROM differing d
JOIN reconciliation_gatewaymovement m ON m.gateway_account_id = d.gateway_account_id
    AND m.gateway_object = d.object AND m.currency = d.in_currency
JOIN payments_gatewayattempt g ON g.organization_id = m.organization_id
    AND g.gateway_account_id = m.gateway_account_id AND g.gateway_object = m.gateway_object
JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
WHERE m.kind = 'charge' AND g.status NOT IN ('succeeded', 'surplus') AND g.problem = ''
