"""What stays in the ERP of each payment: what the gateway still holds of it, but for the fee."""

from __future__ import annotations

from collections import Counter
from typing import Final

from tests.histories import books
from tests.histories.world import World

# A person's word that a posting is settled otherwise stands for its sum.
_TOLD: Final = """
SELECT p.number, g.gateway_object, e.document_number, e.status, p.amount_minor, p.fee_minor
FROM payments_payment p
JOIN payments_gatewayattempt g ON (g.organization_id, g.payment_id) = (p.organization_id, p.id)
    AND g.status = 'succeeded'
JOIN posting_erpposting e ON e.organization_id = p.organization_id AND (e.source_id = p.id
    OR e.source_id IN (SELECT id FROM payments_reversal r WHERE r.payment_id = p.id))
WHERE p.organization_id = %(o)s
"""


def check_what_stays(world: World) -> None:
    """Compare, payment by payment, the gateway's books with what is booked in the ERP for it."""
    held: Counter[str] = Counter()
    for entry in world.gateway.entries:
        held[entry.object_id] += entry.gross_minor
    booked: Counter[str] = Counter()
    for row in world.books.gl:
        if row["accountNumber"] == books.CLEARING:
            moved = row["debitAmount"] - row["creditAmount"]
            booked[row["documentNumber"]] += world.books.minor(moved)
    in_erp: Counter[str] = Counter()
    facts, by_word = {}, set()
    for number, object_id, document, status, minor, fee in world.rows(_TOLD):
        facts[number] = object_id, minor, fee
        in_erp[number] += booked[document]
        if status == "handled" or document in world.spoiled:
            by_word.add(number)
    for number, (object_id, minor, fee) in facts.items():
        left = held[object_id]
        if number not in by_word and in_erp[number] != left - _fee_kept(minor, fee, left):
            world.wrong("the ERP has another sum of a payment than the gateway holds")
            world.schedule.say(f"{number}: gateway {left}, ERP {in_erp[number]}, fee {fee}")


def _fee_kept(minor: int, fee: int, left: int) -> int:
    """Return what of the fee is not given back: a part of it goes with each part of the money."""
    back = minor - left
    return fee - (2 * fee * back + minor) // (2 * minor)


def check_what_was_asked(world: World) -> None:
    """Every payment is the sum of what its buyer chose, and the fee of his way of paying."""
    intents = {each.name: each for each in world.intents}
    for key, minor, fee, currency in world.rows(
        "SELECT idempotency_key, amount_minor, fee_minor, currency FROM payments_payment"
        " WHERE organization_id = %(o)s"
    ):
        wish = intents[key.partition(".")[0]]
        order = wish.orders.get(key)
        if order is None:
            world.wrong("a payment of no form that its buyer sent")
            continue
        on_top = world.fee_of(wish, order.minor - order.fee)
        asked = order.minor - order.fee + on_top
        if (minor, fee, currency) != (asked, on_top, world.currency):
            world.wrong("a payment is another sum than its buyer chose")
            world.schedule.say(f"{key}: {minor} with {fee} {currency}, chosen {asked}")


def check_whose(world: World) -> None:
    """What pays an invoice is booked for the customer who owes it."""
    for each in world.books.posted:
        invoice = world.books.invoices.get(each.invoice)
        if invoice is not None and invoice.customer.id != each.customer:
            world.wrong("the ERP has a payment for another customer than the invoice's")


CHECKS: Final = (check_what_stays, check_what_was_asked, check_whose)
