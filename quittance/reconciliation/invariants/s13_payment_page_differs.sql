-- Pages on which people pay, as the last look at each found them (payment_page/looking.py): what was not
-- as the inventory says.
SELECT e.organization_id, 'page' AS subject_kind, e.facts->>'page' AS subject,
    NULL::uuid AS payment_id, NULL::uuid AS customer_account_id, NULL::bigint AS amount_minor,
    NULL::text AS currency, jsonb_build_object('page', e.facts->>'title', 'address',
        e.facts->>'address', 'count', jsonb_array_length(e.facts->'differences'), 'first',
        e.facts->'differences'->>0) AS facts,
    NULL::timestamptz AS due_at
FROM (
    SELECT DISTINCT ON (organization_id, facts->>'page') organization_id, facts
    FROM audit_auditevent
    WHERE what = 'payment page looked at' AND happened_at > now() - interval '2 days'
    ORDER BY organization_id, facts->>'page', happened_at DESC, id DESC
) e
WHERE jsonb_array_length(e.facts->'differences') > 0
