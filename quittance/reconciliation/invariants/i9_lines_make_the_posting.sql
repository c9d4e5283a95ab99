-- A reversal's lines say which invoices are owed again: the rest was on account.
WITH differing AS MATERIALIZED (
    SELECT posting_id, sum(minor) AS missing_minor
    FROM (
        SELECT id AS posting_id, amount_minor AS minor FROM posting_erpposting
        UNION ALL
        SELECT posting_id, -amount_minor FROM posting_erppostingline
    ) sides
    GROUP BY posting_id HAVING sum(minor) <> 0
)
SELECT e.organization_id, 'posting' AS subject_kind, e.id::text AS subject,
    CASE WHEN e.source_kind = 'reversal' THEN NULL ELSE e.source_id END AS payment_id,
    e.customer_account_id, d.missing_minor::bigint AS amount_minor, e.currency,
    jsonb_build_object('number', e.document_number, 'posted_minor', e.amount_minor,
        'lines_minor', e.amount_minor - d.missing_minor) AS facts,
    NULL::timestamptz AS due_at
FROM differing d
JOIN posting_erpposting e ON e.id = d.posting_id
WHERE e.source_kind <> 'reversal' OR d.missing_minor < 0
