-- What came and nobody has decided about: with an attempt that it does not fit, or as unknown money.
WITH waiting AS (
    SELECT organization_id, gateway_account_id, came_currency AS currency, came_minor AS minor
    FROM payments_gatewayattempt WHERE came_object <> '' AND status <> 'surplus'
    UNION ALL
    SELECT f.organization_id, m.gateway_account_id, f.currency, f.amount_minor
    FROM reconciliation_finding f
    JOIN reconciliation_gatewaymovement m ON m.organization_id = f.organization_id
        AND m.id = CASE WHEN f.kind = 'q2_charge_nobody_knows' THEN f.subject::uuid END
    WHERE f.kind = 'q2_charge_nobody_knows' AND f.status = 'open'
), rows AS (
    SELECT organization_id, 'quarantine:' || gateway_account_id AS account, currency,
        sum(minor) AS minor
    FROM waiting GROUP BY organization_id, gateway_account_id, currency
), ledger AS (
    SELECT g.organization_id, 'quarantine:' || g.id AS account, e.currency, e.minor
    FROM connections_gatewayaccount g
    CROSS JOIN LATERAL (
        SELECT currency, -sum(amount_minor) AS minor FROM ledger_ledgerentry
        WHERE organization_id = g.organization_id AND account = 'quarantine:' || g.id
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
    AND 'quarantine:' || g.id = coalesce(l.account, r.account)
WHERE coalesce(l.minor, 0) <> coalesce(r.minor, 0)
