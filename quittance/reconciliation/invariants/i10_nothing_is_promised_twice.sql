SELECT i.organization_id, 'invoice' AS subject_kind, i.id::text AS subject,
    NULL::uuid AS payment_id, i.customer_account_id,
    a.promised_minor::bigint - i.open_minor AS amount_minor, i.currency,
    jsonb_build_object('what', 'invoice', 'number', i.number, 'open_minor', i.open_minor,
        'promised_minor', a.promised_minor) AS facts,
    NULL::timestamptz AS due_at
FROM (
    SELECT organization_id, invoice_id, version_seen,
        sum(amount_minor + discount_minor + credit_minor) AS promised_minor
    FROM payments_allocation WHERE status IN ('reserved', 'consumed')
    GROUP BY organization_id, invoice_id, version_seen
) a
JOIN receivables_invoice i ON i.organization_id = a.organization_id AND i.id = a.invoice_id
    AND i.version = a.version_seen
WHERE a.promised_minor > i.open_minor
UNION ALL
SELECT c.organization_id, 'credit', c.id::text, NULL, c.customer_account_id,
    u.promised_minor::bigint - c.open_minor, c.currency,
    jsonb_build_object('what', 'credit', 'number', c.number, 'open_minor', c.open_minor,
        'promised_minor', u.promised_minor),
    NULL
FROM (
    SELECT organization_id, credit_id, version_seen, sum(amount_minor) AS promised_minor
    FROM payments_credituse WHERE status IN ('reserved', 'consumed')
    GROUP BY organization_id, credit_id, version_seen
) u
JOIN receivables_credit c ON c.organization_id = u.organization_id AND c.id = u.credit_id
    AND c.version = u.version_seen
WHERE u.promised_minor > c.open_minor
