-- By attempt and kind, both directions; what is still under way is q1's.
WITH theirs AS (
    SELECT m.organization_id, g.id AS attempt_id,
        CASE m.kind WHEN 'refund_failed' THEN 'refund' ELSE m.kind END AS kind,
        sum(CASE WHEN m.kind = 'dispute_won' THEN m.gross_minor ELSE -m.gross_minor END) AS minor,
        max(m.happened_at) AS last_at
    FROM reconciliation_gatewaymovement m
    JOIN payments_gatewayattempt g ON g.organization_id = m.organization_id
        AND g.gateway_account_id = m.gateway_account_id AND g.gateway_object = m.gateway_object
    WHERE m.kind IN ('refund', 'refund_failed', 'return', 'dispute', 'dispute_won')
    GROUP BY 1, 2, 3
), ours AS (
    SELECT organization_id, attempt_id, kind,
        sum(amount_minor) FILTER (WHERE status = 'succeeded') AS minor,
        bool_or(status IN ('requested', 'sent', 'unknown', 'pending')) AS under_way,
        max(coalesce(succeeded_at, created_at)) AS last_at
    FROM payments_reversal GROUP BY 1, 2, 3
), both_books AS (
    SELECT coalesce(t.organization_id, o.organization_id) AS organization_id,
        coalesce(t.attempt_id, o.attempt_id) AS attempt_id, coalesce(t.kind, o.kind) AS kind,
        coalesce(t.minor, 0) AS theirs_minor, coalesce(o.minor, 0) AS ours_minor,
        greatest(t.last_at, o.last_at) AS last_at
    FROM theirs t
    FULL JOIN ours o ON o.organization_id = t.organization_id AND o.attempt_id = t.attempt_id
        AND o.kind = t.kind
    WHERE coalesce(t.minor, 0) <> coalesce(o.minor, 0) AND o.under_way IS NOT TRUE
)
SELECT b.organization_id, 'attempt' AS subject_kind, g.id::text || ' ' || b.kind AS subject,
    g.payment_id, g.customer_account_id, (b.theirs_minor - b.ours_minor)::bigint AS amount_minor,
    g.currency,
    jsonb_build_object('number', p.number, 'what', b.kind, 'theirs_minor', b.theirs_minor,
        'ours_minor', b.ours_minor) AS facts,
    b.last_at AS due_at
FROM both_books b
JOIN payments_gatewayattempt g ON g.organization_id = b.organization_id AND g.id = b.attempt_id
JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
WHERE EXISTS (
    SELECT FROM reconciliation_bookscursor c WHERE c.organization_id = g.organization_id
        AND c.gateway_account_id = g.gateway_account_id AND c.succeeded_at IS NOT NULL
)
