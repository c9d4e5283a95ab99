"""Payments that people take back in Business Central, and what a restored company looks like."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from quittance.core.errors import OutcomeUnknown, Refused
from quittance.core.money import Money
from quittance.erp.base import InvoiceRecord, PaymentInstruction, ReversalInstruction
from quittance.erp.contract import instruction_for
from quittance.erp.contract_by_hand import application_of, open_credits, post, reversal_of
from sandbox.business_central.launch import start_business_central
from tests.erp.stage import SandboxStage

ALPINE = "C-20077"  # Alpine Linen, in euro


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@pytest.fixture
def stage(business_central: SandboxStage) -> SandboxStage:
    return business_central


def in_euro(stage: SandboxStage, count: int) -> list[InvoiceRecord]:
    made = [stage.clerk("invoice", customer=ALPINE, amount=f"{100 + n}.00") for n in range(count)]
    return list(stage.erp.read_invoices([each["id"] for each in made]))


def of_alpine(payment: PaymentInstruction, stage: SandboxStage) -> ReversalInstruction:
    return dataclasses.replace(reversal_of(payment, stage), customer_number=ALPINE)


@pytest.mark.failure("F46")
def test_a_part_that_was_corrected_under_the_payments_number_is_seen(stage: SandboxStage) -> None:
    payment = post(stage, stage.open_invoices(2))
    some = usd(2500)
    number = payment.document_number
    stage.clerk("unapply", document=number)
    stage.clerk(
        "refund", customer=stage.customer_number, amount="25.00", document=number, applies_to=number
    )

    posted = stage.erp.find_posting(payment)
    assert posted is not None
    assert posted.taken_back == some
    assert stage.erp.find_reversal(reversal_of(payment, stage, amount=some)) is not None
    assert stage.erp.find_reversal(reversal_of(payment, stage)) is None
    then = reversal_of(payment, stage, taken_back=some)
    assert stage.erp.find_reversal(then) is None
    with pytest.raises(OutcomeUnknown):
        stage.erp.draft_payment(payment, again=True)


def test_a_payment_that_was_posted_wrongly_is_no_corrected_one(stage: SandboxStage) -> None:
    payment = post(stage, stage.open_invoices(2))
    line = payment.lines[0]
    more = dataclasses.replace(line, amount=line.amount + usd(2500))
    other = dataclasses.replace(payment, lines=[more, payment.lines[1]])

    with pytest.raises(Refused, match="not with"):
        stage.erp.find_posting(other)


def test_unapplying_takes_nothing_back(stage: SandboxStage) -> None:
    payment = post(stage, stage.open_invoices(1))
    stage.clerk("reverse-payment", document=payment.document_number, unapply_only=True)

    posted = stage.erp.find_posting(payment)
    assert posted is not None
    assert posted.taken_back is None
    assert stage.erp.find_reversal(reversal_of(payment, stage)) is None


def test_a_refund_from_another_account_is_refused(stage: SandboxStage) -> None:
    payment = post(stage, stage.open_invoices(1))
    reversal = reversal_of(payment, stage)
    stage.clerk(
        "refund", customer=stage.customer_number, amount=str(reversal.amount.decimal),
        document=reversal.document_number, account="2920",
    )  # fmt: skip

    with pytest.raises(Refused, match=r"0\.00 USD on account 2910"):
        stage.erp.find_reversal(reversal)


def test_a_reversal_that_was_itself_corrected_is_as_if_it_had_not_been(
    stage: SandboxStage,
) -> None:
    payment = post(stage, stage.open_invoices(1))
    reversal = reversal_of(payment, stage)
    stage.refund_by_hand(reversal, reversal.amount)
    assert stage.erp.find_reversal(reversal) is not None
    stage.reverse_by_hand(reversal.document_number)

    assert stage.erp.find_reversal(reversal) is None


def test_in_another_currency_a_whole_reversal_is_known_by_its_mirror(stage: SandboxStage) -> None:
    payment = post(stage, in_euro(stage, 2))
    stage.reverse_by_hand(payment.document_number)

    posted = stage.erp.find_posting(payment)
    assert posted is not None
    assert posted.taken_back == Money(20_100, "EUR")
    assert stage.erp.find_reversal(of_alpine(payment, stage)) is not None


def test_in_another_currency_a_refund_counts_under_its_own_number(stage: SandboxStage) -> None:
    payment = post(stage, in_euro(stage, 1))
    reversal = of_alpine(payment, stage)
    assert stage.erp.find_reversal(reversal) is None
    stage.refund_by_hand(reversal, reversal.amount)

    assert stage.erp.find_reversal(reversal) is not None
    posted = stage.erp.find_posting(payment)
    assert posted is not None
    assert posted.taken_back is None


def test_in_another_currency_a_corrected_part_needs_a_person(stage: SandboxStage) -> None:
    payment = post(stage, in_euro(stage, 1))
    number = payment.document_number
    stage.clerk("unapply", document=number)
    stage.clerk("refund", customer=ALPINE, amount="9.99", document=number, applies_to=number)

    with pytest.raises(Refused, match="does not say by how much in EUR"):
        stage.erp.find_posting(payment)
    assert stage.erp.find_reversal(of_alpine(payment, stage)) is None


def test_a_draft_that_a_clerk_deleted_is_missed_and_made_once_more(stage: SandboxStage) -> None:
    (invoice,) = stage.open_invoices(1)
    payment = instruction_for([invoice], today=stage.today)
    stage.erp.draft_payment(payment, again=False)
    stage.clerk("delete-draft", document=payment.document_number)

    assert stage.erp.find_draft(payment) is None
    stage.erp.post_draft(stage.erp.draft_payment(payment, again=False))
    (after,) = stage.erp.read_invoices([invoice.erp_id])
    assert after.open.minor == 0


@pytest.mark.failure("F46")
def test_a_draft_that_a_clerk_changed_is_not_posted(stage: SandboxStage) -> None:
    payment = instruction_for(stage.open_invoices(1), today=stage.today)
    draft = stage.erp.draft_payment(payment, again=False)
    stage.clerk("edit-draft", document=payment.document_number, amount="1.00")

    with pytest.raises(Refused, match="is not as we sent it"):
        stage.erp.find_draft(payment)
    with pytest.raises(Refused, match="is not as we sent it"):
        stage.erp.draft_payment(payment, again=True)
    assert stage.erp.find_posting(payment) is None
    assert draft.erp_id


@pytest.mark.failure("F45")
def test_a_credit_that_a_clerk_applied_first_leaves_the_rest_on_account(
    stage: SandboxStage,
) -> None:
    (invoice,) = stage.open_invoices(1)
    payment = instruction_for([invoice], today=stage.today)
    draft = stage.erp.draft_payment(payment, again=False)
    number = stage.credit_by_hand(usd(3000))
    credit = open_credits(stage, invoice.customer_erp_id)[number]
    stage.apply_by_hand(application_of(credit, invoice, credit.open, stage))

    stage.erp.post_draft(draft)

    assert stage.erp.find_posting(payment) is not None
    left = open_credits(stage, invoice.customer_erp_id)[payment.document_number]
    assert left.open == usd(3000)


# What the clerk is told, word for word where a wrong word costs money


def test_a_return_says_the_banks_code_and_offers_reverse_transaction(stage: SandboxStage) -> None:
    payment = instruction_for(stage.open_invoices(2), today=stage.today)
    reversal = dataclasses.replace(reversal_of(payment, stage), why="return", code="R01")

    steps = stage.erp.how_to_reverse(reversal)

    assert "Unapply Entries" in steps[0]
    line = next(step for step in steps if "Cash Receipt Journal" in step)
    for words in (
        "Document Type Refund", f"Document No. {reversal.document_number}",
        "Description Returned by the bank, R01", f"Amount {reversal.amount} (above zero)",
        "Bal. Account No. 2910", f"Posting Date {stage.today}",
    ):  # fmt: skip
        assert words in line
    assert "Currency Code" not in line
    assert "Reverse Transaction" in steps[-1]
    assert "Do only one of both" in steps[-1]


def test_a_part_warns_of_reverse_transaction(stage: SandboxStage) -> None:
    payment = instruction_for(stage.open_invoices(1), today=stage.today)
    steps = stage.erp.how_to_reverse(reversal_of(payment, stage, amount=usd(500)))
    assert steps[-1].startswith("Do not use Reverse Transaction")
    assert any("Apply what is left" in step for step in steps)


def test_a_refund_that_reopens_nothing_unapplies_nothing(stage: SandboxStage) -> None:
    payment = instruction_for(stage.open_invoices(1), today=stage.today)
    reversal = dataclasses.replace(reversal_of(payment, stage, amount=usd(500)), reopens=[])
    steps = stage.erp.how_to_reverse(reversal)
    assert not any("Unapply Entries" in step for step in steps)
    assert any("No invoice is owed again for 5.00 USD" in step for step in steps)


def test_a_refund_in_another_currency_names_it(stage: SandboxStage) -> None:
    (invoice,) = in_euro(stage, 1)
    payment = instruction_for([invoice], today=stage.today)
    line = next(
        step for step in stage.erp.how_to_reverse(of_alpine(payment, stage)) if "Journal" in step
    )
    assert "Currency Code EUR" in line


def test_one_credit_for_two_invoices_is_applied_at_once(stage: SandboxStage) -> None:
    first, second = stage.open_invoices(2)
    number = stage.credit_by_hand(usd(5000))
    credit = open_credits(stage, first.customer_erp_id)[number]
    one = application_of(credit, first, usd(2000), stage)
    two = application_of(credit, second, usd(2500), stage)
    both = dataclasses.replace(one, lines=[*one.lines, *two.lines])

    steps = stage.erp.how_to_apply(both)

    assert sum("choose Apply Entries" in step for step in steps) == 1
    assert f"{first.number}: 20.00 USD; {second.number}: 25.00 USD" in " ".join(steps)
    assert f"{number} -5.00 USD" in steps[-1]  # what is left of the credit, as its entry shows it


# A company that was restored, and a replica that lags: both in a sandbox of their own


@pytest.fixture
def own(tmp_path: Path, client: httpx.Client) -> Iterator[SandboxStage]:
    with start_business_central(tmp_path / "own", webhook_delay=0.2) as running:
        yield SandboxStage(running, client)


def test_a_restored_company_has_lost_the_payment_and_says_so(own: SandboxStage) -> None:
    invoices = own.open_invoices(2)
    own.control("POST", "/company/snapshot", {"name": "before"})
    payment = post(own, invoices)
    position = own.erp.ledger_position()

    own.control("POST", "/company/restore", {"name": "before"})

    assert own.erp.find_posting(payment) is None
    assert own.erp.ledger_position() != position
    after = own.erp.read_invoices([invoice.erp_id for invoice in invoices])
    assert [invoice.open for invoice in after] == [invoice.open for invoice in invoices]


@pytest.mark.failure("F43")
def test_what_verifies_is_never_read_from_a_replica_that_lags(own: SandboxStage) -> None:
    invoices = own.open_invoices(1)
    own.control("POST", "/replica", {"seconds": 3600})
    payment = post(own, invoices)
    reversal = reversal_of(payment, own)

    assert own.erp.find_posting(payment) is not None
    assert own.erp.find_draft(payment) is None
    (after,) = own.erp.read_invoices([invoices[0].erp_id])
    assert after.open.minor == 0
    own.refund_by_hand(reversal, reversal.amount)
    assert own.erp.find_reversal(reversal) is not None
    assert stale(own, payment) == []


def stale(own: SandboxStage, payment: PaymentInstruction) -> list[dict[str, Any]]:
    """What a reader would see who allows the replica."""
    return own.as_another_client(
        "generalLedgerEntries",
        f"documentNumber eq '{payment.document_number}'",
        {"Data-Access-Intent": "ReadOnly"},
    )
