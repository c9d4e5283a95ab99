-- What is wanted and what is posted cancel out. Of the postings of one source and account only the
-- latest counts: it has replaced the others. The payer's fee is posted to nobody's account.
WITH differing AS MATERIALIZED (
    SELECT payment_id, sum(minor) AS missing_minor
    FROM (
        SELECT id AS payment_id, amount_minor - fee_minor AS minor
        FROM payments_payment WHERE status = 'succeeded'
        UNION ALL
        SELECT source_id, -amount_minor
        FROM posting_erpposting WHERE source_kind = 'payment' AND status <> 'replaced'
    ) sides
    GROUP BY payment_id HAVING sum(minor) <> 0
)
SELECT p.organization_id, 'payment' AS subject_kind, p.id::text AS subject, p.id AS payment_id,
    p.customer_account_id, d.missing_minor::bigint AS amount_minor, p.currency,
    jsonb_build_object('number', p.number, 'paid_minor', p.amount_minor,
        'posted_minor', CASE WHEN p.status = 'succeeded' THEN p.amount_minor - p.fee_minor ELSE 0
            END - d.missing_minor) AS facts,
    NULL::timestamptz AS due_at
FROM differing d
JOIN payments_payment p ON p.id = d.payment_id
