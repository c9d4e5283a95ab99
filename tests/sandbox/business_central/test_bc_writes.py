"""Writing: tags, read-only and unknown properties, types, lengths."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.business_central.bc_company import Books, error_of, message_of


def renamed(books: Books, batch: Any, **headers: str) -> Any:
    return books.ask(
        "PATCH",
        f"customerPaymentJournals({batch['id']})",
        json={"displayName": "New name"},
        headers=headers,
    )


@pytest.mark.parametrize("headers", [{}, {"If-Match": "abc"}])
def test_a_change_without_a_tag_is_400_and_changes_nothing(
    books: Books, headers: dict[str, str]
) -> None:
    batch = books.batch()
    assert error_of(renamed(books, batch, **headers)) == (400, "BadRequest_InvalidToken")
    assert books.get(f"customerPaymentJournals({batch['id']})")["displayName"] == ""


def test_a_stale_tag_is_409(books: Books) -> None:
    batch = books.batch()
    tag = batch["@odata.etag"]
    first = renamed(books, batch, **{"If-Match": tag, "Prefer": "return-no-content"})
    assert first.status_code == 200  # a body whatever Prefer says
    assert first.json()["@odata.etag"] != tag
    assert error_of(renamed(books, batch, **{"If-Match": tag})) == (409, "Request_EntityChanged")


def test_a_delete_checks_the_tag_only_if_it_is_sent(books: Books) -> None:
    batch = books.batch()
    renamed(books, batch, **{"If-Match": "*"})
    path = f"customerPaymentJournals({batch['id']})"
    stale = books.ask("DELETE", path, headers={"If-Match": batch["@odata.etag"]})
    assert stale.status_code == 409
    assert books.ask("DELETE", path).status_code == 204
    assert books.ask("DELETE", path).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"colour": "red"}, "BadRequest"),
        ({"balancingAccountNumber": "2910"}, "BadRequest_InvalidOperation"),
        ({"code": "MUCHTOOLONG"}, "Application_StringExceededLength"),
        ({"code": 12}, "BadRequest"),
        ({"balancingAccountId": "nothing"}, "Application_InvalidGUID"),
        ({"balancingAccountId": []}, "Application_InvalidGUID"),
    ],
)
def test_one_bad_property_refuses_the_whole_write(
    books: Books, body: dict[str, Any], code: str
) -> None:
    before = len(books.get("customerPaymentJournals")["value"])
    answer = books.ask("POST", "customerPaymentJournals", json={"code": "BADBODY"} | body)
    assert error_of(answer) == (400, code)
    assert len(books.get("customerPaymentJournals")["value"]) == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"amount": NaN}', b"\xff\xfe"])
def test_a_body_that_is_no_json_object_is_400(books: Books, body: bytes) -> None:
    answer = books.ask("POST", "customerPaymentJournals", content=body)
    assert error_of(answer) == (400, "BadRequest")


def test_an_unknown_option_names_the_existing_ones(books: Books) -> None:
    answer = books.ask("POST", "customers", json={"displayName": "A", "blocked": "Never"})
    assert error_of(answer) == (400, "Unknown")
    assert "The existing options are:  ,Ship,Invoice,All" in message_of(answer)


def test_a_post_can_ask_for_no_content(books: Books) -> None:
    answer = books.ask(
        "POST",
        "customers",
        json={"displayName": "Quiet Inn"},
        headers={"Prefer": "return-no-content"},
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert books.http.get(answer.headers["Location"]).json()["displayName"] == "Quiet Inn"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "generalLedgerEntries"), ("DELETE", "companyInformation({id})"), ("PUT", "accounts")],
)
def test_a_set_that_does_not_allow_it_is_405(books: Books, method: str, path: str) -> None:
    one = books.get("companyInformation")["value"][0]["id"]
    answer = books.ask(method, path.format(id=one), json={})
    assert error_of(answer) == (405, "BadRequest_MethodNotAllowed")


def test_a_posted_invoice_takes_a_new_due_date_and_nothing_else(books: Books) -> None:
    invoice = books.invoice()
    path, any_tag = f"salesInvoices({invoice['id']})", {"If-Match": "*"}
    moved = books.ask("PATCH", path, json={"dueDate": "2030-01-31"}, headers=any_tag)
    assert moved.json()["dueDate"] == "2030-01-31"
    assert books.ledger(invoice["number"])[0]["dueDate"] == "2030-01-31"
    refused = books.ask("PATCH", path, json={"phoneNumber": "1"}, headers=any_tag)
    assert "can no longer be modified" in message_of(refused)


def test_an_act_on_an_unknown_record_is_404(books: Books) -> None:
    unknown = "0b7a1c52-5a4e-4d57-9f0e-5a7f6f0c9f00"
    answer = books.ask("POST", f"journals({unknown})/Microsoft.NAV.post")
    assert error_of(answer) == (404, "Internal_RecordNotFound")
