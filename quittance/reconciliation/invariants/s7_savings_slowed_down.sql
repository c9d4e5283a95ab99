-- Customers for whom attempts to save a way to pay were slowed down within a day (wallet/limits.py).
SELECT e.organization_id, 'customer_account' AS subject_kind, e.subject_id::text AS subject,
    NULL::uuid AS payment_id, e.subject_id AS customer_account_id, NULL::bigint AS amount_minor,
    NULL::text AS currency, jsonb_build_object('hours', count(*)) AS facts,
    NULL::timestamptz AS due_at
FROM audit_auditevent e
WHERE e.what = 'method saving slowed down' AND e.happened_at > now() - interval '1 day'
GROUP BY e.organization_id, e.subject_id
