-- People whose payments were slowed down within a day (payments/tries.py), with a customer of theirs.
SELECT e.organization_id, 'user' AS subject_kind, e.subject_id::text AS subject,
    NULL::uuid AS payment_id, min(e.facts -> 'customer_accounts' ->> 0)::uuid AS customer_account_id,
    NULL::bigint AS amount_minor, NULL::text AS currency,
    jsonb_build_object('hours', count(*), 'who', coalesce(min(u.name), e.subject_id::text)) AS facts,
    NULL::timestamptz AS due_at
FROM audit_auditevent e
LEFT JOIN identity_user u ON u.organization_id = e.organization_id AND u.id = e.subject_id
WHERE e.what = 'payments slowed down' AND e.happened_at > now() - interval '1 day'
GROUP BY e.organization_id, e.subject_id
