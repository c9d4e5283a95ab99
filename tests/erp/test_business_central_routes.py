"""Payments that are booked otherwise than the settings say; shared journals above all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from quittance.core.errors import OutcomeUnknown, Refused
from quittance.core.money import Money
from quittance.erp.base import Erp, PaymentInstruction, Route
from quittance.erp.business_central.credentials import Credentials
from quittance.erp.business_central.dimensions import carry
from quittance.erp.business_central.lines import Line, is_as_told
from quittance.erp.business_central.odata import Api
from quittance.erp.connecting import Problem, TakesRoutes
from quittance.erp.contract import instruction_for
from tests.erp.scripted import COMPANY, Answer, Asked, Scripted
from tests.erp.stage import SandboxStage

SHARED = Route(account="2920", journal="PORTALUSD", bank_account="OPERATING")


@pytest.fixture(scope="module")
def shared(business_central: SandboxStage) -> SandboxStage:
    """Business Central with a batch that balances on the bank account in US dollars."""
    business_central.clerk("batch", code="PORTALUSD", bank_account="OPERATING")
    return business_central


def payment(stage: SandboxStage, route: Route, *, minor: int = 100) -> PaymentInstruction:
    invoice = stage.open_invoices(1)[0]
    asked = instruction_for([invoice], today=stage.today, amounts=[Money(minor, "USD")])
    return replace(asked, route=route)


def lines(stage: SandboxStage, instruction: PaymentInstruction) -> list[dict[str, Any]]:
    journals = stage.as_another_client("customerPaymentJournals", "code eq 'PORTALUSD'", {})
    return stage.as_another_client(
        f"customerPaymentJournals({journals[0]['id']})/customerPayments",
        f"documentNumber eq '{instruction.document_number}'",
        {},
    )


def problems(erp: Erp, route: Route, **more: str) -> Sequence[Problem]:
    assert isinstance(erp, TakesRoutes)
    return erp.check_route(route, **{"currency": "USD", "fee_account": ""} | more)


def test_a_payment_of_its_own_journal_may_balance_on_another_account(
    business_central: SandboxStage,
) -> None:
    erp = business_central.erp
    instruction = payment(business_central, Route(account="2920"))

    erp.post_draft(erp.draft_payment(instruction, again=False))

    posted = erp.find_posting(instruction)
    assert posted is not None
    with pytest.raises(Refused):  # on the account of the settings there is nothing of it
        erp.find_posting(replace(instruction, route=None))


def test_in_a_shared_journal_we_lay_lines_down_and_a_person_posts_them(
    shared: SandboxStage,
) -> None:
    erp = shared.erp
    instruction = payment(shared, SHARED)

    draft = erp.draft_payment(instruction, again=True)
    with pytest.raises(OutcomeUnknown, match="until somebody posts"):
        erp.post_draft(draft)
    before = erp.find_posting(instruction)
    shared.clerk("post-batch", batch="PORTALUSD")

    assert before is None
    assert erp.find_posting(instruction) is not None


def test_a_clerks_line_in_a_shared_journal_is_never_posted_by_us(shared: SandboxStage) -> None:
    erp = shared.erp
    shared.clerk(
        "type-line", batch="PORTALUSD", kind="customer", number="C-10482", type="Refund",
        amount="5.00", document="CLERK-1",
    )  # fmt: skip
    instruction = payment(shared, SHARED)

    with pytest.raises(OutcomeUnknown):
        erp.post_draft(erp.draft_payment(instruction, again=True))

    assert shared.control("GET", "/ledger?document=CLERK-1")["entries"] == []
    assert len(lines(shared, instruction)) == 1
    shared.clerk("post-batch", batch="PORTALUSD")


def test_laying_lines_down_again_adds_none(shared: SandboxStage) -> None:
    erp = shared.erp
    instruction = payment(shared, SHARED)

    erp.draft_payment(instruction, again=True)
    shared.another_worker().draft_payment(instruction, again=True)

    assert len(lines(shared, instruction)) == 1
    shared.clerk("post-batch", batch="PORTALUSD")


def test_a_line_that_is_gone_from_a_shared_journal_is_not_sent_again_before_all_is_quiet(
    shared: SandboxStage,
) -> None:
    erp = shared.erp
    instruction = payment(shared, SHARED)
    erp.draft_payment(instruction, again=True)
    shared.clerk("delete-draft", document=instruction.document_number)

    with pytest.raises(OutcomeUnknown, match="may still be under way"):
        erp.draft_payment(instruction, again=False)

    assert lines(shared, instruction) == []


def test_after_a_person_has_posted_nothing_is_added(shared: SandboxStage) -> None:
    erp = shared.erp
    instruction = payment(shared, SHARED)
    erp.draft_payment(instruction, again=True)
    shared.clerk("post-batch", batch="PORTALUSD")

    with pytest.raises(OutcomeUnknown, match="is posted"):
        erp.draft_payment(instruction, again=True)

    assert lines(shared, instruction) == []


@pytest.mark.failure("F49")
def test_who_lays_a_line_after_the_post_takes_it_away_again(shared: SandboxStage) -> None:
    instruction = payment(shared, SHARED)

    def sleep() -> None:
        shared.another_worker().draft_payment(instruction, again=True)
        shared.clerk("post-batch", batch="PORTALUSD")

    with pytest.raises(OutcomeUnknown, match="is posted"):
        shared.erp.draft_payment(instruction, again=True, still_mine=sleep)

    assert lines(shared, instruction) == []


@pytest.mark.failure("F46")
def test_lines_that_vanish_while_we_lay_them_are_left_to_a_person(shared: SandboxStage) -> None:
    invoices = shared.open_invoices(2)
    amounts = [Money(100, "USD"), Money(100, "USD")]
    asked = instruction_for(invoices, today=shared.today, amounts=amounts)
    instruction = replace(asked, route=SHARED)

    def clerk() -> None:  # takes the first line away before the second comes
        if lines(shared, instruction):
            shared.clerk("delete-draft", document=instruction.document_number)

    with pytest.raises(Refused, match="vanished from journal PORTALUSD"):
        shared.erp.draft_payment(instruction, again=True, still_mine=clerk)

    shared.clerk("delete-draft", document=instruction.document_number)


def test_only_lines_with_our_own_numbers_are_removed(shared: SandboxStage) -> None:
    erp = shared.erp
    instruction = payment(shared, SHARED)
    erp.draft_payment(instruction, again=True)
    (ours,) = lines(shared, instruction)
    shared.clerk(
        "type-line", batch="PORTALUSD", kind="customer", number="C-10482", type="Payment",
        amount="-1.00", document=instruction.document_number,
        applies_to=ours["appliesToInvoiceNumber"],
    )  # fmt: skip

    erp.remove_draft(instruction)

    (theirs,) = lines(shared, instruction)
    assert theirs["lineNumber"] != ours["lineNumber"]
    shared.clerk("delete-draft", document=instruction.document_number)


@pytest.mark.parametrize(("number", "is_ours"), [("", True), ("INV-1", False)])
def test_in_a_shared_journal_money_on_account_that_names_an_invoice_is_not_as_we_laid_it(
    shared: SandboxStage, number: str, is_ours: bool
) -> None:
    asked = payment(shared, SHARED)
    asked = replace(asked, lines=[replace(asked.lines[0], invoice_erp_id="", invoice_number="")])
    there = Line(
        id=UUID(int=1), line_number=1, customer_id=UUID(asked.customer_erp_id),
        document_number=asked.document_number, amount=-asked.lines[0].amount.decimal,
        applies_to_invoice_id=UUID(int=0), applies_to_invoice_number=number,
    )  # fmt: skip

    assert is_as_told(there, asked.lines[0], asked) is is_ours


def test_lines_of_a_batch_that_is_not_there_are_left_to_a_person(shared: SandboxStage) -> None:
    renamed = replace(SHARED, journal="RENAMED")

    with pytest.raises(Refused, match="batch RENAMED any more"):
        shared.erp.remove_draft(payment(shared, renamed))


def test_a_line_that_somebody_changed_is_left_to_a_person(shared: SandboxStage) -> None:
    erp = shared.erp
    instruction = payment(shared, SHARED)
    erp.draft_payment(instruction, again=True)
    shared.clerk("edit-draft", document=instruction.document_number, amount="7.00")

    with pytest.raises(Refused, match="not as we sent it"):
        erp.draft_payment(instruction, again=True)

    shared.clerk("delete-draft", document=instruction.document_number)


def test_what_can_work_has_no_problem_even_while_lines_wait_there(shared: SandboxStage) -> None:
    shared.erp.draft_payment(payment(shared, SHARED), again=True)

    assert problems(shared.erp, Route(account="2910")) == []
    assert problems(shared.erp, SHARED) == []


@pytest.mark.parametrize(
    ("route", "more", "field", "words"),
    [
        (Route(account="9999"), {}, "account", "does not exist"),
        (Route(account="1990"), {}, "account", "is blocked"),
        (Route(account="1310"), {}, "account", "Direct Posting"),
        (Route(account="2910"), {"fee_account": "1990"}, "fee_account", "is blocked"),
        (Route(account="2910", bank_account="OPERATING"), {}, "bank_account", "shared journal"),
        (replace(SHARED, bank_account="NOBANK"), {}, "bank_account", "does not exist"),
        (SHARED, {"currency": "EUR"}, "currency", "is in USD, this row is for EUR"),
        (SHARED, {"currency": ""}, "currency", "for any currency"),
        (replace(SHARED, journal="NOBATCH"), {}, "journal", "does not exist"),
        (replace(SHARED, journal="BATCH01"), {}, "journal", "digit"),
        (Route(account="2910", journal="PORTALUSD"), {}, "journal", "balances on OPERATING"),
        (Route(account="2910", dimensions={"NOSUCH": "1"}), {}, "dimensions", "no dimension"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_route_that_cannot_work_is_refused_with_the_reason(
    shared: SandboxStage, route: Route, more: dict[str, str], field: str, words: str
) -> None:
    found = problems(shared.erp, route, **more)

    assert [each.field for each in found] == [field]
    assert words in found[0].sentence


def test_a_journal_that_numbers_lines_by_itself_is_found_out_and_nothing_stays_in_it(
    shared: SandboxStage,
) -> None:
    shared.clerk("batch", code="NUMBERED", bank_account="OPERATING", no_series="GJNL-RCPT")

    found = problems(shared.erp, replace(SHARED, journal="NUMBERED"))

    assert [each.field for each in found] == ["journal"]
    assert "No. Series" in found[0].sentence
    journals = shared.as_another_client("customerPaymentJournals", "code eq 'NUMBERED'", {})
    where = f"customerPaymentJournals({journals[0]['id']})/customerPayments"
    assert shared.as_another_client(where, "lineNumber gt 0", {}) == []


def test_a_bank_account_in_another_currency_takes_what_the_customers_currency_would_not(
    business_central: SandboxStage,
) -> None:
    business_central.clerk("batch", code="PORTALEUR", bank_account="EURO")
    route = Route(account="2920", journal="PORTALEUR", bank_account="EURO")
    dollars = payment(business_central, route)

    with pytest.raises(Refused, match="is in EUR, but the invoices are in USD"):
        business_central.erp.draft_payment(dollars, again=True)

    assert problems(business_central.erp, route, currency="EUR") == []


def test_a_bank_account_in_the_local_currency_leaves_a_line_in_the_customers(
    shared: SandboxStage,
) -> None:
    made = shared.clerk("invoice", customer="C-20077", amount="10.00")
    invoices = shared.erp.read_invoices([made["id"]])
    asked = instruction_for(invoices, today=shared.today, amounts=[Money(1000, "USD")])
    instruction = replace(asked, route=SHARED)

    with pytest.raises(Refused, match="books payments of customer C-20077 in EUR"):
        shared.erp.draft_payment(instruction, again=True)

    assert lines(shared, instruction) == []


@pytest.mark.parametrize("route", [Route(account="2910"), SHARED], ids=["own", "shared"])
def test_a_payments_lines_carry_the_dimensions_of_its_route(
    shared: SandboxStage, route: Route
) -> None:
    value = dimension_value(shared, "DEPARTMENT")
    mapped = replace(route, dimensions={"DEPARTMENT": value})
    instruction = payment(shared, mapped)

    shared.erp.draft_payment(instruction, again=True)
    draft = shared.erp.draft_payment(instruction, again=True)  # what is there already stays

    where = f"customerPaymentJournals({draft.erp_id})/customerPayments"
    line = shared.as_another_client(where, f"documentNumber eq '{instruction.document_number}'", {})
    path = f"customerPayments({line[0]['id']})/dimensionSetLines"
    found = shared.as_another_client(path, "code eq 'DEPARTMENT'", {})
    assert [each["valueCode"] for each in found] == [value]
    assert problems(shared.erp, mapped) == []
    wrong = problems(shared.erp, replace(mapped, dimensions={"DEPARTMENT": "NOSUCH"}))
    assert "has no value NOSUCH" in wrong[0].sentence


def dimension_value(stage: SandboxStage, code: str) -> str:
    """The first value of a dimension."""
    dimension = stage.as_another_client("dimensions", f"code eq '{code}'", {})[0]
    where = f"dimensions({dimension['id']})/dimensionValues"
    return str(stage.as_another_client(where, "code gt ''", {})[0]["code"])


@pytest.fixture
def told(server: Scripted) -> list[tuple[str, str, Any]]:
    """Requests about dimensions: a line that has AREA 10 by default and no DEPT."""
    asked_for: list[tuple[str, str, Any]] = []

    def answer(asked: Asked) -> Answer:
        asked_for.append((asked.method, asked.path, json.loads(asked.body or b"{}")))
        rows = [{"id": COMPANY, "code": "AREA", "valueCode": "10"}]
        return Answer(body=json.dumps({"value": rows, "code": "DEPT"}).encode())

    server.answer = answer
    return asked_for


def test_a_line_gets_the_dimensions_it_lacks_and_keeps_no_other_value(
    server: Scripted, client: httpx.Client, told: list[tuple[str, str, Any]]
) -> None:
    api = Api(Credentials(**server.settings), client)

    carry(api, [UUID(COMPANY)], {"AREA": "30", "DEPT": "ADM"})

    wrote = [(method, body) for method, _, body in told if method != "GET"]
    assert wrote == [
        ("PATCH", {"valueCode": "30"}),
        ("POST", {"code": "DEPT", "valueCode": "ADM"}),
    ]
