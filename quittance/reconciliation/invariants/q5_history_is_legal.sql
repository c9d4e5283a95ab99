-- Nothing of it is ever changed, and it is looked at every five minutes: older steps were seen often.
SELECT s.organization_id, s.subject_kind, s.subject_id || ' ' || s.sequence AS subject,
    NULL::uuid AS payment_id, s.customer_account_id, NULL::bigint AS amount_minor,
    NULL::text AS currency,
    jsonb_build_object('what', s.subject_kind, 'before', s.from_status, 'after', s.to_status,
        'cause', s.cause) AS facts,
    NULL::timestamptz AS due_at
FROM audit_statuschange s
LEFT JOIN audit_legal_step l ON l.subject_kind = s.subject_kind
    AND l.from_status = s.from_status AND l.to_status = s.to_status
WHERE s.happened_at > now() - interval '35 days' AND s.from_status <> ''
    AND (
        l.subject_kind IS NULL
        OR (s.subject_kind IN ('payment', 'attempt') AND s.to_status IN ('failed', 'cancelled')
            AND (s.cause IN ('', '?') OR s.cause ILIKE '%timeout%' OR s.cause ILIKE '%retries%'))
    )
