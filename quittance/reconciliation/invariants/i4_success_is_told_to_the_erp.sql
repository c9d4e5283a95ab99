-- Of the postings of one source and account only the latest counts: it has replaced the others. The
-- payer's fee is posted to nobody's account.
SELECT p.organization_id, 'payment' AS subject_kind, p.id::text AS subject, p.id AS payment_id,
    p.customer_account_id, w.wanted_minor - coalesce(e.posted_minor, 0)::bigint AS amount_minor,
    p.currency,
    jsonb_build_object('number', p.number, 'paid_minor', p.amount_minor,
        'posted_minor', coalesce(e.posted_minor, 0)) AS facts,
    NULL::timestamptz AS due_at
FROM payments_payment p
CROSS JOIN LATERAL (
    SELECT CASE WHEN p.status = 'succeeded' THEN p.amount_minor - p.fee_minor ELSE 0 END
        AS wanted_minor
) w
LEFT JOIN (
    SELECT organization_id, source_id, sum(amount_minor) AS posted_minor
    FROM posting_erpposting WHERE source_kind = 'payment' AND status <> 'replaced'
    GROUP BY organization_id, source_id
) e ON e.organization_id = p.organization_id AND e.source_id = p.id
WHERE w.wanted_minor <> coalesce(e.posted_minor, 0)
