SELECT organization_id, 'message' AS subject_kind, id::text AS subject, NULL::uuid AS payment_id,
    NULL::uuid AS customer_account_id, NULL::bigint AS amount_minor, NULL::text AS currency,
    jsonb_build_object('number', event_id, 'gateway_object', gateway_object) AS facts,
    received_at AS due_at
FROM payments_gatewaymessage WHERE done_at IS NULL
