SELECT organization_id, 'payout' AS subject_kind, id::text AS subject, NULL::uuid AS payment_id,
    NULL::uuid AS customer_account_id, amount_minor, currency,
    jsonb_build_object('payout', payout_id, 'paid_out_minor', amount_minor) AS facts,
    NULL::timestamptz AS due_at
FROM reconciliation_payout
WHERE state = 'failed' AND made_at > now() - interval '35 days'
