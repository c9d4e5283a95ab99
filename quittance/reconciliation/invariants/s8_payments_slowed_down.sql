-- Who had payments slowed down within a day (payments/tries.py), with a customer of theirs: a person,
-- or whoever holds a pay link.
SELECT e.organization_id, CASE WHEN l.id IS NULL THEN 'user' ELSE 'pay_link' END AS subject_kind,
    e.subject_id::text AS subject, NULL::uuid AS payment_id,
    min(e.facts -> 'customer_accounts' ->> 0)::uuid AS customer_account_id,
    NULL::bigint AS amount_minor, NULL::text AS currency,
    jsonb_build_object('hours', count(*), 'who', coalesce(
        min(u.name),
        'the pay link of ' || to_char(min(l.created_at), 'YYYY-MM-DD HH24:MI') || ' UTC'
            || coalesce(' to ' || nullif(min(l.sent_to), ''), ''),
        e.subject_id::text)) AS facts,
    NULL::timestamptz AS due_at
FROM audit_auditevent e
LEFT JOIN identity_user u ON u.organization_id = e.organization_id AND u.id = e.subject_id
LEFT JOIN paylinks_paylink l ON l.organization_id = e.organization_id AND l.id = e.subject_id
WHERE e.what = 'payments slowed down' AND e.happened_at > now() - interval '1 day'
GROUP BY e.organization_id, e.subject_id, l.id
