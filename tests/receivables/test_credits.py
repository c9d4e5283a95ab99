"""Open credit comes into the mirror as the ERP's customer ledger has it, and goes again."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quittance.core import clock
from quittance.core.money import Money
from quittance.erp.base import CreditKind, CreditRecord
from quittance.receivables.credits import apply_credits
from quittance.receivables.models import Contact, Credit
from quittance.receivables.pull import pull_changes, refresh_invoices
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE, Ground
from tests.payments.people import new_user
from tests.payments.together import all_at_once
from tests.receivables.ledger_page import publish_ledger


@pytest.fixture
def ledger(ground: Ground) -> Ground:
    """A connection whose administrator has published the customer ledger."""
    publish_ledger(ground)
    return ground


def _credits(ground: Ground, number: str = "") -> list[Credit]:
    account = ground.account()
    with reading():
        found = Credit.objects.filter(customer_account=account).order_by("number")
        return list(found.filter(number=number) if number else found)


def _memo(ground: Ground, amount: str = "40.00") -> str:
    made: dict[str, Any] = ground.world.clerk("credit-memo", customer=HARBORLINE, amount=amount)
    return str(made["number"])


def _with_a_person(ground: Ground) -> None:
    user, account = new_user(), ground.account()
    with writing():
        Contact.objects.create(customer_account=account, user=user)


def test_reading_an_invoice_anew_brings_its_customers_credit_too(ledger: Ground) -> None:
    number = _memo(ledger, "40.00")

    ledger.bill("100.00")

    (credit,) = _credits(ledger, number)
    assert credit.open_amount == Money(4000, "USD")
    assert credit.kind == Credit.Kind.CREDIT_NOTE


def test_credit_that_a_clerk_has_used_is_zero_and_has_a_new_version(ledger: Ground) -> None:
    number = _memo(ledger, "40.00")
    invoice = ledger.bill("100.00")
    (before,) = _credits(ledger, number)

    ledger.world.clerk("apply-credit", credit=number, invoice=invoice.number)
    ledger.read(invoice.erp_id)

    (after,) = _credits(ledger, number)
    assert (after.open_minor, after.version) == (0, before.version + 1)


def test_what_was_read_earlier_does_not_bring_used_credit_back(ledger: Ground) -> None:
    account = ledger.account()
    record = CreditRecord(
        erp_id="4711", kind=CreditKind.PAYMENT, number="P-1", customer_erp_id=account.erp_id,
        issued_date=dt.date(2026, 1, 1), total=Money(900, "USD"), open=Money(900, "USD"),
    )  # fmt: skip
    now = clock.now()

    def said(*records: CreditRecord, at: dt.datetime) -> None:
        with writing():
            apply_credits(
                records, legal_entity_id=ledger.legal_entity_id,
                customer_erp_ids=[account.erp_id], read_at=at,
            )  # fmt: skip

    said(record, at=now)
    said(at=now + dt.timedelta(seconds=2))
    said(record, at=now + dt.timedelta(seconds=1))  # a slow worker

    (credit,) = _credits(ledger, "P-1")
    assert credit.open_minor == 0


def test_of_reads_at_the_same_moment_the_later_ones_word_stays_and_none_fails(
    ledger: Ground,
) -> None:
    account, now = ledger.account(), clock.now()

    def said(place: int) -> int:
        records = [
            CreditRecord(
                erp_id=f"4711-{each}", kind=CreditKind.PAYMENT, number=f"P-{each}",
                customer_erp_id=account.erp_id, issued_date=dt.date(2026, 1, 1),
                total=Money(900, "USD"), open=Money(100 * place, "USD"),
            )
            for each in sorted(range(20), reverse=place % 2 == 0)
        ]  # fmt: skip
        with writing():
            return apply_credits(
                records, legal_entity_id=ledger.legal_entity_id,
                customer_erp_ids=[account.erp_id], read_at=now + dt.timedelta(seconds=place),
            )  # fmt: skip

    got = all_at_once(*[partial(said, place) for place in range(1, 9)])

    assert [each for each in got if isinstance(each, Exception)] == []
    assert {each.open_minor for each in _credits(ledger)} == {800}


def test_the_pull_reads_the_credit_of_customers_who_have_people(ledger: Ground) -> None:
    _with_a_person(ledger)
    number = _memo(ledger)

    pull_changes(ledger.legal_entity_id)

    assert [each.number for each in _credits(ledger, number)] == [number]


def test_the_pull_reads_credit_again_only_after_the_ledger_has_moved(ledger: Ground) -> None:
    _with_a_person(ledger)
    number = _memo(ledger, "40.00")
    pull_changes(ledger.legal_entity_id)
    with writing():  # so that we see who reads it
        Credit.objects.filter(number=number).update(open_minor=1)

    pull_changes(ledger.legal_entity_id)
    quiet = [each.open_minor for each in _credits(ledger, number)]
    _memo(ledger)
    pull_changes(ledger.legal_entity_id)

    assert quiet == [1]
    assert [each.open_minor for each in _credits(ledger, number)] == [4000]


def test_who_may_sign_in_from_now_on_finds_the_credit_that_was_there_before(
    ledger: Ground,
) -> None:
    number = _memo(ledger)
    pull_changes(ledger.legal_entity_id)
    before = _credits(ledger, number)

    _with_a_person(ledger)
    pull_changes(ledger.legal_entity_id)

    assert before == []
    assert [each.number for each in _credits(ledger, number)] == [number]


def test_a_connection_without_the_ledger_shows_no_credit_and_still_reads_invoices(
    ground: Ground,
) -> None:
    publish_ledger(ground, "")
    _memo(ground)

    invoice = ground.bill("100.00")
    refresh_invoices(ground.legal_entity_id, [invoice.erp_id], seconds=20)

    assert _credits(ground) == []


def test_credit_that_stayed_as_it_was_costs_no_question_of_its_own(ledger: Ground) -> None:
    account, now = ledger.account(), clock.now()

    def questions(count: int, seconds: int) -> int:
        records = [
            CreditRecord(
                erp_id=str(each), kind=CreditKind.PAYMENT, number=f"P-{each}",
                customer_erp_id=account.erp_id, issued_date=dt.date(2026, 1, 1),
                total=Money(900, "USD"), open=Money(900, "USD"),
            )
            for each in range(count)
        ]  # fmt: skip
        with writing(), CaptureQueriesContext(connection) as asked:
            apply_credits(
                records, legal_entity_id=ledger.legal_entity_id,
                customer_erp_ids=[account.erp_id], read_at=now + dt.timedelta(seconds=seconds),
            )  # fmt: skip
        return len(asked)

    questions(1, 0)
    one = questions(1, 1)
    questions(9, 2)

    assert questions(9, 3) == one
    assert {credit.synced_at for credit in _credits(ledger)} == {now + dt.timedelta(seconds=3)}
