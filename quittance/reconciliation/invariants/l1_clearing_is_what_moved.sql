-- What a gateway owes us: captured, surplus and kept apart, less what went back, its fees and its
-- payouts.
WITH moved AS (
    SELECT organization_id, gateway_account_id, currency, amount_minor
    FROM payments_payment WHERE status = 'succeeded' AND gateway_account_id IS NOT NULL
    UNION ALL
    SELECT organization_id, gateway_account_id,
        CASE WHEN came_minor IS NULL THEN currency ELSE came_currency END,
        coalesce(came_minor, amount_minor)
    FROM payments_gatewayattempt WHERE status = 'surplus' OR came_object <> ''
    UNION ALL
    SELECT f.organization_id, m.gateway_account_id, f.currency, f.amount_minor
    FROM reconciliation_finding f
    JOIN reconciliation_gatewaymovement m ON m.organization_id = f.organization_id
        AND m.id = CASE WHEN f.kind = 'q2_charge_nobody_knows' THEN f.subject::uuid END
    WHERE f.kind = 'q2_charge_nobody_knows' AND f.status = 'open'
    UNION ALL
    SELECT r.organization_id, g.gateway_account_id, r.currency,
        CASE WHEN r.kind = 'dispute_won' THEN r.amount_minor ELSE -r.amount_minor END
    FROM payments_reversal r
    JOIN payments_gatewayattempt g ON g.organization_id = r.organization_id
        AND g.id = r.attempt_id
    WHERE r.status = 'succeeded'
    UNION ALL
    SELECT organization_id, gateway_account_id, currency,
        CASE WHEN kind = 'payout' THEN gross_minor ELSE 0 END - fee_minor
    FROM reconciliation_gatewaymovement WHERE kind = 'payout' OR fee_minor <> 0
), rows AS (
    SELECT organization_id, 'gateway:' || gateway_account_id AS account, currency,
        sum(amount_minor) AS minor
    FROM moved GROUP BY organization_id, gateway_account_id, currency
), ledger AS (
    SELECT g.organization_id, 'gateway:' || g.id AS account, e.currency, e.minor
    FROM connections_gatewayaccount g
    CROSS JOIN LATERAL (
        SELECT currency, sum(amount_minor) AS minor FROM ledger_ledgerentry
        WHERE organization_id = g.organization_id AND account = 'gateway:' || g.id
        GROUP BY currency
    ) e
)
SELECT coalesce(l.organization_id, r.organization_id) AS organization_id,
    'account' AS subject_kind,
    coalesce(l.account, r.account) || ' ' || coalesce(l.currency, r.currency) AS subject,
    NULL::uuid AS payment_id, NULL::uuid AS customer_account_id,
    (coalesce(l.minor, 0) - coalesce(r.minor, 0))::bigint AS amount_minor,
    coalesce(l.currency, r.currency) AS currency,
    jsonb_build_object('gateway', g.name, 'ledger_minor', coalesce(l.minor, 0),
        'rows_minor', coalesce(r.minor, 0)) AS facts,
    NULL::timestamptz AS due_at
FROM ledger l
FULL JOIN rows r ON r.organization_id = l.organization_id AND r.account = l.account
    AND r.currency = l.currency
LEFT JOIN connections_gatewayaccount g
    ON g.organization_id = coalesce(l.organization_id, r.organization_id)
    AND 'gateway:' || g.id = coalesce(l.account, r.account)
WHERE coalesce(l.minor, 0) <> coalesce(r.minor, 0)
