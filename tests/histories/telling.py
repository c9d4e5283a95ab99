"""What people are told: no refund failed that the gateway has, no rest that nobody knows."""

from __future__ import annotations

from typing import Final

from tests.histories.world import World

_POSTED_WITHIN: Final = 1000.0  # seconds from our last look to the post, however slow the ERP is


def check_failed_refunds(world: World) -> None:
    """Nobody is told that a refund failed that the gateway has at that moment."""
    seen = world.facts.setdefault("failed refunds", set())
    sent = {each["reference"] for each in world.gateway.refunds.values()}
    for (id_,) in world.rows(
        "SELECT id::text FROM payments_reversal WHERE organization_id = %(o)s"
        " AND status = 'failed' AND succeeded_at IS NULL AND gateway_object IS NULL"
    ):
        if id_ not in seen and id_ in sent:
            world.wrong("a refund failed here, and the gateway has it")
        seen.add(id_)


def check_rests(world: World) -> None:
    """What an invoice did not take is said, but when a cheque was booked while we posted."""
    said = {row[0] for row in world.rows(
        "SELECT document_number FROM posting_erpposting"
        " WHERE organization_id = %(o)s AND remark <> ''"
    )}  # fmt: skip
    for each in world.books.posted:
        invoice = world.books.invoices.get(each.invoice)
        known = each.document in said or each.document in world.spoiled
        if invoice is None or each.applied == each.amount or known:
            continue
        if invoice.paid_otherwise_at < each.at - _POSTED_WITHIN:
            world.wrong("the ERP left a rest that nobody knows")
