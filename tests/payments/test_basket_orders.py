"""The last step of a checkout: by whose word, and once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from quittance.connections.models import PostingRule
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.payments.baskets import BasketChanged, MethodMissing, set_amounts, set_method
from quittance.payments.confirm import AccountBlocked, TooOldToPay
from quittance.payments.contents import BasketGone, payment_of
from quittance.payments.orders import AmountNotOwed, InvoiceNotPayable
from quittance.receivables.models import CustomerAccount, Invoice, SyncCursor
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from tests.ground import Ground
from tests.payments.checkouts import begin, contents, order, pay, ready, usd
from tests.payments.rows import in_flight
from tests.payments.together import all_at_once
from tests.receivables.records import invented

READ = r"GET .*salesInvoices"


def test_an_order_needs_a_method(ground: Ground, buyer: User) -> None:
    with pytest.raises(MethodMissing):
        order(begin(ground, buyer, ground.bill("100.00")))


def test_an_order_of_an_older_page_is_refused(ground: Ground, buyer: User) -> None:
    basket = ready(ground, buyer, ground.bill("100.00"))

    with pytest.raises(BasketChanged):
        order(basket, version=1)


@pytest.mark.failure("F03")
def test_who_comes_second_is_told_that_another_payment_is_under_way(
    ground: Ground, buyer: User
) -> None:
    invoice = ground.bill("100.00")
    first, second = ready(ground, buyer, invoice), ready(ground, buyer, invoice)
    pay(first)

    with pytest.raises(AmountNotOwed, match=r"Another payment .* is under way"):
        order(second)


def test_a_customer_whom_the_erp_blocks_is_asked_for_no_money(ground: Ground, buyer: User) -> None:
    basket = ready(ground, buyer, ground.bill("100.00"))
    with widened(), writing():
        CustomerAccount.objects.update(blocked=True)

    with pytest.raises(AccountBlocked):
        order(basket)


@pytest.mark.parametrize(
    ("facts", "why"),
    [({"hindrance": "disputed"}, "marked as disputed"), ({}, "in a currency in which")],
)
def test_what_the_erp_could_not_book_is_not_charged(
    ground: Ground, buyer: User, facts: dict[str, str], why: str
) -> None:
    invoice = ground.bill("100.00")
    basket = ready(ground, buyer, invoice)
    ground.world.erp_fault(READ, "status", status=503)  # else it is asked, and says otherwise
    _synced(ground, minutes_ago=1)
    with widened(), writing():
        Invoice.objects.filter(pk=invoice.pk).update(**facts)
        if not facts:
            CustomerAccount.objects.update(pays_only="EUR")

    with pytest.raises(InvoiceNotPayable, match=why):
        order(basket)


@pytest.mark.parametrize("gateways_own", [False, True])
def test_a_foreign_currency_is_paid_where_the_payments_own_rule_leads_to_its_bank_account(
    ground: Ground, buyer: User, gateways_own: bool
) -> None:
    invoice = ground.bill("100.00")
    with widened(), writing():
        Invoice.objects.filter(pk=invoice.pk).update(currency="EUR")
        rule(ground, currency="EUR", journal="EURO", bank_account="EURO")
        if gateways_own:  # which goes before the rule for a currency
            rule(ground, gateway_account_id=ground.gateway_account_id)
    basket = ready(ground, buyer, invoice)
    ground.world.erp_fault(READ, "status", status=503)  # there it is in dollars
    _synced(ground, minutes_ago=1)

    refused = ""
    try:
        order(basket)
    except InvoiceNotPayable as error:
        refused = str(error)

    assert ("in a currency in which" in refused) == gateways_own


def rule(ground: Ground, **facts: object) -> None:
    """A rule as it is kept, without asking the ERP."""
    said = {"account": "2920", "checked_at": clock.now(), **facts}
    PostingRule.objects.create(legal_entity_id=ground.legal_entity_id, **said)


def test_a_bank_account_in_the_local_currency_books_nobody_elses(
    ground: Ground, buyer: User
) -> None:
    invoice = ground.bill("100.00")
    basket = ready(ground, buyer, invoice)
    with widened(), writing():
        CustomerAccount.objects.update(pays_only="EUR")
        rule(ground, currency="USD", journal="LOCAL", bank_account="OPERATING")
    ground.world.erp_fault(READ, "status", status=503)
    _synced(ground, minutes_ago=1)

    with pytest.raises(InvoiceNotPayable, match="in a currency in which"):
        order(basket)


def test_a_buyer_pays_a_basket(ground: Ground, buyer: User) -> None:
    invoice = ground.bill("100.00")
    basket = begin(ground, buyer, invoice)
    basket = set_amounts(basket.pk, {invoice.pk: usd(2500, "price")}, version=1)
    basket = set_method(basket.pk, "card", version=basket.version)

    payment = pay(basket)

    assert (payment.status, payment.amount) == ("in_flight", Money(2500, "USD"))
    with reading():
        assert payment.allocations.get().reason == "price"
        assert payment_of(basket.pk) == payment


@pytest.mark.failure("F01")
def test_two_clicks_on_the_last_button_are_one_payment(ground: Ground, buyer: User) -> None:
    basket = ready(ground, buyer, ground.bill("100.00"))

    got = all_at_once(*[partial(pay, basket)] * 6)

    assert len({getattr(each, "pk", each) for each in got}) == 1


@pytest.mark.failure("F01")
def test_a_click_after_the_payment_returns_it(ground: Ground, buyer: User) -> None:
    basket = ready(ground, buyer, ground.bill("100.00"))

    assert pay(basket).pk == pay(basket).pk


def test_a_basket_that_was_paid_cannot_be_changed(ground: Ground, buyer: User) -> None:
    invoice = ground.bill("100.00")
    basket = ready(ground, buyer, invoice)
    pay(basket)

    with pytest.raises(BasketGone, match="paid already"):
        set_amounts(basket.pk, {invoice.pk: usd(100)}, version=basket.version)


@pytest.mark.failure("F07")
def test_what_the_erp_says_at_the_last_step_counts(ground: Ground, buyer: User) -> None:
    invoice = ground.bill("100.00")
    basket = ready(ground, buyer, invoice)
    ground.world.clerk("post-payment", invoice=invoice.number, amount="40.00")

    with pytest.raises(AmountNotOwed, match=r"60\.00 USD of it can be paid now, not 100\.00 USD"):
        order(basket)

    assert in_flight(invoice) == 0


@pytest.mark.failure("F08")
@pytest.mark.parametrize("deed", ["cancel-invoice", "post-payment"])
def test_an_invoice_that_was_cancelled_or_paid_meanwhile_is_refused(
    ground: Ground, buyer: User, deed: str
) -> None:
    invoice = ground.bill("100.00")
    basket = ready(ground, buyer, invoice)
    ground.world.clerk(deed, invoice=invoice.number)

    with pytest.raises(RuleBroken, match=invoice.number):
        order(basket)


@pytest.mark.failure("F08")
def test_an_invoice_that_the_erp_has_no_more_is_refused(ground: Ground, buyer: User) -> None:
    with widened():
        gone = invented(ground.legal_entity_id, ground.account().erp_id)

    with pytest.raises(RuleBroken, match=gone.number):
        order(ready(ground, buyer, gone))


@pytest.mark.failure("F48")
@pytest.mark.parametrize(
    ("kind", "facts"),
    [("status", {"status": 503}), ("status", {"status": 429}), ("malformed_json", {}),
     ("drop_before", {"times": 3})],
)  # fmt: skip
def test_an_erp_that_does_not_answer_is_paid_by_what_was_read_lately(
    ground: Ground, buyer: User, kind: str, facts: dict[str, object]
) -> None:
    basket = ready(ground, buyer, ground.bill("100.00"))
    _synced(ground, minutes_ago=30)
    ground.world.erp_fault(READ, kind, **facts)

    assert pay(basket).status == "in_flight"


@pytest.mark.failure("F48")
@pytest.mark.parametrize("minutes_ago", [None, 241])
def test_what_is_too_old_is_not_paid_by(
    ground: Ground, buyer: User, minutes_ago: int | None
) -> None:
    invoice = ground.bill("100.00")
    basket = ready(ground, buyer, invoice)
    _synced(ground, minutes_ago=minutes_ago)
    ground.world.erp_fault(READ, "status", status=503)

    with pytest.raises(TooOldToPay, match="Nothing was charged"):
        pay(basket)

    assert in_flight(invoice) == 0
    assert contents(basket).total.minor == 10000


def _synced(ground: Ground, *, minutes_ago: int | None) -> None:
    """Let the last good pull have been so long ago, or never."""
    with widened(), writing():
        SyncCursor.objects.update_or_create(
            legal_entity_id=ground.legal_entity_id, stream=SyncCursor.Stream.INVOICES,
            defaults={
                "succeeded_at": None if minutes_ago is None
                else clock.now() - timedelta(minutes=minutes_ago)
            },
        )  # fmt: skip
