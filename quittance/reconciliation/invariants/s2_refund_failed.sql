-- Settled by a later refund of the same money.
SELECT r.organization_id, 'reversal' AS subject_kind, r.id::text AS subject, r.payment_id,
    r.customer_account_id, r.amount_minor, r.currency,
    jsonb_build_object('number', r.number, 'detail', coalesce(nullif(r.problem, ''), r.detail))
        AS facts,
    NULL::timestamptz AS due_at
FROM payments_reversal r
WHERE r.kind = 'refund' AND r.status = 'failed' AND NOT EXISTS (
    SELECT FROM payments_reversal later
    WHERE later.organization_id = r.organization_id AND later.payment_id = r.payment_id
        AND later.attempt_id = r.attempt_id AND later.kind = 'refund'
        AND later.created_at > r.created_at AND later.status <> 'failed'
)
