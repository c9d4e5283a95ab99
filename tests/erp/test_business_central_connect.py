"""Being connected, step by step: each failure has its sentence, and nothing is left behind."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import httpx
import pytest

from quittance.erp.connecting import Connects, Outcome, Tried
from quittance.erp.registry import open_erp, open_unfinished
from tests.erp.rows import error_body
from tests.erp.scripted import COMPANY, Answer, Asked, Scripted
from tests.erp.stage import SandboxStage, settings_of

ANOTHER = "99999999-9999-9999-9999-999999999999"
ESSENTIAL = ("tenant", "environment", "client_id", "client_secret", "address", "sign_in_address")


def client_id(digit: str) -> str:
    return "-".join(digit * length for length in (8, 4, 4, 4, 12))


def steps_of(stage: SandboxStage, **settings: str) -> dict[str, Tried]:
    erp = stage.open(**settings)
    assert isinstance(erp, Connects)
    return {each.step: each for each in erp.test(writing=True)}


def journals(stage: SandboxStage) -> list[str]:
    found = stage.as_another_client("customerPaymentJournals", "code eq 'QUITTTEST'", {})
    return [each["displayName"] for each in found]


def test_a_good_connection_passes_every_step_and_leaves_nothing(
    business_central: SandboxStage,
) -> None:
    steps = steps_of(business_central)

    assert {name for name, each in steps.items() if each.outcome != Outcome.GOOD} == set()
    assert {"token", "environment", "company", "read customers", "write", "hints"} <= set(steps)
    assert steps["write"].sentence == "A journal with a line was written and removed again."
    assert journals(business_central) == []


def test_a_dispute_status_that_nobody_has_is_named_with_those_that_there_are(
    business_central: SandboxStage,
) -> None:
    wrong = steps_of(business_central, settled_disputes="price, RESLOVED")["disputes"]
    right = steps_of(business_central, settled_disputes="price")["disputes"]

    assert (wrong.outcome, wrong.needed) == (Outcome.BAD, True)
    assert wrong.sentence.startswith("There is no dispute status RESLOVED. There is: ")
    assert right.sentence == "An invoice with PRICE may be paid."


@pytest.mark.parametrize(
    ("setting", "value", "step", "words"),
    [
        ("client_secret", "wrong", "token", "Copy the secret's value"),
        ("tenant", "fabrikam.example", "token", "no such tenant"),
        ("environment", "nowhere", "environment", "Check the address, the tenant and the env"),
        ("client_id", client_id("3"), "environment", "page Microsoft Entra Applications"),
        ("company_id", ANOTHER, "company", "It has: Northwind Traders"),
    ],
)
def test_a_step_that_the_rest_depends_on_ends_the_test_with_its_cure(
    business_central: SandboxStage, setting: str, value: str, step: str, words: str
) -> None:
    steps = steps_of(business_central, **{setting: value})

    assert list(steps)[-1] == step
    assert steps[step].outcome == Outcome.BAD
    assert words in steps[step].sentence


def test_an_application_without_any_permission_set_is_told_which_to_give(
    business_central: SandboxStage,
) -> None:
    steps = steps_of(business_central, client_id=client_id("2"))

    last = list(steps.values())[-1]
    assert last.outcome == Outcome.BAD
    assert "may not use companies" in last.sentence


def test_an_application_that_may_only_read_fails_at_the_journal_and_nowhere_else(
    business_central: SandboxStage,
) -> None:
    steps = steps_of(business_central, client_id=client_id("4"))

    assert [name for name, each in steps.items() if each.outcome == Outcome.BAD] == ["write"]
    assert "D365 JOURNALS, EDIT (inferred)" in steps["write"].sentence


def test_what_a_killed_test_left_behind_is_removed_by_the_next(
    business_central: SandboxStage,
) -> None:
    business_central.fault(r"DELETE .*customerPaymentJournals", kind="drop_before", times=5)
    killed = steps_of(business_central)
    left = journals(business_central)
    business_central.control("DELETE", "/faults")

    again = steps_of(business_central)

    assert killed["write"].outcome == Outcome.BAD
    assert "The next test removes it" in killed["write"].sentence
    assert left == ["Quittance connection test"]
    assert again["write"].outcome == Outcome.GOOD
    assert journals(business_central) == []


def test_a_journal_of_that_name_that_is_not_ours_is_left_alone(
    business_central: SandboxStage,
) -> None:
    business_central.clerk("batch", code="QUITTTEST", bank_account="")
    theirs = journals(business_central)

    refused = steps_of(business_central)["write"]

    assert refused.outcome == Outcome.BAD
    assert "Rename it" in refused.sentence
    assert journals(business_central) == theirs != []
    found = business_central.as_another_client("customerPaymentJournals", "code eq 'QUITTTEST'", {})
    delete_journal(business_central, found[0]["id"])


def delete_journal(stage: SandboxStage, journal_id: str) -> None:
    """Tidy up: delete it past our adapter."""
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id("1"),
        "client_secret": "sandbox-secret",
        "scope": "https://api.businesscentral.dynamics.com/.default",
    }
    address = f"{stage.running.url}/contoso.example/oauth2/v2.0/token"
    token = stage.client.post(address, data=form).json()["access_token"]
    where = f"companies({settings_of(stage.running)['company_id']})/customerPaymentJournals"
    stage.client.delete(
        f"{stage.running.api_url}/{where}({journal_id})",
        headers={"Authorization": f"Bearer {token}"},
    ).raise_for_status()


def test_company_currency_account_and_ledger_are_offered_once_the_sign_in_works(
    business_central: SandboxStage, client: httpx.Client
) -> None:
    known = {
        name: value
        for name, value in settings_of(business_central.running).items()
        if name in ESSENTIAL
    }
    unfinished = open_unfinished("business_central", known, client)
    assert isinstance(unfinished, Connects)
    companies = unfinished.choices("company_id")
    known["company_id"] = companies[0].value
    in_company = open_unfinished("business_central", known, client)
    assert isinstance(in_company, Connects)

    accounts = {each.value for each in in_company.choices("clearing_account")}

    assert [each.label for each in companies] == [
        "Northwind Traders",
        "Northwind Traders Canada",
    ]
    assert [each.value for each in in_company.choices("local_currency")] == ["USD"]
    assert "2910" in accounts
    assert accounts.isdisjoint({"1310", "1990", "2999"})  # not direct, blocked, a total
    assert [each.value for each in in_company.choices("ledger_service")] == ["Cust_LedgerEntries"]


@dataclass
class Books:
    """A tenant whose answers are told set by set; a set that is not told has no rows."""

    rows: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)

    def __call__(self, asked: Asked) -> Answer:
        path, _, query = asked.path.partition("?")
        entity = path.rsplit("/", 1)[-1]
        if entity in self.forbidden:
            error = {"code": "Authorization_RequestDenied", "message": "No."}
            return Answer(body=json.dumps({"error": error}).encode(), status=403)
        rows = self.rows.get(entity, [])
        if "status" in query:
            rows = [row for row in rows if f"%27{row['status']}%27" in query.replace("'", "%27")]
        return Answer(body=json.dumps({"value": rows}).encode())


def books(server: Scripted, client: httpx.Client, **rows: list[dict[str, object]]) -> Connects:
    company: dict[str, object] = {"id": COMPANY, "name": "Fabrikam", "displayName": "Fabrikam"}
    server.answer = Books({"companies": [company], **rows})
    erp = open_erp("business_central", server.settings, client)
    assert isinstance(erp, Connects)
    return erp


def left_out(erp: Connects) -> Tried:
    return next(each for each in erp.test(writing=False) if each.step == "left out")


OWES: dict[str, object] = {"id": ANOTHER, "number": "10000", "balanceDue": 125.5}


def test_posted_invoices_that_are_left_out_silently_are_noticed_by_who_owes(
    server: Scripted, client: httpx.Client
) -> None:
    seen = left_out(books(server, client, customers=[OWES], salesInvoices=[]))

    assert seen.outcome == Outcome.DOUBTFUL
    assert "customer 10000 owes something" in seen.sentence
    assert "Sales Invoice Header" in seen.sentence


def test_a_company_that_has_no_invoice_and_is_owed_nothing_is_believed(
    server: Scripted, client: httpx.Client
) -> None:
    seen = left_out(books(server, client, customers=[OWES | {"balanceDue": 0}]))

    assert seen.outcome == Outcome.GOOD


def test_drafts_that_are_not_seen_are_said_to_be_perhaps_hidden(
    business_central: SandboxStage,
) -> None:
    seen = steps_of(business_central, client_id=client_id("5"))["left out"]

    assert seen.outcome == Outcome.GOOD  # a portal shows no drafts
    assert "read on Sales Header is missing" in seen.sentence


def test_what_cannot_be_read_is_found_out_with_its_cure(
    server: Scripted, client: httpx.Client
) -> None:
    erp = books(server, client)
    assert isinstance(server.answer, Books)
    server.answer.forbidden = {"contacts", "subscriptions"}

    found = {each.name: each for each in erp.capabilities()}

    assert found["customers"].can
    assert not found["contacts"].can
    assert "D365 CUSTOMER, VIEW" in found["contacts"].sentence
    assert "D365 WEBHOOK SUBSCR" in found["webhooks"].sentence
    assert found["disputeStatus"].can
    assert not found["customerLedger"].can
    assert "Object ID 25" in found["customerLedger"].sentence


def test_a_version_without_dispute_statuses_is_no_broken_one(
    server: Scripted, client: httpx.Client
) -> None:
    erp = books(server, client)
    told = server.answer

    def older(asked: Asked) -> Answer:
        if "disputeStatus" not in asked.path:
            return told(asked)
        words = "Could not find a property named 'disputeStatus' on type"
        return Answer(status=400, body=error_body("BadRequest", words))

    server.answer = older

    found = {each.name: each for each in erp.capabilities()}

    assert found["salesInvoices"].can
    assert not found["disputeStatus"].can
    assert "does not say of an invoice whether it is disputed" in found["disputeStatus"].sentence
