SELECT a.organization_id, 'allocation' AS subject_kind, a.id::text AS subject, a.payment_id,
    a.customer_account_id, a.amount_minor + a.discount_minor + a.credit_minor AS amount_minor,
    a.currency,
    jsonb_build_object('number', p.number, 'invoice', i.number) AS facts,
    e.posted_at AS due_at
FROM payments_allocation a
JOIN payments_payment p ON p.organization_id = a.organization_id AND p.id = a.payment_id
JOIN receivables_invoice i ON i.organization_id = a.organization_id AND i.id = a.invoice_id
JOIN (
    SELECT organization_id, source_id, customer_account_id,
        max(coalesce(posted_at, created_at)) AS posted_at,
        bool_and(status IN ('confirmed', 'handled', 'replaced')) AS done
    FROM posting_erpposting WHERE source_kind <> 'reversal'
    GROUP BY organization_id, source_id, customer_account_id
) e ON e.organization_id = a.organization_id AND e.source_id = a.payment_id
    AND e.customer_account_id = a.customer_account_id
WHERE a.status = 'consumed' AND e.done
