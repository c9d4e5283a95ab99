-- What a bank returned, and nobody has looked at yet.
SELECT m.organization_id, 'method' AS subject_kind, m.id::text AS subject, NULL::uuid AS payment_id,
    m.customer_account_id, NULL::bigint AS amount_minor, NULL::text AS currency,
    jsonb_build_object('gateway', g.name, 'label',
        trim(coalesce(nullif(m.brand, ''), m.bank_name) || CASE WHEN m.last4 <> '' THEN ' ••' || m.last4
        ELSE '' END), 'code', m.stop_code) AS facts,
    NULL::timestamptz AS due_at
FROM wallet_keptmethod m
JOIN connections_gatewayaccount g ON g.organization_id = m.organization_id
    AND g.id = m.gateway_account_id
WHERE m.status = 'blocked'
