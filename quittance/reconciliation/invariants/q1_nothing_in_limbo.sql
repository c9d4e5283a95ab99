-- A bank takes days: what is with it is late only after nine more.
SELECT organization_id, 'payment' AS subject_kind, id::text AS subject, id AS payment_id,
    customer_account_id, amount_minor, currency,
    jsonb_build_object('what', 'payment', 'number', number, 'status', status) AS facts,
    created_at AS due_at
FROM payments_payment p
WHERE status = 'created' OR (status = 'in_flight' AND NOT EXISTS (
    SELECT FROM payments_gatewayattempt g
    WHERE g.organization_id = p.organization_id AND g.payment_id = p.id
        AND g.status IN ('prepared', 'sent', 'unknown', 'open', 'processing')
))
UNION ALL
SELECT g.organization_id, 'attempt', g.id::text, g.payment_id, g.customer_account_id,
    g.amount_minor, g.currency,
    jsonb_build_object('what', 'attempt of payment', 'number', p.number, 'status', g.status),
    coalesce(g.sent_at, g.created_at)
        + CASE WHEN g.status = 'processing' THEN interval '9 days' ELSE interval '0' END
FROM payments_gatewayattempt g
JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
WHERE g.status IN ('prepared', 'sent', 'unknown', 'open', 'processing')
UNION ALL
SELECT organization_id, 'posting', id::text,
    CASE WHEN source_kind = 'reversal' THEN NULL ELSE source_id END, customer_account_id,
    amount_minor, currency,
    jsonb_build_object('what', 'posting', 'number', document_number, 'status', status),
    created_at
FROM posting_erpposting
WHERE status IN ('queued', 'sending', 'unknown', 'drafted', 'posted')
UNION ALL
SELECT organization_id, 'reversal', id::text, payment_id, customer_account_id, amount_minor,
    currency, jsonb_build_object('what', kind, 'number', number, 'status', status),
    created_at + CASE WHEN status = 'pending' THEN interval '9 days' ELSE interval '0' END
FROM payments_reversal WHERE status IN ('requested', 'sent', 'unknown', 'pending')
