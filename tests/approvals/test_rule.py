"""Which payments need another person, and that a rule which nobody has set changes nothing."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from quittance.approvals.needing import Why, needs_of
from quittance.approvals.rules import (
    NobodyElse,
    NotADeputy,
    NotAnApprover,
    appoint,
    drop_rule,
    rules_of,
)
from quittance.core import clock
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.payments.approving import NeedsApproval
from quittance.payments.baskets import new_baskets, set_method
from quittance.payments.cancel import cancel_payment
from quittance.payments.checkout import start_payment
from quittance.payments.contents import find_basket
from quittance.payments.models import Payment
from quittance.receivables.people import AboveLimit, MayNot
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import narrowed_to, widened
from quittance.transfers.announce import announce, cancel, plan_of
from quittance.transfers.models import Announcement
from tests.approvals.signers import asked, events, person, ruled
from tests.ground import EVENTS, Ground
from tests.payments.checkouts import begin, contents, credit_of, order, pay, ready, using
from tests.payments.people import may_pay_for
from tests.payments.together import all_at_once
from tests.portal.roles import set_role
from tests.transfers.bank import bank_account


def test_without_a_rule_everybody_pays_as_before(ground: Ground, maker: User) -> None:
    assert pay(ready(ground, maker, ground.bill("900.00"))).status == "in_flight"


def test_up_to_the_rules_amount_nobody_else_is_asked(ground: Ground, maker: User) -> None:
    ruled(ground, above=10_000)

    assert pay(ready(ground, maker, ground.bill("100.00"))).status == "in_flight"
    with pytest.raises(NeedsApproval, match=r"above 100\.00 USD need another person"):
        pay(ready(ground, maker, ground.bill("100.01")))


def test_who_administers_needs_another_person_like_everybody(ground: Ground, maker: User) -> None:
    head = person(ground, "administer")
    person(ground, "approve")
    ruled(ground, by=head.pk)

    with pytest.raises(NeedsApproval):
        pay(ready(ground, head, ground.bill("200.00")))


def test_credits_count_so_that_a_payment_of_nothing_passes_no_rule(
    ground: Ground, maker: User
) -> None:
    invoice, credit = ground.bill("150.00"), credit_of(ground, "150.00")
    ruled(ground, above=10_000)
    basket = using(begin(ground, maker, invoice), (credit, 15_000))
    assert contents(basket).total == Money(0, "USD")

    with pytest.raises(NeedsApproval):
        pay(basket)


def test_the_payments_of_a_month_count_together(ground: Ground, maker: User) -> None:
    ruled(ground, above=None, month=30_000)
    pay(ready(ground, maker, ground.bill("200.00")))

    with pytest.raises(NeedsApproval, match=r"200\.00 USD"):
        pay(ready(ground, maker, ground.bill("100.01")))
    assert pay(ready(ground, maker, ground.bill("100.00"))).status == "in_flight"


def test_what_came_to_nothing_does_not_count_for_the_month(ground: Ground, maker: User) -> None:
    ruled(ground, above=None, month=30_000)
    payment = pay(ready(ground, maker, ground.bill("200.00")))
    with widened():
        cancel_payment(payment.pk)

    assert pay(ready(ground, maker, ground.bill("250.00"))).status == "in_flight"


def test_the_month_is_each_persons_own(ground: Ground, maker: User) -> None:
    other = person(ground, "pay")
    ruled(ground, above=None, month=30_000)
    pay(ready(ground, maker, ground.bill("300.00")))

    assert pay(ready(ground, other, ground.bill("300.00"))).status == "in_flight"


def test_of_two_tabs_at_once_one_passes_the_month(ground: Ground, maker: User) -> None:
    ruled(ground, above=None, month=30_000)
    baskets = [ready(ground, maker, ground.bill("200.00")) for _ in range(4)]

    got = all_at_once(*[partial(start_payment, order(each), key=str(each.pk)) for each in baskets])

    assert sorted(type(each).__name__ for each in got) == ["NeedsApproval"] * 3 + ["Payment"]


def test_an_announced_transfer_passes_no_rule_and_counts_for_the_month(
    ground: Ground, maker: User
) -> None:
    with widened():
        bank_account(ground)
    ruled(ground, above=25_000, month=30_000)
    made = _announce(ground, maker, "200.00")

    with pytest.raises(NeedsApproval):
        _announce(ground, maker, "250.01")
    with pytest.raises(NeedsApproval):
        pay(ready(ground, maker, ground.bill("150.00")))
    cancel(made.pk)
    assert pay(ready(ground, maker, ground.bill("150.00"))).status == "in_flight"


def _announce(ground: Ground, maker: User, amount: str) -> Announcement:
    basket = begin(ground, maker, ground.bill(amount))
    with reading():
        plan = plan_of(find_basket(basket.pk))
    assert plan is not None
    return announce(basket.pk, user_id=maker.pk, version=basket.version, seal=plan.contents.seal)


def test_another_currency_than_the_rules_counts_as_above_it(ground: Ground, maker: User) -> None:
    ruled(ground, above=10_000)
    account_id = ground.account().pk
    with reading():
        (need,) = needs_of(rules_of([account_id]), Money(1, "EUR"), {})

    assert (need.account_id, need.why) == (account_id, Why.CURRENCY)


def test_a_payment_of_two_accounts_keeps_the_rule_of_each(ground: Ground, maker: User) -> None:
    with widened():
        events_id, other = ground.account(EVENTS).pk, ground.bill("80.00", customer=EVENTS)
    may_pay_for(maker, events_id)
    ruled(ground, above=10_000)
    with narrowed_to([ground.account().pk, events_id]):
        mine = ground.bill("60.00")
        (basket,) = new_baskets(
            account_ids=[events_id, mine.customer_account_id], user_id=maker.pk,
            invoice_ids=[mine.pk, other.pk],
        )  # fmt: skip
        basket = set_method(basket.pk, "card", version=basket.version)

        with pytest.raises(NeedsApproval):
            pay(basket)


def test_ones_own_limit_is_lifted_only_where_the_account_has_a_rule(
    ground: Ground, maker: User, checker: User
) -> None:
    set_role(maker.pk, "pay_within", limit=Money(5_000, "USD"))
    basket = ready(ground, maker, ground.bill("60.00"))
    with pytest.raises(AboveLimit):
        pay(basket)
    ruled(ground, above=None)

    with pytest.raises(NeedsApproval, match=r"your limit of 50\.00 USD"):
        pay(basket)
    assert asked(basket, maker).status == "asked"


def test_a_rule_that_nobody_could_follow_is_refused(ground: Ground, maker: User) -> None:
    set_role(maker.pk, "administer")

    with pytest.raises(NobodyElse):
        ruled(ground, by=maker.pk)
    with pytest.raises(NotAnApprover):
        ruled(ground, only=(maker.pk, person(ground, "pay").pk))


def test_only_who_administers_sets_a_rule_or_a_deputy(ground: Ground, maker: User) -> None:
    account_id, today = ground.account().pk, clock.today("UTC")
    with pytest.raises(MayNot):
        ruled(ground, by=maker.pk)
    with pytest.raises(MayNot):
        drop_rule(account_id, by=maker.pk)
    with pytest.raises(MayNot):
        appoint(account_id, maker.pk, maker.pk, (today, today), by=maker.pk)


def test_a_rule_that_was_dropped_asks_nobody_any_more(ground: Ground, maker: User) -> None:
    head = person(ground, "administer")
    ruled(ground, by=head.pk)
    drop_rule(ground.account().pk, by=head.pk)

    assert pay(ready(ground, maker, ground.bill("900.00"))).status == "in_flight"
    assert events("approval rule set", "approval rule dropped") == [
        "approval rule set", "approval rule dropped",
    ]  # fmt: skip


@pytest.mark.parametrize("days", [(2, 1), (-3, -2)])
def test_a_deputy_stands_in_for_days_to_come(
    ground: Ground, maker: User, checker: User, days: tuple[int, int]
) -> None:
    head, today = person(ground, "administer"), clock.today("America/Los_Angeles")
    first, last = (today + timedelta(days=each) for each in days)

    with pytest.raises(NotADeputy):
        appoint(ground.account().pk, checker.pk, maker.pk, (first, last), by=head.pk)


def test_a_guest_acts_for_nobody_and_is_outside_of_the_rule(ground: Ground) -> None:
    ruled(ground, above=0, by=_two_heads(ground))

    assert ground.pay((ground.bill("500.00"), "500.00")).status == Payment.Status.IN_FLIGHT


def _two_heads(ground: Ground) -> UUID:
    person(ground, "approve")
    return person(ground, "administer").pk
