"""The rules of fees: dated, never two on one day, never changed for days that are over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest

from quittance.audit.models import AuditEvent
from quittance.payments.fee_rules import (
    CannotCharge,
    Fee,
    FeeIsOver,
    TooEarly,
    end_fee,
    fee_rules,
    keep_fee,
)
from quittance.payments.fees import rules_of
from quittance.payments.models import FeeRule
from quittance.tenancy.rows import reading
from tests.ground import Ground
from tests.payments.together import all_at_once

TODAY = date(2026, 3, 10)
FEE = Fee(method="card", currency="USD", basis_points=250, valid_from=TODAY)
DAY = timedelta(days=1)


def kept() -> list[tuple[date, date | None]]:
    with reading():
        return [(row.valid_from, row.valid_until) for row in fee_rules()]


def wrong(fee: Fee) -> list[str]:
    with pytest.raises(CannotCharge) as refused:
        keep_fee(fee, today=TODAY)
    return [each.field for each in refused.value.wrongs]


def test_a_fee_counts_from_its_first_day_to_its_last(ground: Ground) -> None:
    keep_fee(replace(FEE, valid_from=TODAY + DAY, valid_until=TODAY + 3 * DAY), today=TODAY)

    with reading():
        counts = [len(rules_of("USD", day=TODAY + n * DAY)) for n in range(5)]

    assert counts == [0, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"method": "transfer"}, "method"),
        ({"method": ""}, "method"),
        ({"currency": "DOLLAR"}, "currency"),
        ({"currency": "QQQ"}, "currency"),
        ({"basis_points": 1001}, "percent"),
        ({"basis_points": 0}, "percent"),
        ({"fixed_minor": -1}, "fixed"),
        ({"at_most_minor": 0}, "at_most"),
        ({"fixed_minor": 500, "at_most_minor": 400}, "at_most"),
        ({"valid_from": TODAY - DAY}, "valid_from"),
        ({"valid_until": TODAY - DAY}, "valid_until"),
    ],
)
def test_what_cannot_be_a_fee_is_refused_by_its_field(
    ground: Ground, changes: dict[str, object], field: str
) -> None:
    assert wrong(replace(FEE, **changes)) == [field]  # type: ignore[arg-type]
    assert kept() == []


@pytest.mark.parametrize(
    ("first", "last", "refused"),
    [
        (0, None, True), (5, 5, True), (10, None, True), (0, 5, True), (0, 4, False),
        (11, None, False), (11, 20, False),
    ],
)  # fmt: skip
def test_two_fees_for_one_method_and_currency_never_count_on_one_day(
    ground: Ground, first: int, last: int | None, refused: bool
) -> None:
    keep_fee(replace(FEE, valid_from=TODAY + 5 * DAY, valid_until=TODAY + 10 * DAY), today=TODAY)
    other = replace(
        FEE, basis_points=100, valid_from=TODAY + first * DAY,
        valid_until=None if last is None else TODAY + last * DAY,
    )  # fmt: skip

    if refused:
        assert wrong(other) == ["valid_from"]
    else:
        keep_fee(other, today=TODAY)
    assert len(kept()) == (1 if refused else 2)


def test_an_open_end_overlaps_all_that_comes_after(ground: Ground) -> None:
    keep_fee(FEE, today=TODAY)

    assert wrong(replace(FEE, valid_from=TODAY + 99 * DAY)) == ["valid_from"]


def test_another_method_or_currency_has_its_own_fee(ground: Ground) -> None:
    keep_fee(FEE, today=TODAY)
    keep_fee(replace(FEE, currency="EUR"), today=TODAY)
    keep_fee(replace(FEE, method="wallet"), today=TODAY)

    assert len(kept()) == 3


def test_of_two_people_who_add_the_same_at_once_one_is_refused(ground: Ground) -> None:
    got = all_at_once(*[partial(keep_fee, FEE, today=TODAY)] * 4)

    names = sorted(type(each).__name__ for each in got)
    assert names == ["CannotCharge", "CannotCharge", "CannotCharge", "FeeRule"]
    assert len(kept()) == 1


def test_a_fee_is_ended_with_a_day_and_the_audit_says_so(ground: Ground) -> None:
    row = keep_fee(FEE, today=TODAY)

    end_fee(row.pk, last_day=TODAY + 6 * DAY, today=TODAY + 2 * DAY)

    assert kept() == [(TODAY, TODAY + 6 * DAY)]
    with reading():
        said = list(AuditEvent.objects.filter(subject_id=row.pk).values_list("what", flat=True))
    assert sorted(said) == ["fee rule ended", "fee rule kept"]


def test_days_that_are_over_are_not_changed(ground: Ground) -> None:
    row = keep_fee(FEE, today=TODAY)

    with pytest.raises(TooEarly):
        end_fee(row.pk, last_day=TODAY + 2 * DAY, today=TODAY + 4 * DAY)
    end_fee(row.pk, last_day=TODAY + 3 * DAY, today=TODAY + 4 * DAY)

    assert kept() == [(TODAY, TODAY + 3 * DAY)]


def test_a_fee_that_never_counted_is_removed_and_one_that_is_over_is_left(ground: Ground) -> None:
    row = keep_fee(replace(FEE, valid_from=TODAY + 5 * DAY), today=TODAY)
    end_fee(row.pk, last_day=TODAY, today=TODAY)
    over = keep_fee(replace(FEE, valid_until=TODAY), today=TODAY)

    with pytest.raises(FeeIsOver):
        end_fee(row.pk, last_day=TODAY, today=TODAY)
    with pytest.raises(FeeIsOver):
        end_fee(over.pk, last_day=TODAY + DAY, today=TODAY)
    with pytest.raises(FeeIsOver):
        end_fee(uuid4(), last_day=TODAY, today=TODAY)

    with reading():
        assert FeeRule.objects.get().pk == over.pk
