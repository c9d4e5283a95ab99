SELECT r.organization_id, 'reversal' AS subject_kind, r.id::text AS subject, r.payment_id,
    r.customer_account_id, r.amount_minor, r.currency,
    jsonb_build_object('number', p.number, 'code', coalesce(nullif(r.code, ''), '?'),
        'problem', r.problem) AS facts,
    NULL::timestamptz AS due_at
FROM payments_reversal r
JOIN payments_payment p ON p.organization_id = r.organization_id AND p.id = r.payment_id
WHERE r.kind = 'return' AND r.status = 'succeeded' AND r.succeeded_at > now() - interval '35 days'
    AND NOT EXISTS (  -- the bank has given it back since
        SELECT FROM payments_reversal w
        WHERE w.organization_id = r.organization_id AND w.attempt_id = r.attempt_id
            AND w.kind = 'dispute_won' AND w.status = 'succeeded'
            AND w.gateway_object = r.gateway_object
    )
