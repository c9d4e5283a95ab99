"""One basket, sealed, seen by another person, and paid once as it was sealed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError

from quittance.approvals.deciders import NotYours
from quittance.approvals.models import ApprovalRequest
from quittance.approvals.requests import ApprovalOver, NobodyApproves, NoReason
from quittance.approvals.rules import appoint
from quittance.approvals.transitions import DecidedAlready
from quittance.core import clock
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.notifications.models import Message
from quittance.payments.approval_requests import (
    BasketMoved,
    ChangedSince,
    NoNeed,
    approve_request,
    refuse_request,
    send_for_approval,
    withdraw_request,
)
from quittance.payments.approving import NeedsApproval
from quittance.payments.baskets import set_amounts, set_method
from quittance.payments.checkout import start_payment
from quittance.payments.models import Basket
from quittance.payments.orders import AmountNotOwed
from quittance.payments.sealing import as_plain
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.transfers.accounts import METHOD
from quittance.transfers.announce import announce, plan_of
from tests.approvals.signers import again, asked, events, person, ruled
from tests.ground import Ground
from tests.payments.checkouts import begin, contents, order, pay, ready, usd
from tests.payments.rows import payments_of
from tests.portal.roles import set_role
from tests.transfers.bank import bank_account


def wanting(ground: Ground, maker: User, amount: str = "250.00") -> Basket:
    """A basket that another person must see, its method chosen."""
    ruled(ground, above=10_000)
    return ready(ground, maker, ground.bill(amount))


def test_what_another_person_approved_is_paid_once(
    ground: Ground, maker: User, checker: User
) -> None:
    basket = wanting(ground, maker)
    request = asked(basket, maker, note="Q3 freight")
    with pytest.raises(NeedsApproval):
        pay(basket)
    approve_request(request.pk, by=checker.pk)

    payment = pay(basket)

    found = again(request)
    assert (found.status, found.used_for, found.decided_by_id) == ("used", payment.pk, checker.pk)
    assert pay(basket).pk == payment.pk
    assert events("approval asked", "approval given", "approval used") == [
        "approval asked", "approval given", "approval used",
    ]  # fmt: skip


def test_nobody_approves_their_own_payment(ground: Ground, maker: User, checker: User) -> None:
    basket = wanting(ground, maker)
    set_role(maker.pk, "approve")
    request = asked(basket, maker)

    with pytest.raises(NotYours):
        approve_request(request.pk, by=maker.pk)
    with widened(), pytest.raises(IntegrityError), writing():
        ApprovalRequest.objects.filter(pk=request.pk).update(
            status="approved", decided_by_id=maker.pk
        )
    assert again(request).status == "asked"


def test_who_may_not_approve_decides_nothing(ground: Ground, maker: User, checker: User) -> None:
    request = asked(wanting(ground, maker), maker)
    payer = person(ground, "pay")

    for deed in (
        lambda: approve_request(request.pk, by=payer.pk),
        lambda: refuse_request(request.pk, by=payer.pk, reason="no"),
    ):
        with pytest.raises(NotYours):
            deed()
    with pytest.raises(DecidedAlready):
        withdraw_request(request.pk, by=payer.pk)
    assert again(request).status == "asked"


def test_only_whom_the_rule_names_approves(ground: Ground, maker: User, checker: User) -> None:
    other = person(ground, "approve")
    ruled(ground, only=(checker.pk,))
    request = asked(ready(ground, maker, ground.bill()), maker)

    with pytest.raises(NotYours):
        approve_request(request.pk, by=other.pk)
    approve_request(request.pk, by=checker.pk)


def test_a_deputy_approves_on_their_days(ground: Ground, maker: User, checker: User) -> None:
    deputy, head = person(ground, "view"), person(ground, "administer")
    ruled(ground, by=head.pk)
    basket = ready(ground, maker, ground.bill())
    request, today = asked(basket, maker), clock.today("America/Los_Angeles")
    with pytest.raises(NotYours):
        approve_request(request.pk, by=deputy.pk)
    appoint(ground.account().pk, checker.pk, deputy.pk, (today, today), by=head.pk)

    approve_request(request.pk, by=deputy.pk)

    assert again(request).decided_for_id == checker.pk
    assert pay(basket).status == "in_flight"


def test_who_stands_in_for_the_maker_does_not_approve_for_them(
    ground: Ground, maker: User, checker: User
) -> None:
    deputy, head = person(ground, "view"), person(ground, "administer")
    set_role(maker.pk, "approve")
    ruled(ground, by=head.pk)
    today = clock.today("America/Los_Angeles")
    appoint(ground.account().pk, maker.pk, deputy.pk, (today, today), by=head.pk)
    request = asked(ready(ground, maker, ground.bill()), maker)

    with pytest.raises(NotYours):
        approve_request(request.pk, by=deputy.pk)


def test_a_deputy_with_a_limit_approves_no_more_than_that(
    ground: Ground, maker: User, checker: User
) -> None:
    deputy, head = person(ground, "pay_within", limit=10_000), person(ground, "administer")
    ruled(ground, by=head.pk)
    today = clock.today("America/Los_Angeles")
    appoint(ground.account().pk, checker.pk, deputy.pk, (today, today), by=head.pk)
    request = asked(ready(ground, maker, ground.bill("250.00")), maker)

    with pytest.raises(NotYours):
        approve_request(request.pk, by=deputy.pk)


@pytest.mark.parametrize("approved", [False, True])
def test_any_change_of_the_basket_asks_anew(
    ground: Ground, maker: User, checker: User, approved: bool
) -> None:
    basket = wanting(ground, maker)
    request = asked(basket, maker)
    if approved:
        approve_request(request.pk, by=checker.pk)
    (item,) = contents(basket).items
    basket = set_amounts(basket.pk, {item.invoice.pk: usd(20_000)}, version=basket.version)

    assert again(request).status == "outdated"
    with pytest.raises(NeedsApproval):
        pay(basket)
    with pytest.raises(DecidedAlready):
        approve_request(request.pk, by=checker.pk)
    fresh = asked(basket, maker)
    approve_request(fresh.pk, by=checker.pk)
    assert pay(basket).amount_minor == 20_000


def test_another_way_to_pay_is_another_basket(ground: Ground, maker: User, checker: User) -> None:
    basket = wanting(ground, maker)
    request = asked(basket, maker)
    approve_request(request.pk, by=checker.pk)
    set_method(basket.pk, "bank_debit", version=basket.version)

    assert again(request).status == "outdated"


def test_looking_at_a_step_again_changes_nothing(
    ground: Ground, maker: User, checker: User
) -> None:
    basket = wanting(ground, maker)
    request = asked(basket, maker)
    approve_request(request.pk, by=checker.pk)
    basket = set_method(basket.pk, "card", version=basket.version)

    assert again(request).status == "approved"
    assert pay(basket).status == "in_flight"


def test_the_database_keeps_what_was_sealed(ground: Ground, maker: User, checker: User) -> None:
    request = asked(wanting(ground, maker), maker)

    for change in ({"fingerprint": "x"}, {"amount_minor": 1}, {"sealed": {}}):
        with pytest.raises(IntegrityError, match="sealed for approval stays"), writing():
            ApprovalRequest.objects.filter(pk=request.pk).update(**change)


def test_asking_twice_is_asking_once(ground: Ground, maker: User, checker: User) -> None:
    basket = wanting(ground, maker)

    assert asked(basket, maker).pk == asked(basket, maker).pk
    with widened(), reading():
        assert Message.objects.filter(kind="approval_asked", to=checker.email).count() == 1


def test_a_colleague_does_not_pay_by_ones_approval(
    ground: Ground, maker: User, checker: User
) -> None:
    basket = wanting(ground, maker)
    approve_request(asked(basket, maker).pk, by=checker.pk)
    with widened(), writing():
        Basket.objects.filter(pk=basket.pk).update(user_id=checker.pk)
    with reading():
        basket.refresh_from_db()

    with pytest.raises(NeedsApproval):
        start_payment(order(basket), key=str(basket.pk))


def test_an_approver_who_lost_the_role_in_between_counts_no_more(
    ground: Ground, maker: User, checker: User
) -> None:
    basket, other = wanting(ground, maker), person(ground, "approve")
    request = asked(basket, maker)
    approve_request(request.pk, by=checker.pk)
    set_role(checker.pk, "pay")

    with pytest.raises(NeedsApproval):
        pay(basket)
    fresh = asked(basket, maker)
    assert (again(request).status, fresh.status) == ("outdated", "asked")
    approve_request(fresh.pk, by=other.pk)
    assert pay(basket).status == "in_flight"


def test_an_approver_who_was_switched_off_counts_no_more(
    ground: Ground, maker: User, checker: User
) -> None:
    basket = wanting(ground, maker)
    approve_request(asked(basket, maker).pk, by=checker.pk)
    with widened(), writing():
        User.objects.filter(pk=checker.pk).update(is_active=False)

    with pytest.raises(NeedsApproval):
        pay(basket)


def test_a_maker_who_may_pay_no_more_pays_nothing(
    ground: Ground, maker: User, checker: User
) -> None:
    from quittance.receivables.people import MayNot

    basket = wanting(ground, maker)
    approve_request(asked(basket, maker).pk, by=checker.pk)
    set_role(maker.pk, "view")

    with pytest.raises(MayNot):
        pay(basket)


def test_what_another_has_paid_meanwhile_is_neither_approved_nor_paid(
    ground: Ground, maker: User, checker: User
) -> None:
    ruled(ground)
    invoice = ground.bill("250.00")
    basket = ready(ground, maker, invoice)
    request = asked(basket, maker)
    ground.pay((invoice, "250.00"))

    with pytest.raises(ChangedSince):
        approve_request(request.pk, by=checker.pk)
    assert again(request).status == "outdated"


def test_what_another_pays_after_the_yes_is_not_paid_again(
    ground: Ground, maker: User, checker: User
) -> None:
    ruled(ground)
    invoice = ground.bill("250.00")
    basket = ready(ground, maker, invoice)
    approve_request(asked(basket, maker).pk, by=checker.pk)
    ground.pay((invoice, "250.00"))

    with pytest.raises(AmountNotOwed):
        pay(basket)
    assert len(payments_of(invoice)) == 1


def test_a_refusal_says_why_to_who_asked(ground: Ground, maker: User, checker: User) -> None:
    basket = wanting(ground, maker)
    request = asked(basket, maker)
    with pytest.raises(NoReason):
        refuse_request(request.pk, by=checker.pk, reason=" ")
    refuse_request(request.pk, by=checker.pk, reason="Wrong cost center")

    with widened(), reading():
        mail = Message.objects.get(kind="approval_refused")
    assert (mail.to, mail.facts["reason"]) == (maker.email, "Wrong cost center")
    with pytest.raises(NeedsApproval):
        pay(basket)
    assert asked(basket, maker).pk != request.pk


def test_who_asked_takes_it_back_also_after_a_yes(
    ground: Ground, maker: User, checker: User
) -> None:
    basket = wanting(ground, maker)
    request = asked(basket, maker)
    approve_request(request.pk, by=checker.pk)
    withdraw_request(request.pk, by=maker.pk)

    with pytest.raises(NeedsApproval):
        pay(basket)


def test_an_approval_ends_with_its_days(
    ground: Ground, maker: User, checker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    basket = wanting(ground, maker)
    request = asked(basket, maker)
    later = clock.now() + timedelta(days=7, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    with pytest.raises((ApprovalOver, ChangedSince)):
        approve_request(request.pk, by=checker.pk)
    assert again(request).status != "approved"


def test_what_needs_nobody_is_not_sent(ground: Ground, maker: User, checker: User) -> None:
    with pytest.raises(NoNeed):
        asked(wanting(ground, maker, "100.00"), maker)


def test_without_another_approver_it_is_said(ground: Ground, maker: User) -> None:
    head = person(ground, "administer")
    ruled(ground, by=head.pk)
    basket = ready(ground, head, ground.bill())

    with pytest.raises(NobodyApproves):
        asked(basket, head)


def test_a_page_that_is_old_sends_nothing(ground: Ground, maker: User, checker: User) -> None:
    basket = wanting(ground, maker)
    old = contents(basket).seal
    (item,) = contents(basket).items
    basket = set_amounts(basket.pk, {item.invoice.pk: usd(20_000)}, version=basket.version)

    with pytest.raises(BasketMoved):
        send_for_approval(
            basket.pk, maker_id=maker.pk, version=basket.version, seal_seen=old, note="",
            address_of=str,
        )  # fmt: skip


def test_an_approved_transfer_is_announced_once(ground: Ground, maker: User, checker: User) -> None:
    with widened():
        bank_account(ground)
    ruled(ground)
    basket = begin(ground, maker, ground.bill("250.00"))
    request = send_for_approval(
        basket.pk, maker_id=maker.pk, version=basket.version, note="", address_of=str,
        seal_seen=as_plain(contents(basket), METHOD).seal, plain_method=METHOD,
    )  # fmt: skip
    approve_request(request.pk, by=checker.pk)
    with reading():
        plan = plan_of(contents_of(basket))
    assert plan is not None

    made = announce(basket.pk, user_id=maker.pk, version=basket.version, seal=plan.contents.seal)

    assert (again(request).status, again(request).used_for) == ("used", made.pk)
    assert made.amount == Money(25_000, "USD")


def contents_of(basket: Basket):  # type: ignore[no-untyped-def]
    from quittance.payments.contents import find_basket

    return find_basket(basket.pk)


def test_the_approvers_mail_leads_to_a_page_and_its_secret_is_not_kept(
    ground: Ground, maker: User, checker: User
) -> None:
    from quittance.approvals.requests import by_token

    request = asked(wanting(ground, maker), maker, note="Please by Friday")
    with widened(), reading():
        mail = Message.objects.get(kind="approval_asked", to=checker.email)
        token = mail.facts["address"].rpartition("/")[2]
        found = by_token(token)

    assert found is not None
    assert found.pk == request.pk
    assert token not in request.token_hash
    assert mail.facts["note"] == "Please by Friday"
