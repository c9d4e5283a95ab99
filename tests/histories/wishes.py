"""What a buyer's wish comes to: money, an early-payment discount, credit notes. Reckoned here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tests.histories.schedule import BEGIN
from tests.histories.world import Intent, Part, World

ZONE: Final = ZoneInfo("America/Los_Angeles")
_ON_THE_PAGE: Final = timedelta(minutes=75)
_DEBIT_DAYS: Final = 7  # five business days


def prepare(world: World) -> None:
    """Where the customer ledger is published: discounts on some invoices, and credit notes."""
    rng, erp = world.rng, world.books
    world.facts["customer ledger"] = rng.random() < world.swarm.rates["customer ledger"]
    world.facts["applied by word"] = {}
    if not world.facts["customer ledger"]:
        return
    for invoice in erp.invoices.values():
        if rng.random() < 0.5:
            invoice.discount = max(1, invoice.total * rng.choice([2, 3]) // 100)
            days = timedelta(days=rng.choice([0, 3, 20]))
            invoice.discount_until = (_day(BEGIN) + days).isoformat()
    for number, customer in enumerate(erp.customers.values()):
        if rng.random() < 0.6:
            erp.new_credit(f"CM-{100 + number}", customer, rng.choice([700, 3000]))


def parts_of(world: World, intent: Intent) -> list[Part]:
    """Return what a buyer does for each invoice, as the checkout would show it now."""
    left = {each.id: each.open for each in world.books.credits.values()}
    parts = []
    for invoice, wished in intent.lines:
        now = datetime.fromtimestamp(world.schedule.now, UTC)
        until = date.fromisoformat(invoice.discount_until) if invoice.discount else date.min
        if now.astimezone(ZONE).date() <= until:
            closes = invoice.total - invoice.discount
            full = wished >= closes
            arrives = (now + _ON_THE_PAGE).astimezone(ZONE).date()
            if intent.method != "card":
                arrives += timedelta(days=_DEBIT_DAYS)
            sure = full and arrives <= until
            parts.append(Part(invoice, min(wished, closes), invoice.discount if sure else 0))
            continue
        own = (each for each in world.books.credits.values() if each.customer is invoice.customer)
        credit = next((each for each in own if left[each.id] > 0), None)
        used = min(left[credit.id], wished - 1) if credit else 0
        if credit is None or used <= 0:
            parts.append(Part(invoice, wished))
            continue
        left[credit.id] -= used
        parts.append(Part(invoice, wished - used, credit=credit, used=used))
    return parts


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(ZONE).date()


def check_discounts(world: World) -> None:
    """A discount that was promised is granted, or the AR team is told why not."""
    for erp_id, discount, remark, document in world.rows(
        "SELECT i.erp_id, a.discount_minor, e.remark, e.document_number"
        " FROM payments_allocation a JOIN receivables_invoice i"
        " ON (i.organization_id, i.id) = (a.organization_id, a.invoice_id)"
        " JOIN posting_erpposting e ON (e.organization_id, e.source_id, e.customer_account_id)"
        "  = (a.organization_id, a.payment_id, a.customer_account_id)"
        " WHERE a.organization_id = %(o)s AND a.status = 'reflected' AND a.discount_minor > 0"
        " AND e.source_kind = 'payment' AND e.status = 'confirmed'"
    ):
        invoice = world.books.invoices[erp_id]
        known = remark or erp_id in world.touched_by_clerk or document in world.spoiled
        if invoice.open and not known:
            world.wrong("a promised discount was not granted, and nobody knows")
            world.schedule.say(f"{invoice.number}: {discount} off, {invoice.open} open")


def check_credits(world: World) -> None:
    """Of each credit note so much is used in the ERP as buyers chose, and the mirror shows it."""
    chosen: dict[str, int] = {}
    for erp_id, minor in world.rows(
        "SELECT l.credit_erp_id, l.amount_minor FROM posting_erppostingline l"
        " JOIN posting_erpposting e"
        " ON (e.organization_id, e.id) = (l.organization_id, l.posting_id)"
        " WHERE e.organization_id = %(o)s AND e.source_kind = 'application'"
        " AND e.status = 'confirmed'"
    ):
        chosen[erp_id] = chosen.get(erp_id, 0) + minor
    for erp_id, open_minor in world.rows(
        "SELECT erp_id, open_minor FROM receivables_credit WHERE organization_id = %(o)s"
        " AND kind = 'credit_note'"
    ):
        credit = world.books.credits[erp_id]
        by_word = world.facts["applied by word"].get(erp_id, 0)
        if credit.total - credit.open - by_word != chosen.get(erp_id, 0):
            world.wrong("another part of a credit note is used than buyers chose")
            world.schedule.say(f"{credit.number}: {credit.open} of {credit.total} open")
        if open_minor != credit.open:
            world.wrong("the mirror shows another credit than the ERP")


CHECKS: Final = (check_discounts, check_credits)
