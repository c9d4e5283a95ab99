"""What Business Central and the sign-in say when they do not do it, and what we make of it."""

from __future__ import annotations

import json
import time
from datetime import date

import httpx
import pytest

from quittance.core.errors import Misconfigured, OutsideError, Refused, Unavailable
from quittance.erp.base import Erp
from quittance.erp.registry import open_erp
from quittance.httpclient.client import new_client
from tests.erp.rows import INVOICE_ID, error_body, invoice_row, page
from tests.erp.scripted import COMPANY, TOKEN, Answer, Asked, Scripted, in_turn

COMPANIES = page({"id": COMPANY, "name": "CRONUS", "displayName": "CRONUS International"})
ACCOUNT = {
    "id": INVOICE_ID,
    "number": "2950",
    "blocked": False,
    "accountType": "Posting",
    "displayName": "Clearing",
    "directPosting": True,
}


def denied(code: str) -> Answer:
    body = {"error": "invalid_client", "error_description": f"{code}: Something. Trace ID: 1"}
    return Answer(status=401, body=json.dumps(body).encode())


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("AADSTS7000215", "client_secret"),
        ("AADSTS7000222", "client_secret"),
        ("AADSTS700016", "client_id"),
        ("AADSTS90002", "tenant"),
        ("AADSTS123456", "client_id"),
    ],
)
def test_a_refused_sign_in_names_the_setting(
    server: Scripted, erp: Erp, code: str, field: str
) -> None:
    server.token = lambda: denied(code)

    with pytest.raises(Misconfigured) as caught:
        erp.check()

    assert caught.value.facts["field"] == field
    assert "sandbox-secret" not in str(caught.value) + str(caught.value.facts)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=503, body=b"<html>"),
        Answer(body=b"<html>"),
        Answer(body=b'{"access_token":1}'),
        Answer(status=429),
    ],
)
def test_a_sign_in_that_does_not_work_is_unavailable(
    server: Scripted, erp: Erp, answer: Answer
) -> None:
    server.token = lambda: answer

    with pytest.raises(Unavailable):
        erp.ledger_position()


def test_a_token_is_kept(server: Scripted, erp: Erp) -> None:
    server.answer = lambda _: Answer(body=page())

    erp.ledger_position()
    erp.ledger_position()

    assert server.tokens == 1


def test_a_token_is_renewed_five_minutes_before_it_expires(server: Scripted, erp: Erp) -> None:
    server.token = lambda: Answer(body=TOKEN.replace(b"3599", b"299"))
    server.answer = lambda _: Answer(body=page())

    erp.ledger_position()
    erp.ledger_position()

    assert server.tokens == 2


@pytest.mark.failure("F44")
def test_a_token_that_is_not_accepted_is_replaced_once(server: Scripted, erp: Erp) -> None:
    server.answer = in_turn([Answer(status=401), Answer(body=page())])

    assert erp.ledger_position() == "0"
    assert server.tokens == 2


@pytest.mark.failure("F44")
def test_an_application_that_business_central_does_not_know_is_misconfigured(
    server: Scripted, erp: Erp
) -> None:
    body = error_body("Authentication_InvalidCredentials", "The server has rejected you.")
    server.answer = lambda _: Answer(status=401, body=body)

    with pytest.raises(Misconfigured, match="Microsoft Entra Applications"):
        erp.ledger_position()
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("status", "code", "error", "words"),
    [
        (400, "Application_DialogException", Refused, "^You cannot do that\\.$"),
        (400, "Internal_RecordNotFound", Refused, "^You cannot do that\\.$"),
        (404, "Internal_DataNotFoundFilter", Refused, "^You cannot do that\\.$"),
        (404, "BadRequest_ResourceNotFound", Misconfigured, "environment"),
        (404, "Internal_CompanyNotFound", Misconfigured, "company"),
        (403, "Authorization_RequestDenied", Misconfigured, "generalLedgerEntries"),
        (409, "Request_EntityChanged", Unavailable, "^You cannot do that\\.$"),
        (409, "Unknown", Unavailable, "^You cannot do that\\.$"),
        (429, "", Unavailable, "later"),
        (503, "Internal_TenantUnavailable", Unavailable, "failed"),
        (408, "", Unavailable, "failed"),
        (302, "", Misconfigured, "environment"),
    ],
)
def test_an_answer_becomes_the_error_that_says_what_to_do(
    server: Scripted, erp: Erp, status: int, code: str, error: type[OutsideError], words: str
) -> None:
    body = error_body(code, "You cannot do that.")
    server.answer = lambda _: Answer(status=status, body=body)

    with pytest.raises(error, match=words) as caught:
        erp.ledger_position()

    assert "CorrelationId" not in str(caught.value)


def test_the_correlation_id_is_kept_for_the_log(server: Scripted, erp: Erp) -> None:
    body = error_body("Application_DialogException", "No.")
    server.answer = lambda _: Answer(status=400, body=body)

    with pytest.raises(Refused) as caught:
        erp.ledger_position()

    assert caught.value.facts["correlation"] == "6b3a2f5e-9c1d-4e7f-8a2b-1c3d5e7f9a0b"
    assert caught.value.facts["code"] == "Application_DialogException"


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_request_to_come_back_later_says_when(server: Scripted, erp: Erp, status: int) -> None:
    server.answer = lambda _: Answer(status=status, headers={"Retry-After": "7"}, body=b"slow down")

    with pytest.raises(Unavailable) as caught:
        erp.ledger_position()

    assert caught.value.retry_after_seconds == 7


def test_a_server_that_is_not_there_is_unavailable(server: Scripted, client: httpx.Client) -> None:
    settings = server.settings | {"address": "http://127.0.0.1:9"}

    with pytest.raises(Unavailable):
        open_erp("business_central", settings, client).check()


def test_who_made_the_client_says_how_long_to_wait(server: Scripted) -> None:
    def sleep(_: Asked) -> Answer:
        time.sleep(0.6)
        return Answer(body=page())

    server.answer = sleep
    with new_client(timeout_seconds=0.2) as hasty, pytest.raises(Unavailable):
        open_erp("business_central", server.settings, hasty).ledger_position()


def test_an_id_that_is_none_never_gets_into_an_address(server: Scripted, erp: Erp) -> None:
    for erp_id in ("", "x", f"{INVOICE_ID})/post", "../companies"):
        with pytest.raises(Refused, match="no id"):
            erp.invoice_pdf(erp_id)
    assert server.asked == []


def test_a_print_that_is_no_pdf_is_unavailable(server: Scripted, erp: Erp) -> None:
    server.answer = in_turn(
        [Answer(body=json.dumps({"id": INVOICE_ID}).encode()), Answer(body=b"<html>")]
    )

    with pytest.raises(Unavailable, match="no PDF"):
        erp.invoice_pdf(INVOICE_ID)


def test_a_print_comes_through(server: Scripted, erp: Erp) -> None:
    server.answer = in_turn(
        [Answer(body=json.dumps({"id": INVOICE_ID}).encode()), Answer(body=b"%PDF-1.7 and more")]
    )

    assert erp.invoice_pdf(INVOICE_ID).startswith(b"%PDF-")
    assert server.asked[1].path.endswith(f"/pdfDocument({INVOICE_ID})/pdfDocumentContent")


def test_pages_that_do_not_end_are_unavailable(server: Scripted, erp: Erp) -> None:
    link = f"{server.origin}/v2.0/again"
    row = invoice_row(currencyCode="EUR")
    server.answer = lambda asked: (
        Answer(body=page(row, next_link=link))
        if "$filter" in asked.path or asked.path.endswith("again")
        else Answer(body=page())
    )

    with pytest.raises(Unavailable, match="the same page"):
        erp.read_invoices([INVOICE_ID])


def world(**changes: Answer) -> dict[str, Answer]:
    good = {
        "companies": Answer(body=COMPANIES),
        "accounts": Answer(body=page(ACCOUNT)),
        "generalLedgerSetup": Answer(body=page({"localCurrencyCode": "EUR"})),
        **dict.fromkeys(
            ("customers", "salesInvoices", "customerPaymentJournals", "generalLedgerEntries"),
            Answer(body=page()),
        ),
    }
    return good | changes


def answering(answers: dict[str, Answer]) -> object:
    return lambda asked: answers[entity_set(asked)]


def entity_set(asked: Asked) -> str:
    return asked.path.split("?")[0].rsplit("/", 1)[1]


def test_a_good_connection_tells_the_companys_name(server: Scripted, erp: Erp) -> None:
    server.answer = answering(world())  # type: ignore[assignment]

    assert erp.check() == "CRONUS International"


DENIED = Answer(status=403, body=error_body("Authorization_RequestDenied", "No permission."))
UPGRADE = Answer(
    status=400,
    body=error_body("Application_DialogException", "You must run the data upgrade."),
)
NOWHERE = Answer(status=404, body=error_body("BadRequest_NotFound", "Not found."))


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"companies": NOWHERE}, "environment", "environment"),
        ({"companies": Answer(body=page())}, "company_id", "It has: none"),
        ({"customers": DENIED}, "permission", "may not use customers"),
        ({"salesInvoices": UPGRADE}, "permission", "You must run the data upgrade"),
        ({"generalLedgerEntries": DENIED}, "permission", "may not use generalLedgerEntries"),
        ({"accounts": Answer(body=page())}, "clearing_account", "2950 does not exist"),
        (
            {"accounts": Answer(body=page(ACCOUNT | {"directPosting": False}))},
            "clearing_account",
            "Direct Posting",
        ),
        ({"accounts": Answer(body=page(ACCOUNT | {"blocked": True}))}, "clearing_account", "block"),
        (
            {"accounts": Answer(body=page(ACCOUNT | {"accountType": "Heading"}))},
            "clearing_account",
            "heading",
        ),
        (
            {"generalLedgerSetup": Answer(body=page({"localCurrencyCode": "USD"}))},
            "local_currency",
            "is USD, not EUR",
        ),
    ],
)
def test_a_check_names_the_part_that_is_wrong(
    server: Scripted, erp: Erp, wrong: dict[str, Answer], field: str, words: str
) -> None:
    server.answer = answering(world(**wrong))  # type: ignore[assignment]

    with pytest.raises(Misconfigured, match=words) as caught:
        erp.check()

    assert caught.value.facts["field"] == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company_id", "CRONUS"),
        ("local_currency", "euro"),
        ("address", "http://erp.example.com"),
        ("address", "https://user@erp.example.com"),
        ("address", "nonsense"),
        ("sign_in_address", "https://login.example.com/?x"),
        ("tenant", "contoso/../evil"),
        ("client_secret", ""),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(
    server: Scripted, client: httpx.Client, field: str, value: str
) -> None:
    settings = server.settings | {field: value}

    with pytest.raises(Misconfigured) as caught:
        open_erp("business_central", settings, client)
    assert caught.value.facts["field"] == field


def test_the_dates_of_a_released_draft_and_its_status_are_seen_through(
    server: Scripted, erp: Erp
) -> None:
    posted, released = invoice_row(), invoice_row(id=COMPANY, number="S-INV7")
    entry = {
        "entryNumber": 1,
        "postingDate": str(date(2026, 8, 1)),
        "documentNumber": "PS-INV103001",
        "documentType": "Invoice",
        "accountNumber": "2310",
        "debitAmount": 119,
        "creditAmount": 0,
    }
    server.answer = in_turn([Answer(body=page(posted, released)), Answer(body=page(entry))])

    records = erp.read_invoices([COMPANY, INVOICE_ID, COMPANY])

    assert [(record.number, record.status) for record in records] == [
        ("S-INV7", "draft"),
        ("PS-INV103001", "open"),
    ]
