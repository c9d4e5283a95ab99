"""Money of which nobody has decided yet what it is stands in an account of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import Refused
from quittance.core.money import Money
from quittance.gateways.base import PaymentState
from quittance.ledger import accounts
from quittance.ledger.record import balances
from quittance.payments.asked import request_of
from quittance.payments.checkout import ask_gateway
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.surplus import refund_quarantined
from quittance.project.money import ledger
from quittance.reconciliation.apart import keep_all_apart
from quittance.reconciliation.books import read_books
from quittance.reconciliation.checking import NOW, check
from quittance.reconciliation.exceptions import handle, put_back
from quittance.reconciliation.findings import look_and_keep
from quittance.reconciliation.models import Finding
from quittance.reconciliation.standing import standing
from quittance.reconciliation.unknown import adopt_unknown, refund_unknown
from quittance.tenancy.rows import because, reading, writing
from tests.ground import Ground
from tests.ledger.earlier import recorded_earlier
from tests.payments.backwards import money
from tests.payments.rows import attempt_of, written_down
from tests.payments.test_puzzles import said
from tests.reconciliation.rows import clearing, desk, gateway_balance
from tests.reconciliation.test_unknown import charged_elsewhere, found

S = PaymentState
KINDS = ("l1_clearing_is_what_moved", "l2_every_movement_is_recorded",
         "l3_what_waits_is_kept_apart")  # fmt: skip


def apart(ground: Ground) -> dict[str, int]:
    """What the ledger keeps apart, in minor units of each currency; zeros left out."""
    with reading():
        held = balances(accounts.quarantine(ground.gateway_account_id))
    return {currency: -each.minor for currency, each in held.items() if each.minor}


def broken() -> list[str]:
    return [row.sentence for row in check(older_than=NOW) if row.key in KINDS]


def waiting_payment(ground: Ground) -> Payment:
    return ground.pay((ground.bill("100.00"), "100.00"))


def misfit(ground: Ground) -> Payment:
    """100.00 came at the gateway, and we had asked for a cent less."""
    payment = waiting_payment(ground)
    ground.on_page(payment)
    with writing():
        GatewayAttempt.objects.filter(payment=payment).update(amount_minor=9999)
    return ground.advance(payment)


@pytest.mark.failure("F20")
def test_what_does_not_fit_is_kept_apart_and_the_clearing_agrees_with_the_gateway(
    ground: Ground,
) -> None:
    before = gateway_balance(ground).get("USD", Money(0, "USD"))

    misfit(ground)

    assert apart(ground) == {"USD": 10000}
    assert clearing(ground)["USD"] == Money(10000, "USD")
    read_books(ground.gateway_account_id)  # the fee is known then
    assert gateway_balance(ground)["USD"] - before == clearing(ground)["USD"]
    assert broken() == []


@pytest.mark.failure("F20")
def test_it_goes_out_when_the_next_answer_fits(ground: Ground) -> None:
    payment = waiting_payment(ground)
    said(payment, S.SUCCEEDED, amount=Money(9999, "USD"))
    assert (apart(ground), broken()) == ({"USD": 9999}, [])
    said(payment, S.SUCCEEDED, amount=Money(9998, "USD"))
    assert (apart(ground), broken()) == ({"USD": 9998}, [])

    said(payment, S.SUCCEEDED)

    assert (apart(ground), broken()) == ({}, [])
    assert money(ground)["gateway"] == 10000


@pytest.mark.failure("F20")
def test_another_currency_has_its_own_lines_and_nothing_is_converted(ground: Ground) -> None:
    payment = waiting_payment(ground)
    said(payment, S.SUCCEEDED, amount=Money(9000, "EUR"))
    first = apart(ground), broken()

    said(payment, S.SUCCEEDED, amount=Money(1500, "JPY"))

    assert first == ({"EUR": 9000}, [])
    assert (apart(ground), broken()) == ({"JPY": 1500}, [])
    with reading():
        stands = standing()
    lines = {each.owed.currency: (each.owed, each.kept_apart) for each in stands.gateways}
    assert lines["JPY"] == (Money(1500, "JPY"), Money(1500, "JPY"))
    assert lines["EUR"] == (Money(0, "EUR"), Money(0, "EUR"))
    assert {each.minor for each in stands.sums} == {0}


@pytest.mark.failure("F20")
def test_money_that_truly_came_in_another_currency_goes_back_in_it_to_the_cent(
    ground: Ground,
) -> None:
    payment = written_down(ground, ground.bill("100.00"))
    with reading():
        attempt = payment.attempts.select_related("payment").get()
    other = replace(request_of(attempt), amount=Money(9000, "EUR"))
    object_ = gateway_for(ground.gateway_account_id).create_payment(other).gateway_object
    with pytest.raises(Refused):  # our key has another content at the gateway
        ask_gateway(payment)
    desk(ground, f"/payments/{object_}/pay", number="4242424242424242")
    ground.advance(payment)
    read_books(ground.gateway_account_id)
    seen = apart(ground), clearing(ground)["EUR"], gateway_balance(ground)["EUR"], broken()

    made = refund_quarantined(attempt.pk, key="form", note="asked for dollars")
    read_books(ground.gateway_account_id)

    assert seen[0] == {"EUR": 9000}
    assert seen[1] == seen[2]
    assert (made.status, made.amount) == ("succeeded", Money(9000, "EUR"))
    assert (apart(ground), broken()) == ({}, [])
    assert clearing(ground)["EUR"] == gateway_balance(ground)["EUR"]  # its fee is gone
    assert "USD" not in clearing(ground)
    with reading():
        (line,) = standing().gateways
    assert (line.owed.currency, line.surplus_returned) == ("EUR", Money(9000, "EUR"))


@pytest.mark.failure("F20")
def test_it_becomes_a_surplus_when_it_is_sent_back_and_then_nothing(ground: Ground) -> None:
    payment = misfit(ground)

    refund_quarantined(attempt_of(payment).pk, key="form")

    assert (apart(ground), money(ground), broken()) == ({}, {}, [])


@pytest.mark.failure("F18", "F20")
def test_a_second_payment_is_kept_apart_beside_the_first_that_is_in(ground: Ground) -> None:
    payment = waiting_payment(ground)
    said(payment, S.SUCCEEDED)

    said(payment, S.SUCCEEDED, gateway_object="pay_second", amount=Money(7000, "USD"))

    attempt = attempt_of(payment)
    assert apart(ground) == {"USD": 7000}
    assert clearing(ground)["USD"] == Money(17000, "USD")
    assert (attempt.came, attempt.misfit) == (Money(10000, "USD"), Money(7000, "USD"))
    assert broken() == []


def test_a_strangers_money_is_not_ours_to_keep(ground: Ground) -> None:
    payment = waiting_payment(ground)

    said(payment, S.SUCCEEDED, reference="webshop:1")

    assert (apart(ground), broken()) == ({}, [])


@pytest.mark.failure("F53")
def test_unknown_money_is_kept_apart_until_it_has_gone_back(ground: Ground) -> None:
    charge = charged_elsewhere(ground)
    row = found(ground)
    seen = apart(ground), broken()
    desk(ground, f"/payments/{charge['id']}/refund", amount_minor=1200)
    read_books(ground.gateway_account_id)
    look_and_keep(older_than=NOW)
    partly = apart(ground), broken()

    refund_unknown(row.subject_id)
    read_books(ground.gateway_account_id)
    look_and_keep(older_than=NOW)

    assert seen == ({"USD": 4200}, [])
    assert partly == ({"USD": 3000}, [])
    assert (apart(ground), broken()) == ({}, [])
    assert clearing(ground)["USD"] == gateway_balance(ground)["USD"]


@pytest.mark.failure("F53")
def test_unknown_money_that_is_booked_for_a_customer_is_kept_apart_no_more(ground: Ground) -> None:
    charged_elsewhere(ground)
    row = found(ground)

    adopt_unknown(row.subject_id, customer_account_id=ground.account().pk)

    assert (apart(ground), broken()) == ({}, [])
    assert money(ground)["gateway"] == 4200 - fee(ground)


def test_what_a_person_says_is_all_right_is_none_of_ours_until_it_is_put_back(
    ground: Ground,
) -> None:
    charged_elsewhere(ground)
    row = found(ground)

    handle(row.key, note="It is our web shop's.")
    handled = apart(ground), broken()
    put_back(row.subject_id, note="It is not.")

    assert handled == ({}, [])
    assert (apart(ground), broken()) == ({"USD": 4200}, [])


@pytest.mark.failure("F51")
def test_what_the_release_before_did_not_book_is_booked_once(ground: Ground) -> None:
    payment = waiting_payment(ground)
    with writing():
        GatewayAttempt.objects.filter(payment=payment).update(
            problem="as it was", came_object="pay_other", came_minor=500, came_currency="USD"
        )
    before = apart(ground), len(broken())

    news = keep_all_apart(), keep_all_apart()

    assert before == ({}, 2)
    assert news == (1, 0)
    assert (apart(ground), broken()) == ({"USD": 500}, [])


@pytest.mark.failure("F51")
def test_what_the_release_before_has_closed_goes_out_with_the_next_look(ground: Ground) -> None:
    charged_elsewhere(ground)
    row = found(ground)
    with writing():
        because("somebody closed it and knew nothing of the account")
        Finding.objects.filter(pk=row.subject_id).update(status="healed", closed_at=clock.now())
    before = apart(ground)

    news = keep_all_apart(), keep_all_apart()

    assert (before, news) == ({"USD": 4200}, (1, 0))
    assert (apart(ground), broken()) == ({}, [])


def test_the_command_and_the_books_say_what_is_kept_apart_now_and_then(ground: Ground) -> None:
    misfit(ground)
    recorded_earlier(ground.organization_id, days=2)
    yesterday = clock.now() - timedelta(days=1)
    with reading():
        payment = Payment.objects.get()
    refund_quarantined(attempt_of(payment).pk, key="form")

    ours = [ground.organization_id]
    now, then = (
        [" ".join(line.split()) for line in ledger(before=at, organizations=ours)]
        for at in (None, yesterday)
    )

    assert "kept apart, undecided 0.00 USD" in now
    assert "kept apart, undecided 100.00 USD" in then


def fee(ground: Ground) -> int:
    """What the gateway kept, by our ledger."""
    with reading():
        kept = balances(accounts.gateway_fees(ground.gateway_account_id))
    return kept["USD"].minor if kept else 0
