-- What a gateway gives no answer about, since more than a day: failures count twice for each look.
SELECT m.organization_id, 'method' AS subject_kind, m.id::text AS subject, NULL::uuid AS payment_id,
    m.customer_account_id, NULL::bigint AS amount_minor, NULL::text AS currency,
    jsonb_build_object('gateway', g.name, 'label',
        trim(coalesce(nullif(m.brand, ''), m.bank_name) || CASE WHEN m.last4 <> '' THEN ' ••' || m.last4
        ELSE '' END)) AS facts,
    NULL::timestamptz AS due_at
FROM wallet_keptmethod m
JOIN connections_gatewayaccount g ON g.organization_id = m.organization_id
    AND g.id = m.gateway_account_id
WHERE m.status IN ('verifying', 'active', 'blocked') AND m.failures >= 10
