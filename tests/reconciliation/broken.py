"""Ways to break the books that no code of ours has: as a superuser, with all triggers off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_REVERSAL: Final = """
INSERT INTO payments_reversal (id, organization_id, number, customer_account_id, payment_id,
    attempt_id, kind, origin, status, amount_minor, fee_minor, currency, idempotency_key, reopens,
    code, note, detail, problem, created_at, succeeded_at, failures)
SELECT gen_random_uuid(), organization_id, 'R-' || gen_random_uuid()::varchar(10),
    customer_account_id, payment_id, id, '{kind}', '{origin}', '{status}', amount_minor, 0,
    currency, gen_random_uuid()::text, true, 'R01', '', 'lost', '{problem}', now(), now(), 0
FROM payments_gatewayattempt WHERE id = %(attempt)s
"""
_MOVEMENT: Final = """
INSERT INTO reconciliation_gatewaymovement (id, organization_id, gateway_account_id, movement_id,
    kind, gateway_object, subject, gross_minor, fee_minor, currency, code, happened_at, read_at)
SELECT gen_random_uuid(), organization_id, gateway_account_id, gen_random_uuid()::text, '{kind}',
    gateway_object, 're_1', {minor}, 0, 'USD', '', now(), now()
FROM payments_gatewayattempt WHERE id = %(attempt)s
"""
_PAYOUT: Final = """
INSERT INTO reconciliation_payout (id, organization_id, gateway_account_id, payout_id, state,
    amount_minor, items_minor, currency, made_at, read_at)
SELECT gen_random_uuid(), organization_id, gateway_account_id, 'po_1', '{state}', 1000, {items},
    'USD', now(), now()
FROM payments_gatewayattempt WHERE id = %(attempt)s
"""
_CHANGE: Final = """
INSERT INTO audit_statuschange (id, organization_id, sequence, subject_kind, subject_id,
    from_status, to_status, cause, actor, happened_at)
VALUES (gen_random_uuid(), %(organization)s, 1, 'payment', %(payment)s, '{before}', '{after}',
    '{cause}', 'somebody', now())
"""
_MESSAGE: Final = """
INSERT INTO payments_gatewaymessage (id, organization_id, gateway_account_id, event_id,
    gateway_object, kind, received_at)
SELECT gen_random_uuid(), organization_id, gateway_account_id, 'evt_1', 'pay_1', 'x', now()
FROM payments_gatewayattempt WHERE id = %(attempt)s
"""
_EVENT: Final = """
INSERT INTO audit_auditevent (id, organization_id, happened_at, actor, what, subject_id, facts)
SELECT gen_random_uuid(), organization_id, now(), 'somebody', '{what}', customer_account_id,
    jsonb_build_object('customer_accounts', jsonb_build_array(customer_account_id))
FROM payments_gatewayattempt WHERE id = %(attempt)s
"""
_METHOD: Final = """
INSERT INTO wallet_keptmethod (id, organization_id, customer_account_id, gateway_account_id,
    consent_id, saved_by_id, method, gateway_method, gateway_payer, brand, bank_name, last4,
    funding, holder, fingerprint, initial_reference, agreement, gateway_mandate,
    mandate_reference, scheme, currency, name, status, ended_reason, ended_at, stopped_at,
    stop_code, stopped_by, created_at, failures)
SELECT gen_random_uuid(), organization_id, customer_account_id, gateway_account_id,
    gen_random_uuid(), gen_random_uuid(), 'card', 'pm_1', '', 'Visa', '', '4242', '', '', '', '',
    'on_click', '', '', '', '', '', '{status}', 'removed', {ended}, now(), 'R16',
    gen_random_uuid(), now(), {failures}
FROM payments_gatewayattempt WHERE id = %(attempt)s
"""
_LINK: Final = """
INSERT INTO paylinks_paylink (id, organization_id, customer_account_id, made_by_id, token_hash,
    sent_to, parts, created_at, expires_at, revoked_at)
SELECT gen_random_uuid(), organization_id, customer_account_id, gen_random_uuid(), 'hash', '',
    false, now(), now() + interval '1 day', now()
FROM payments_gatewayattempt WHERE id = %(attempt)s
"""
_BY_LINK: Final = """
UPDATE payments_payment SET status = 'in_flight', pay_link_id =
    (SELECT id FROM paylinks_paylink l WHERE l.organization_id = %(organization)s)
WHERE id = %(payment)s
"""
_PAGE: Final = """
INSERT INTO audit_auditevent (id, organization_id, happened_at, actor, what, facts)
VALUES (gen_random_uuid(), %(organization)s, now(), 'payment-page', 'payment page looked at',
    '{"page": "link", "title": "the first page of a pay link", "address": "https://a.example",
    "failures": 0, "differences": ["The page has a script within the page."]}')
"""
_LINE: Final = """
UPDATE posting_erppostingline SET amount_minor = amount_minor + 1
WHERE posting_id = (SELECT id FROM posting_erpposting WHERE source_id = %(payment)s)
"""
_ENTRY: Final = """
UPDATE ledger_ledgerentry SET amount_minor = amount_minor + 1
WHERE organization_id = %(organization)s AND account LIKE 'gateway:%%'
"""
_HELD: Final = """
UPDATE reconciliation_bookscursor SET held = '{"USD": 1}', held_at = now()
WHERE organization_id = %(organization)s
"""
_PAYMENT: Final = "UPDATE payments_payment SET {} WHERE id = %(payment)s"
_ATTEMPT: Final = "UPDATE payments_gatewayattempt SET {} WHERE id = %(attempt)s"
_PART: Final = "UPDATE payments_allocation SET {} WHERE payment_id = %(payment)s"
_POSTING: Final = "UPDATE posting_erpposting SET {} WHERE source_id = %(payment)s"
_INVOICE: Final = "UPDATE receivables_invoice SET {} WHERE id = %(invoice)s"


def reversal(
    kind: str, status: str = "succeeded", problem: str = "", origin: str = "outside"
) -> str:
    """Everything goes back once more, as a statement."""
    return _REVERSAL.format(kind=kind, status=status, problem=problem, origin=origin)


# Each: which view must see it, and what was done.
BREAKS: Final[Mapping[str, tuple[str, list[str]]]] = {
    "a cent more": (
        "i1_parts_make_the_payment", [_PAYMENT.format("amount_minor = amount_minor + 1")]
    ),
    "a part that was let go": ("i1_parts_make_the_payment", [_PART.format("status = 'released'")]),
    "credit that was not used": ("i1_parts_make_the_payment", [_PART.format("credit_minor = 1")]),
    "another currency": ("i2_one_currency_one_amount", [_PART.format("currency = 'EUR'")]),
    "another amount at the gateway": (
        "i2_one_currency_one_amount", [_ATTEMPT.format("amount_minor = 1")]
    ),
    "success without evidence": ("i3_success_has_evidence", [_ATTEMPT.format("status = 'failed'")]),
    "evidence without success": ("i3_success_has_evidence", [_PAYMENT.format("status = 'failed'")]),
    "the ERP was told less": (
        "i4_success_is_told_to_the_erp", [_POSTING.format("amount_minor = amount_minor - 1")]
    ),
    "the ERP was told nothing": (
        "i4_success_is_told_to_the_erp", [_POSTING.format("source_id = gen_random_uuid()")]
    ),
    "the ERP was told of what failed": (
        "i4_success_is_told_to_the_erp", [_PAYMENT.format("status = 'failed'")]
    ),
    "reserved for ever": ("i5_parts_live_as_their_payment", [_PART.format("status = 'reserved'")]),
    "money of a dead payment": (
        "i6_dead_payment_has_no_money", [_PAYMENT.format("status = 'cancelled'")]
    ),
    "surplus that nobody sends back": (
        "i7_surplus_goes_back",
        [_PAYMENT.format("status = 'failed'"), _ATTEMPT.format("status = 'surplus'")],
    ),
    "refunded twice": (
        "i8_refunds_within_what_came", [reversal("refund"), reversal("refund")]
    ),
    "more asked back than came": (
        "i8_refunds_within_what_came",
        [reversal("refund", origin="clerk"), reversal("refund", "sent", origin="surplus")],
    ),
    "a line too much": (
        "i9_lines_make_the_posting",
        [_LINE],
    ),
    "promised twice": (
        "i10_nothing_is_promised_twice",
        [_INVOICE.format("open_minor = 1, version = 77"),
         _PART.format("status = 'consumed', version_seen = 77")],
    ),
    "a ledger that is wrong": (
        "l1_clearing_is_what_moved",
        [_ENTRY],
    ),
    "a payout that is in no ledger": (
        "l1_clearing_is_what_moved", [_MOVEMENT.format(kind="payout", minor=-500)]
    ),
    "a capture that is in no ledger": (
        "l2_every_movement_is_recorded",
        ["UPDATE ledger_ledgertransaction SET key = 'x' WHERE key = 'captured:' || %(payment)s"],
    ),
    "a refund that is in no ledger": ("l2_every_movement_is_recorded", [reversal("refund")]),
    "money that waits and is kept nowhere": (
        "l3_what_waits_is_kept_apart",
        [_ATTEMPT.format("came_object = 'pay_2', came_minor = 500, came_currency = 'EUR'")],
    ),
    "a posting for ever on its way": (
        "q1_nothing_in_limbo", [_POSTING.format("status = 'unknown'")]
    ),
    "a payment that nobody asks about": (
        "q1_nothing_in_limbo",
        [_PAYMENT.format("status = 'in_flight'"), _ATTEMPT.format("status = 'failed'")],
    ),
    "a refund for ever on its way": ("q1_nothing_in_limbo", [reversal("refund", "unknown")]),
    "a capture that the gateway does not know": (
        "q2_charges_are_the_gateways",
        ["DELETE FROM reconciliation_gatewaymovement WHERE organization_id = %(organization)s"],
    ),
    "a charge that counts twice": (
        "q2_charges_are_the_gateways", [_MOVEMENT.format(kind="charge", minor=7500)]
    ),
    "a charge of a payment that failed": (
        "q2_charges_are_the_gateways",
        [_PAYMENT.format("status = 'failed'"), _ATTEMPT.format("status = 'failed'")],
    ),
    "a charge of nobody": ("q2_charge_nobody_knows", [_ATTEMPT.format("gateway_object = 'other'")]),
    "a refund that we do not know": (
        "q3_reversals_are_the_gateways", [_MOVEMENT.format(kind="refund", minor=-100)]
    ),
    "a refund that the gateway does not know": (
        "q3_reversals_are_the_gateways", [reversal("refund")]
    ),
    "a payout with a hole": ("q4_payout_adds_up", [_PAYOUT.format(state="paid", items=999)]),
    "failed for no reason": (
        "q5_history_is_legal", [_CHANGE.format(before="in_flight", after="failed", cause="timeout")]
    ),
    "a step that is none": (
        "q5_history_is_legal", [_CHANGE.format(before="succeeded", after="created", cause="magic")]
    ),
    "a message of nobody": (
        "q6_messages_are_read",
        [_MESSAGE],
    ),
    "booked and still reserved": ("q7_reservations_end", [_PART.format("status = 'consumed'")]),
    "another balance": (
        "q8_balance_is_the_gateways",
        [_HELD],
    ),
    "a debit that was returned": ("s1_returned_debit", [reversal("return")]),
    "a refund that failed": ("s2_refund_failed", [reversal("refund", "failed")]),
    "taken back after the refund": (
        "s3_more_went_back_than_came", [reversal("refund"), reversal("return")]
    ),
    "no message for two hours": (
        "s4_webhooks_silent",
        [_PAYMENT.format("succeeded_at = now() - interval '2 hours'")],
    ),
    "a payout that failed": ("s5_payout_failed", [_PAYOUT.format(state="failed", items=1000)]),
    "attempts to save that were slowed down": (
        "s7_savings_slowed_down", [_EVENT.format(what="method saving slowed down")]
    ),
    "payments that were slowed down": (
        "s8_payments_slowed_down", [_EVENT.format(what="payments slowed down")]
    ),
    "a link that was revoked while its payment waited": (
        "s12_revoked_link_pays", [_LINK, _BY_LINK, _ATTEMPT.format("status = 'open'")]
    ),
    "a payment page with another script": ("s13_payment_page_differs", [_PAGE]),
    "what a gateway does not forget": (
        "s9_method_not_forgotten",
        [_METHOD.format(status="ended", ended="now() - interval '4 days'", failures=0)],
    ),
    "a way to pay that is blocked": (
        "s10_method_blocked", [_METHOD.format(status="blocked", ended="NULL", failures=0)]
    ),
    "a way to pay without an answer": (
        "s11_method_not_answered", [_METHOD.format(status="active", ended="NULL", failures=10)]
    ),
    "a refund that puzzles": (
        "s6_reversal_puzzles", [reversal("refund", "pending", "It carries another reference.")]
    ),
}  # fmt: skip
