-- What the gateway said that it holds, and the entries that we held of its books at that moment.
WITH held AS (
    SELECT b.organization_id, b.gateway_account_id, b.held_at, h.key AS currency,
        h.value::text::bigint AS minor
    FROM reconciliation_bookscursor b CROSS JOIN LATERAL jsonb_each(b.held) h
), entries AS (
    SELECT b.organization_id, b.gateway_account_id, b.held_at, m.currency,
        sum(m.gross_minor - m.fee_minor) AS minor
    FROM reconciliation_bookscursor b
    JOIN reconciliation_gatewaymovement m ON m.organization_id = b.organization_id
        AND m.gateway_account_id = b.gateway_account_id AND m.read_at <= b.held_at
    GROUP BY b.organization_id, b.gateway_account_id, b.held_at, m.currency
)
SELECT c.organization_id, 'gateway' AS subject_kind,
    c.id::text || ' ' || coalesce(h.currency, e.currency) AS subject, NULL::uuid AS payment_id,
    NULL::uuid AS customer_account_id,
    (coalesce(h.minor, 0) - coalesce(e.minor, 0))::bigint AS amount_minor,
    coalesce(h.currency, e.currency) AS currency,
    jsonb_build_object('gateway', c.name, 'held_minor', coalesce(h.minor, 0),
        'sum_minor', coalesce(e.minor, 0)) AS facts,
    coalesce(h.held_at, e.held_at) AS due_at
FROM held h
FULL JOIN entries e ON e.organization_id = h.organization_id
    AND e.gateway_account_id = h.gateway_account_id AND e.currency = h.currency
JOIN connections_gatewayaccount c
    ON c.organization_id = coalesce(h.organization_id, e.organization_id)
    AND c.id = coalesce(h.gateway_account_id, e.gateway_account_id)
WHERE coalesce(h.minor, 0) <> coalesce(e.minor, 0)
