"""Two people at the same moment: one of them has decided, and nothing is paid that nobody saw."""

from __future__ import annotations

from functools import partial

import pytest

from quittance.identity.models import User
from quittance.payments.approval_requests import approve_request, refuse_request, withdraw_request
from quittance.payments.baskets import set_amounts
from quittance.payments.checkout import start_payment
from quittance.tenancy.scope import widened
from tests.approvals.signers import again, asked, events, person, ruled
from tests.ground import Ground
from tests.payments.checkouts import contents, order, pay, ready, usd
from tests.payments.rows import payments_of
from tests.payments.together import all_at_once
from tests.portal.roles import set_role


def names(got: object) -> list[str]:
    return sorted(type(each).__name__ for each in got)  # type: ignore[attr-defined]


def test_of_two_approvers_at_once_one_has_decided(
    ground: Ground, maker: User, checker: User
) -> None:
    ruled(ground)
    other = person(ground, "approve")
    request = asked(ready(ground, maker, ground.bill()), maker)

    got = all_at_once(
        partial(approve_request, request.pk, by=checker.pk),
        partial(approve_request, request.pk, by=other.pk),
        partial(refuse_request, request.pk, by=other.pk, reason="no"),
    )

    assert names(got) == ["ApprovalRequest", "DecidedAlready", "DecidedAlready"]
    assert len(events("approval given", "approval refused")) == 1


def test_an_approval_and_a_change_of_the_basket_never_both_count(
    ground: Ground, maker: User, checker: User
) -> None:
    ruled(ground)
    for _ in range(3):
        basket = ready(ground, maker, ground.bill("250.00"))
        request = asked(basket, maker)
        (item,) = contents(basket).items

        all_at_once(
            partial(approve_request, request.pk, by=checker.pk),
            partial(
                set_amounts, basket.pk, {item.invoice.pk: usd(20_000)}, version=basket.version
            ),
        )  # fmt: skip

        assert again(request).status == "outdated"


def test_an_approval_and_its_withdrawal_at_once_charge_nothing(
    ground: Ground, maker: User, checker: User
) -> None:
    ruled(ground)
    request = asked(ready(ground, maker, ground.bill()), maker)

    all_at_once(
        partial(approve_request, request.pk, by=checker.pk),
        partial(withdraw_request, request.pk, by=maker.pk),
    )

    assert again(request).status == "withdrawn"


@pytest.mark.failure("F01")
def test_an_approval_is_used_once_by_a_double_click(
    ground: Ground, maker: User, checker: User
) -> None:
    ruled(ground)
    invoice = ground.bill("250.00")
    basket = ready(ground, maker, invoice)
    approve_request(asked(basket, maker).pk, by=checker.pk)

    got = all_at_once(*[partial(start_payment, order(basket), key=str(basket.pk))] * 6)

    assert {getattr(each, "pk", each) for each in got} == {payments_of(invoice)[0].pk}
    assert events("approval used") == ["approval used"]


def test_a_payment_and_the_withdrawal_of_its_approval_at_once_agree(
    ground: Ground, maker: User, checker: User
) -> None:
    ruled(ground)
    invoice = ground.bill("250.00")
    basket = ready(ground, maker, invoice)
    request = asked(basket, maker)
    approve_request(request.pk, by=checker.pk)

    all_at_once(
        partial(start_payment, order(basket), key=str(basket.pk)),
        partial(withdraw_request, request.pk, by=maker.pk),
    )

    assert (again(request).status, len(payments_of(invoice))) in {("used", 1), ("withdrawn", 0)}


def test_a_payment_while_its_approver_loses_the_role_agrees_with_the_audit(
    ground: Ground, maker: User, checker: User
) -> None:
    ruled(ground)
    invoice = ground.bill("250.00")
    basket = ready(ground, maker, invoice)
    request = asked(basket, maker)
    approve_request(request.pk, by=checker.pk)

    all_at_once(partial(pay, basket), partial(set_role, checker.pk, "view"))

    assert (again(request).status == "used") == (len(payments_of(invoice)) == 1)


def test_payers_and_approvers_of_the_same_invoices_make_no_deadlock(
    ground: Ground, maker: User, checker: User
) -> None:
    ruled(ground, above=10_000, month=100_000)
    invoice = ground.bill("250.00")
    baskets = [ready(ground, maker, invoice) for _ in range(3)]
    requests = [asked(each, maker) for each in baskets]
    for each in requests[:2]:
        approve_request(each.pk, by=checker.pk)

    got = all_at_once(
        *[partial(start_payment, order(each), key=str(each.pk)) for each in baskets[:2]],
        partial(approve_request, requests[2].pk, by=checker.pk),
        partial(withdraw_request, requests[1].pk, by=maker.pk),
    )

    assert "OperationalError" not in names(got)
    with widened():
        assert len(payments_of(invoice)) <= 1
