-- A reversal's lines say which invoices are owed again: the rest was on account.
SELECT e.organization_id, 'posting' AS subject_kind, e.id::text AS subject,
    CASE WHEN e.source_kind = 'reversal' THEN NULL ELSE e.source_id END AS payment_id,
    e.customer_account_id, e.amount_minor - coalesce(l.lines_minor, 0)::bigint AS amount_minor,
    e.currency,
    jsonb_build_object('number', e.document_number, 'posted_minor', e.amount_minor,
        'lines_minor', coalesce(l.lines_minor, 0)) AS facts,
    NULL::timestamptz AS due_at
FROM posting_erpposting e
LEFT JOIN (
    SELECT organization_id, posting_id, sum(amount_minor) AS lines_minor
    FROM posting_erppostingline GROUP BY organization_id, posting_id
) l ON l.organization_id = e.organization_id AND l.posting_id = e.id
WHERE (e.source_kind <> 'reversal' AND coalesce(l.lines_minor, 0) <> e.amount_minor)
    OR (e.source_kind = 'reversal' AND coalesce(l.lines_minor, 0) > e.amount_minor)
