"""Several accounts, two currencies, credits, discounts and fees, as the buyer's pages show them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from quittance.core import clock
from quittance.payments.models import Payment
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.rows import reading, writing
from tests.ground import CARD, EVENTS, HARBORLINE
from tests.payments.checkouts import credit_of, discounted, fee
from tests.payments.rows import attempt_of
from tests.portal.doors import Door, begin_checkout, confirm, fields_of


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def two_accounts(door: Door) -> Client:
    """A buyer who may act for Harborline and its events company; Harborline is looked at."""
    client = door.signed_in(HARBORLINE, EVENTS)
    look_at(door, client, HARBORLINE)
    return client


def look_at(door: Door, client: Client, number: str) -> None:
    client.post("/account", {"account": str(door.ground.account(number).pk)})


def tick(client: Client, invoice: Invoice, **more: str) -> Any:
    id_ = str(invoice.pk)
    return client.post("/invoices/pick", {"shown": [id_], "invoice": [id_], **more})


def sums_of(answer: Any) -> dict[str, str]:
    """The lines of the summary that can be seen."""
    page = answer.content.decode()
    summary = page.partition('<dl class="sum">')[2].partition("</dl>")[0]
    rows = re.findall(r"<div([^>]*)><dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", summary)
    return {
        re.sub(r"<small>.*", "", name): amount
        for attributes, name, amount in rows
        if "hidden" not in attributes
    }


def rows_of(answer: Any) -> list[str]:
    """The rows of the payment's table, in words."""
    table = answer.content.decode().partition("<tbody>")[2].partition("</table>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in table.split("</tr>")[:-1]]


def paid(door: Door, client: Client, basket: str, **amounts: str) -> tuple[Payment, Any]:
    """The whole road; return the payment and its page."""
    confirm(client, basket, **amounts)
    with reading():
        payment = Payment.objects.get(idempotency_key=basket.split("/")[2])
    if payment.gateway_account_id:
        world, object_ = door.ground.world, attempt_of(payment).gateway_object
        pay = f"{world.gateway.control_url}/payments/{object_}/pay"
        world.client.post(pay, json={"number": CARD}).raise_for_status()
    door.ground.advance(payment)
    return payment, client.get(f"/payments/{payment.pk}")


def test_ticks_of_two_accounts_are_one_selection(door: Door) -> None:
    first, second = door.ground.bill("100.00"), door.ground.bill("50.00", customer=EVENTS)
    client = two_accounts(door)

    tick(client, first)
    look_at(door, client, EVENTS)
    tick(client, second)
    bar = words(client.get("/invoices"))

    assert "2 invoices selected in 2 accounts" in bar
    assert "Pay $150.00" in bar


def test_a_tick_of_an_older_page_goes_to_its_own_account(door: Door) -> None:
    first = door.ground.bill("100.00")
    client = two_accounts(door)
    look_at(door, client, EVENTS)

    tick(client, first)
    look_at(door, client, HARBORLINE)

    assert (
        f'value="{first.pk}" aria-label="Select {first.number}" checked'
        in client.get("/invoices").content.decode()
    )


def test_what_is_ticked_can_be_cleared_in_all_accounts(door: Door) -> None:
    first, second = door.ground.bill("100.00"), door.ground.bill("50.00", customer=EVENTS)
    client = two_accounts(door)
    tick(client, first)
    tick(client, second)

    client.post("/invoices/pick", {"clear": "1"})

    assert "selected in" not in words(client.get("/invoices"))


def test_a_checkout_of_two_accounts_is_shown_by_account_and_is_one_payment(door: Door) -> None:
    first, second = door.ground.bill("100.00"), door.ground.bill("50.00", customer=EVENTS)
    client = two_accounts(door)
    basket = begin_checkout(client, first, second)

    step = words(client.get(f"{basket}/amounts"))
    payment, page = paid(door, client, basket)

    harborline, events = (door.ground.account(number) for number in (HARBORLINE, EVENTS))
    assert 0 < step.index(harborline.name) < step.index(first.number) < step.index(events.name)
    assert step.index(events.name) < step.index(second.number)
    assert payment.amount_minor == 15_000
    assert [first.number in row or second.number in row for row in rows_of(page)[:2]] == [True] * 2
    look_at(door, client, EVENTS)
    assert payment.number in words(client.get("/payments"))


def test_who_sees_one_account_of_a_payment_sees_the_others_as_one_sum(door: Door) -> None:
    first, second = door.ground.bill("100.00"), door.ground.bill("50.00", customer=EVENTS)
    client = two_accounts(door)
    payment, _ = paid(door, client, begin_checkout(client, first, second))
    colleague = door.signed_in(HARBORLINE, email="bo@example.test")

    page = colleague.get(f"/payments/{payment.pk}")

    assert second.number not in words(page)
    assert "Invoices of other accounts $50.00" in rows_of(page)
    assert "Total $150.00" in rows_of(page)


@pytest.mark.failure("F03")
def test_an_invoice_says_by_name_who_is_paying_it(door: Door) -> None:
    invoice = door.ground.bill("100.00")
    payer = door.signed_in(HARBORLINE, email="luca@example.test", name="Luca Moretti")
    confirm(payer, begin_checkout(payer, invoice))
    with reading():
        number = Payment.objects.get().number

    page = words(door.buyer().get(f"/invoices/{invoice.pk}"))

    assert f"$100.00 is being paid By Luca Moretti, {number}" in page


@pytest.mark.failure("F03")
def test_who_presses_pay_second_is_told_who_was_first(door: Door) -> None:
    invoice = door.ground.bill("100.00")
    payer = door.signed_in(HARBORLINE, email="luca@example.test", name="Luca Moretti")
    second = door.buyer()
    basket = begin_checkout(second, invoice)
    fields = fields_of(second.get(f"{basket}/method").content)
    second.post(f"{basket}/method", {"version": fields["version"], "method": "card"})
    fields = fields_of(second.get(f"{basket}/review").content)
    confirm(payer, begin_checkout(payer, invoice))

    answer = second.post(f"{basket}/pay", fields)

    assert answer.status_code == 409
    assert f"Luca Moretti is paying invoice {invoice.number}, payment P-" in words(answer)
    with reading():
        assert Payment.objects.count() == 1


@pytest.mark.failure("F03")
def test_of_a_payment_that_began_elsewhere_only_the_amount_is_told(door: Door) -> None:
    """It began at the events company; who may act for Harborline only sees no name of there."""
    first, second = door.ground.bill("100.00"), door.ground.bill("50.00", customer=EVENTS)
    payer = door.signed_in(HARBORLINE, EVENTS, email="luca@example.test", name="Luca Moretti")
    look_at(door, payer, EVENTS)
    confirm(payer, begin_checkout(payer, second, first))
    client = door.buyer()

    page = words(client.get(f"/invoices/{first.pk}"))

    assert "$100.00 is being paid Another payment is under way." in page
    assert "Luca" not in page
    assert client.post("/invoices/pick", {"only": str(first.pk), "pay": ""}).status_code == 409


@pytest.mark.failure("F09")
def test_two_currencies_are_said_before_and_paid_one_after_the_other(door: Door) -> None:
    dollars, euros = door.ground.bill("100.00"), door.ground.bill("50.00")
    with writing():
        Invoice.objects.filter(pk=euros.pk).update(currency="EUR")
        CustomerAccount.objects.update(pays_only="")
    client = door.buyer()
    basket = begin_checkout(client, dollars, euros)  # euros come first by their code
    step = words(client.get(f"{basket}/amounts"))

    assert "Each currency is a payment of its own" in step
    assert "The next one, $100.00 for 1 invoice, waits until this one is paid." in step


def test_after_the_first_payment_its_page_offers_to_go_on(door: Door) -> None:
    from quittance.payments.models import Basket

    first, second = door.ground.bill("100.00"), door.ground.bill("50.00")
    client = door.buyer()
    basket = begin_checkout(client, first)
    client.post("/invoices/pick", {"clear": "1"})
    waiting = begin_checkout(client, second)
    with writing():
        Basket.objects.filter(pk=waiting.split("/")[2]).update(follows=basket.split("/")[2])

    before = words(client.get(f"{basket}/review")) + words(client.get(f"{basket}/amounts"))
    _payment, page = paid(door, client, basket)
    there = client.get(f"{waiting}/amounts")
    _second, last = paid(door, client, waiting)

    assert "The next one, $50.00 for 1 invoice" in before
    assert "Go on with $50.00" in words(page)
    assert f'href="{waiting}/amounts"' in page.content.decode()
    assert "The next payment" in words(there)
    assert "Go on with" not in words(last)


def test_a_discount_is_shown_at_every_step_and_on_the_receipt(door: Door) -> None:
    invoice = discounted(door.ground, "1000.00")
    client = door.buyer()
    basket = begin_checkout(client, invoice)

    step = client.get(f"{basket}/amounts")
    _payment, page = paid(door, client, basket)

    assert "$20.00 early-payment discount if you pay all of it by" in words(step)
    assert sums_of(step) == {
        "1 invoice": "$1,000.00", "Early-payment discount": "\u2212$20.00", "To pay": "$980.00",
    }  # fmt: skip
    assert rows_of(page) == [
        f"{invoice.number} $0.00 $1,000.00",
        f"Early-payment discount {invoice.number} \u2212$20.00",
        "Total $980.00",
    ]


def test_what_a_late_debit_costs_is_said_before_it_is_chosen(door: Door) -> None:
    invoice = discounted(door.ground, "1000.00", days_ago=9)
    client = door.buyer()
    basket = begin_checkout(client, invoice)

    method = client.get(f"{basket}/method")
    fields = fields_of(method.content)
    client.post(f"{basket}/method", {"version": fields["version"], "method": "bank_debit"})
    review = words(client.get(f"{basket}/review"))

    late = "The money may come too late for the early-payment discount of $20.00."
    assert words(method).count(late) == 1
    assert "$20.00 stays open unless the discount is granted" in review
    assert "Pay $980.00" in review


def test_credits_are_the_buyers_choice_and_stand_on_the_receipt(door: Door) -> None:
    credit, invoice = credit_of(door.ground, "40.00"), door.ground.bill("100.00")
    client = door.buyer()
    basket = begin_checkout(client, invoice)
    step = client.get(f"{basket}/amounts")
    fields = fields_of(step.content)

    client.post(f"{basket}/amounts", {**fields, "credit": str(credit.pk)})
    chosen = client.get(f"{basket}/amounts")
    payment, page = paid(door, client, basket)

    assert sums_of(step) == {"1 invoice": "$100.00", "To pay": "$100.00"}
    assert sums_of(chosen) == {
        "1 invoice": "$100.00", "Credits": "\u2212$40.00", "To pay": "$60.00",
    }  # fmt: skip
    assert payment.amount_minor == 6_000
    assert rows_of(page) == [
        f"{invoice.number} $0.00 $100.00", f"Credit {credit.number} \u2212$40.00", "Total $60.00",
    ]  # fmt: skip
    assert "Credits are being applied" in words(page)


@pytest.mark.parametrize("typed", ["40.01", "0", "-1", "x", ""])
def test_a_wrong_amount_of_a_credit_comes_back_as_it_was_typed(typed: str, door: Door) -> None:
    credit, invoice = credit_of(door.ground, "40.00"), door.ground.bill("100.00")
    client = door.buyer()
    basket = begin_checkout(client, invoice)
    fields = fields_of(client.get(f"{basket}/amounts").content)
    sent = {"credit": str(credit.pk), f"credit-{credit.pk}": typed}

    answer = client.post(f"{basket}/amounts", {**fields, **sent})

    assert answer.status_code == 422
    assert credit.number in words(answer)
    assert f'name="credit-{credit.pk}"' in answer.content.decode()
    assert f'value="{typed}"' in answer.content.decode()


def test_credits_that_cover_all_lead_past_the_method_and_no_gateway(door: Door) -> None:
    credit, invoice = credit_of(door.ground, "100.00"), door.ground.bill("100.00")
    client = door.buyer()
    basket = begin_checkout(client, invoice)
    fields = fields_of(client.get(f"{basket}/amounts").content)

    onward = client.post(f"{basket}/amounts", {**fields, "credit": str(credit.pk)})
    review = client.get(onward["Location"])
    answer = client.post(f"{basket}/pay", fields_of(review.content))
    page = client.get(answer["Location"])

    assert onward["Location"] == f"{basket}/review"
    assert client.get(f"{basket}/method").status_code == 303
    assert "Use the credits" in words(review)
    assert "Nothing is charged." in words(review)
    assert "Settled with your credits $100 .00" in words(page)
    assert "Method Your credits" in words(page)
    assert "is being paid" in words(client.get(f"/invoices/{invoice.pk}"))


def test_a_fee_is_quoted_by_the_method_and_has_its_own_line(door: Door) -> None:
    fee(door.ground)
    invoice = door.ground.bill("100.00")
    client = door.buyer()
    basket = begin_checkout(client, invoice)

    first = client.get(f"{basket}/amounts")
    method = words(client.get(f"{basket}/method"))
    _payment, page = paid(door, client, basket)

    assert "Fee" not in words(first)
    assert sums_of(first) == {"1 invoice": "$100.00", "To pay": "$100.00"}
    assert "+ $2.50 fee" in method
    assert method.count("No fee") >= 1  # a bank debit has none
    assert rows_of(page) == [
        f"{invoice.number} $0.00 $100.00", "Fee Credit or debit card $2.50", "Total $102.50",
    ]  # fmt: skip


@pytest.mark.failure("F07")
def test_a_page_that_no_longer_holds_is_shown_again_before_anything_is_charged(door: Door) -> None:
    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("100.00"))
    fields = fields_of(client.get(f"{basket}/method").content)
    client.post(f"{basket}/method", {"version": fields["version"], "method": "card"})
    shown = fields_of(client.get(f"{basket}/review").content)
    fee(door.ground)

    refused = client.post(f"{basket}/pay", shown)
    with reading():
        none = Payment.objects.count()
    again = client.post(f"{basket}/pay", fields_of(refused.content))

    assert (refused.status_code, none) == (409, 0)
    assert "You would pay $102.50 now" in words(refused)
    assert "Pay $102.50" in words(refused)
    assert again.status_code == 303


def test_the_steps_ask_the_database_few_questions(door: Door) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    credit_of(door.ground, "40.00")
    fee(door.ground, valid_from=clock.today("UTC") - timedelta(days=3))
    client = two_accounts(door)
    invoices = [door.ground.bill("10.00") for _ in range(5)]
    invoices += [door.ground.bill("10.00", customer=EVENTS) for _ in range(5)]
    basket = begin_checkout(client, *invoices)
    fields = fields_of(client.get(f"{basket}/method").content)
    client.post(f"{basket}/method", {"version": fields["version"], "method": "card"})

    for step, most in (("amounts", 8), ("method", 10), ("review", 8)):
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{basket}/{step}")
        selects = [each["sql"] for each in asked if each["sql"].startswith("SELECT")]
        questions = [each for each in selects if "set_config" not in each]
        assert 4 < len(questions) <= most, (step, len(questions), questions)
