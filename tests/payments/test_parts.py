"""The parts of a payment add up to the smallest unit, in currencies with 0, 2 and 3 decimals."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.core.currency import minor_unit_digits
from quittance.core.money import Money, total
from quittance.payments.discounts import Discount
from quittance.payments.fees import fee_minor
from quittance.payments.models import FeeRule
from quittance.payments.parts import Part, Purse, Wish, split
from quittance.tenancy.scope import working_for

CURRENCIES = ("JPY", "USD", "KWD")
ACCOUNTS = tuple(uuid.UUID(int=number) for number in (1, 2, 3))
DAY = dt.date(2026, 3, 1)
LARGEST = 10**12


@st.composite
def wishes_and_purses(draw: st.DrawFn) -> tuple[list[Wish], list[Purse]]:
    """A basket of up to eight invoices of three accounts, and up to five credits."""
    wishes = [draw(_wish(number)) for number in range(draw(st.integers(1, 8)))]
    purses = [
        Purse(
            credit_id=uuid.UUID(int=1000 + number), account_id=draw(st.sampled_from(ACCOUNTS)),
            issued=DAY + dt.timedelta(days=draw(st.integers(0, 9))), number=f"CM-{number}",
            minor=draw(st.integers(0, LARGEST)),
        )
        for number in range(draw(st.integers(0, 5)))
    ]  # fmt: skip
    return wishes, purses


@st.composite
def _wish(draw: st.DrawFn, number: int) -> Wish:
    free = draw(st.integers(1, LARGEST))
    discount = None
    if free > 1 and draw(st.booleans()):
        off = draw(st.integers(1, min(free - 1, max(1, free // 10))))
        discount = Discount(off, DAY, is_sure=draw(st.booleans()))
    minor = free if draw(st.booleans()) else draw(st.integers(1, free))
    due = DAY + dt.timedelta(days=draw(st.integers(0, 9)))
    return Wish(
        invoice_id=uuid.UUID(int=100 + number), account_id=draw(st.sampled_from(ACCOUNTS)),
        due=due, number=f"INV-{number}", minor=minor, free_minor=free, discount=discount,
    )  # fmt: skip


@pytest.mark.failure("F10")
@settings(max_examples=1000, deadline=None)
@given(basket=wishes_and_purses(), currency=st.sampled_from(CURRENCIES))
def test_money_discount_and_credit_add_up_to_what_is_settled(
    basket: tuple[list[Wish], list[Purse]], currency: str
) -> None:
    wishes, purses = basket
    parts = split(wishes, purses)

    def sum_of(minors: list[int]) -> Money:
        """By decimals, as a person with a pencil adds up."""
        added = sum((Money(minor, currency).decimal for minor in minors), Decimal(0))
        return Money.from_decimal(added, currency)

    settled = sum_of([part.settles_minor for part in parts])
    assert settled == total(
        [
            sum_of([part.money_minor for part in parts]),
            sum_of([part.discount_minor for part in parts]),
            sum_of([use.minor for part in parts for use in part.uses]),
        ],
        currency,
    )
    for wish, part in zip(wishes, parts, strict=True):
        wanted = wish.free_minor if wish.discount and wish.closes else wish.minor
        assert part.settles_minor + part.kept_back_minor == wanted
        assert min(part.money_minor, part.discount_minor, part.kept_back_minor) >= 0
        assert part.money_minor or part.uses


@pytest.mark.failure("F10")
@settings(max_examples=500, deadline=None)
@given(basket=wishes_and_purses())
def test_no_credit_is_used_beyond_itself_or_for_another_account(
    basket: tuple[list[Wish], list[Purse]],
) -> None:
    wishes, purses = basket
    parts = split(wishes, purses)

    by_id = {purse.credit_id: purse for purse in purses}
    used: dict[uuid.UUID, int] = {}
    for wish, part in zip(wishes, parts, strict=True):
        for use in part.uses:
            used[use.credit_id] = used.get(use.credit_id, 0) + use.minor
            assert by_id[use.credit_id].account_id == wish.account_id
            assert use.minor > 0
    assert all(minor <= by_id[credit_id].minor for credit_id, minor in used.items())


@settings(max_examples=500, deadline=None)
@given(basket=wishes_and_purses())
def test_credit_is_left_only_where_nothing_is_left_to_pay_but_discounts(
    basket: tuple[list[Wish], list[Purse]],
) -> None:
    wishes, purses = basket
    parts = split(wishes, purses)

    for account_id in ACCOUNTS:
        had = sum(purse.minor for purse in purses if purse.account_id == account_id)
        own = [
            (wish, part)
            for wish, part in zip(wishes, parts, strict=True)
            if wish.account_id == account_id
        ]
        left = had - sum(part.credit_minor for _, part in own)
        for wish, part in own:
            if part.money_minor:
                assert left == 0 or (wish.discount is not None and left <= wish.discount.minor)


@pytest.mark.failure("F10")
@settings(max_examples=500, deadline=None)
@given(basket=wishes_and_purses())
def test_while_a_discount_is_open_the_whole_amount_is_never_charged(
    basket: tuple[list[Wish], list[Purse]],
) -> None:
    wishes, purses = basket
    for wish, part in zip(wishes, split(wishes, purses), strict=True):
        if wish.discount:
            assert part.money_minor <= wish.free_minor - wish.discount.minor


@settings(max_examples=500, deadline=None)
@given(basket=wishes_and_purses())
def test_a_discount_is_taken_only_by_money_that_closes_the_invoice(
    basket: tuple[list[Wish], list[Purse]],
) -> None:
    wishes, purses = basket
    for wish, part in zip(wishes, split(wishes, purses), strict=True):
        if part.discount_minor:
            assert wish.discount is not None
            assert wish.discount.is_sure
            assert not part.uses
            assert part.settles_minor == wish.free_minor


@settings(max_examples=300, deadline=None)
@given(basket=wishes_and_purses(), data=st.data())
def test_the_order_of_the_basket_changes_nothing(
    basket: tuple[list[Wish], list[Purse]], data: st.DataObject
) -> None:
    wishes, purses = basket
    shuffled = data.draw(st.permutations(wishes))
    others = data.draw(st.permutations(purses))

    def by_id(parts: list[Part]) -> dict[uuid.UUID, Part]:
        return {part.invoice_id: part for part in parts}

    assert by_id(split(shuffled, others)) == by_id(split(wishes, purses))


@pytest.mark.failure("F10")
@settings(max_examples=1000, deadline=None)
@given(
    currency=st.sampled_from(CURRENCIES),
    minor=st.integers(1, LARGEST),
    basis_points=st.integers(0, 1000),
    fixed=st.integers(0, 1000),
    at_most=st.none() | st.integers(0, 10**6),
)
def test_a_fee_is_rounded_half_up_once_and_never_above_its_limit(
    currency: str, minor: int, basis_points: int, fixed: int, at_most: int | None
) -> None:
    with working_for(uuid.UUID(int=1), actor="test"):  # a rule that is never written
        rule = FeeRule(
            method="card", currency=currency, basis_points=basis_points, fixed_minor=fixed,
            at_most_minor=at_most, valid_from=DAY,
        )  # fmt: skip

    fee = Money(fee_minor([rule], "card", minor), currency)

    unit = Decimal(1).scaleb(-minor_unit_digits(currency))
    exact = Money(minor, currency).decimal * basis_points / 10_000
    rounded = exact.quantize(unit, ROUND_HALF_UP) + Money(fixed, currency).decimal
    wanted = rounded if at_most is None else min(rounded, Money(at_most, currency).decimal)
    assert fee.decimal == wanted


def wish(free: int, *, number: int = 1, minor: int = 0, **facts: object) -> Wish:
    """An invoice of the first account, due on a day of its own, to be settled wholly."""
    plain = Wish(
        invoice_id=uuid.UUID(int=100 + number), account_id=ACCOUNTS[0],
        due=DAY + dt.timedelta(days=number), number=f"INV-{number}", minor=minor or free,
        free_minor=free, discount=None,
    )  # fmt: skip
    return replace(plain, **facts)  # type: ignore[arg-type]


def purse(minor: int, *, number: int = 1) -> Purse:
    """A credit of the first account; a lower number is older."""
    return Purse(
        credit_id=uuid.UUID(int=1000 + number), account_id=ACCOUNTS[0],
        issued=DAY + dt.timedelta(days=number), number=f"CM-{number}", minor=minor,
    )  # fmt: skip


def test_the_oldest_credit_pays_the_oldest_due_date_first() -> None:
    first, second = split([wish(100), wish(100, number=2)], [purse(50, number=2), purse(80)])

    assert [use.minor for use in first.uses] == [80, 20]
    assert (first.money_minor, second.money_minor) == (0, 70)


def test_a_credit_goes_to_the_invoice_without_a_discount_first() -> None:
    old = wish(100, discount=Discount(2, DAY, is_sure=True))
    young = wish(100, number=2)

    first, second = split([old, young], [purse(60)])

    assert (first.money_minor, first.discount_minor, first.credit_minor) == (98, 2, 0)
    assert (second.money_minor, second.credit_minor) == (40, 60)


@pytest.mark.parametrize(("credit", "money", "discount"), [(2, 98, 2), (3, 97, 0), (100, 0, 0)])
def test_a_credit_that_is_worth_more_takes_the_place_of_the_discount(
    credit: int, money: int, discount: int
) -> None:
    (part,) = split([wish(100, discount=Discount(2, DAY, is_sure=True))], [purse(credit)])

    assert (part.money_minor, part.discount_minor) == (money, discount)
    assert part.settles_minor == 100


def test_who_pays_what_the_discount_leaves_pays_it_in_full() -> None:
    (part,) = split([wish(100, minor=98, discount=Discount(2, DAY, is_sure=True))], [])
    (less,) = split([wish(100, minor=97, discount=Discount(2, DAY, is_sure=True))], [])

    assert (part.money_minor, part.discount_minor) == (98, 2)
    assert (less.money_minor, less.discount_minor) == (97, 0)


def test_a_discount_that_cannot_be_promised_is_neither_charged_nor_taken() -> None:
    (part,) = split([wish(100, discount=Discount(2, DAY, is_sure=False))], [])

    assert (part.money_minor, part.discount_minor, part.kept_back_minor) == (98, 0, 2)
    assert part.settles_minor == 98
