SELECT organization_id, 'payout' AS subject_kind, id::text AS subject, NULL::uuid AS payment_id,
    NULL::uuid AS customer_account_id, amount_minor - items_minor AS amount_minor, currency,
    jsonb_build_object('payout', payout_id, 'paid_out_minor', amount_minor,
        'items_minor', items_minor) AS facts,
    made_at AS due_at
FROM reconciliation_payout
WHERE state = 'paid' AND reconciled_at IS NULL
