"""Drafts by API: made deep or line by line, changed, posted, sent, cancelled, and refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.business_central.bc_company import SOMEONE, Books, error_of, message_of

ANY = {"If-Match": "*"}


def item(books: Books, number: str = "NW-1042") -> Any:
    return books.only(f"items?$filter=number eq '{number}'")


def draft(books: Books, lines: list[dict[str, Any]] | None = None, **given: Any) -> Any:
    """A draft invoice with 3 bags of coffee, if nothing else is said."""
    body = {"customerNumber": SOMEONE, **given}
    if lines is None:
        lines = [{"itemId": item(books)["id"], "quantity": 3}]
    return books.post("salesInvoices", {**body, "salesInvoiceLines": lines})


def act(books: Books, record: Any, name: str, entity_set: str = "salesInvoices") -> Any:
    return books.ask("POST", f"{entity_set}({record['id']})/Microsoft.NAV.{name}")


def lines_of(books: Books, record: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = books.get(f"salesInvoices({record['id']})/salesInvoiceLines")[
        "value"
    ]
    return found


def test_a_deep_insert_makes_the_draft_with_its_lines_and_totals(books: Books) -> None:
    made = draft(
        books,
        [
            {"itemId": item(books)["id"], "quantity": 3},
            {"itemId": item(books, "NW-4418")["id"], "quantity": 2, "discountPercent": 10},
            {"description": "Thank you."},
        ],
    )

    invoice = books.again(made)
    assert (invoice["status"], invoice["customerNumber"]) == ("Draft", SOMEONE)
    # 3 x 34.50 untaxed and 2 x 52.00 less 10 % taxed with 8.5 %
    assert invoice["totalAmountExcludingTax"] == Decimal("197.10")
    assert invoice["totalTaxAmount"] == Decimal("7.96")
    assert invoice["remainingAmount"] == invoice["totalAmountIncludingTax"] == Decimal("205.06")
    coffee, cups, thanks = lines_of(books, made)
    assert (coffee["lineObjectNumber"], coffee["unitOfMeasureCode"]) == ("NW-1042", "BAG")
    assert (cups["discountAmount"], cups["taxCode"]) == (Decimal("10.40"), "TAXABLE")
    assert (thanks["lineType"], thanks["sequence"]) == ("Comment", 30000)


def test_a_deep_insert_with_one_bad_line_leaves_nothing(books: Books) -> None:
    before = books.get("salesInvoices/$count?$filter=status eq 'Draft'")
    body = {
        "customerNumber": SOMEONE,
        "salesInvoiceLines": [{"quantity": 1}, {"itemId": item(books)["id"], "amount": 1}],
    }
    answer = books.ask("POST", "salesInvoices", json=body)
    assert error_of(answer) == (400, "BadRequest")
    body["salesInvoiceLines"] = [{"itemId": "08d6af57-da71-4448-96c8-da1964b2d200"}]
    assert "Item does not exist." in message_of(books.ask("POST", "salesInvoices", json=body))
    assert books.get("salesInvoices/$count?$filter=status eq 'Draft'") == before


def test_lines_are_added_changed_and_deleted_and_the_draft_follows(books: Books) -> None:
    made = draft(books, [])
    path = f"salesInvoices({made['id']})/salesInvoiceLines"
    line = books.post(path, {"itemId": item(books)["id"], "quantity": 2, "unitPrice": 30})
    with_line = books.again(made)
    assert with_line["totalAmountIncludingTax"] == 60
    assert with_line["@odata.etag"] != made["@odata.etag"]

    one = f"{path}({line['id']})"
    books.ask("PATCH", one, json={"quantity": 5, "discountAmount": 1}, headers=ANY)
    assert books.again(made)["totalAmountIncludingTax"] == 149

    for name, value in (("sequence", 5), ("documentId", item(books)["id"])):
        answer = books.ask("PATCH", one, json={name: value}, headers=ANY)
        assert "cannot be modified" in message_of(answer)
    assert books.ask("DELETE", one).status_code == 204
    assert books.again(made)["totalAmountIncludingTax"] == 0


def test_a_discount_of_the_document_is_spread_over_its_lines(books: Books) -> None:
    two = [
        {"itemId": item(books)["id"], "quantity": 1, "unitPrice": 100},
        {"itemId": item(books, "NW-4418")["id"], "quantity": 1, "unitPrice": 50},
    ]
    made = draft(books, two, discountAmount=10)
    books.ask("PATCH", f"salesInvoices({made['id']})", json={"discountAmount": 10}, headers=ANY)

    first, second = lines_of(books, made)
    assert first["invoiceDiscountAllocation"] == Decimal("6.67")
    assert second["invoiceDiscountAllocation"] == Decimal("3.33")
    assert second["netTaxAmount"] == Decimal("3.97")
    invoice = books.again(made)
    assert invoice["totalAmountExcludingTax"] == 140
    assert invoice["totalAmountIncludingTax"] == Decimal("143.97")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, 'A "customerNumber" or a "customerId" must be provided.'),
        ({"customerNumber": "NOBODY"}, "The sell-to customer cannot be found."),
        (
            {"customerNumber": SOMEONE, "billToCustomerNumber": "NOBODY"},
            "The bill-to customer cannot be found.",
        ),
        (
            {"customerNumber": SOMEONE, "currencyCode": "XXX"},
            'The "currencyCode" does not match to a Currency.',
        ),
        (
            {
                "customerNumber": SOMEONE,
                "paymentTermsId": "08d6af57-da71-4448-96c8-da1964b2d200",
            },
            'The "paymentTermsId" does not match to a Payment Terms.',
        ),
        (
            {"customerNumber": SOMEONE, "disputeStatus": "NONE"},
            "The dispute status cannot be found.",
        ),
    ],
)
def test_a_draft_needs_what_the_page_asks_for(
    books: Books, body: dict[str, Any], words: str
) -> None:
    answer = books.ask("POST", "salesInvoices", json=body)
    assert error_of(answer) == (400, "Application_DialogException")
    assert words in message_of(answer)


def test_a_line_sells_an_item_or_an_account_never_both(books: Books) -> None:
    made = draft(books, [])
    path = f"salesInvoices({made['id']})/salesInvoiceLines"
    both = {"itemId": item(books)["id"], "accountId": books.account("4010")["id"]}
    assert 'Both "itemId" and "accountId"' in message_of(books.ask("POST", path, json=both))
    freight = books.post(path, {"accountId": books.account("4010")["id"], "quantity": 1})
    assert (freight["lineType"], freight["lineObjectNumber"]) == ("Account", "4010")
    again = {"sequence": freight["sequence"]}
    assert error_of(books.ask("POST", path, json=again))[1] == "Internal_EntityWithSameKeyExists"


def test_posting_keeps_the_id_changes_the_number_and_fills_the_books(books: Books) -> None:
    made = draft(books)

    answer = act(books, made, "post")

    assert answer.status_code == 204
    assert answer.headers["Location"].endswith(f"salesInvoices({made['id']})")
    invoice = books.again(made)
    assert (invoice["status"], invoice["remainingAmount"]) == ("Open", Decimal("103.50"))
    assert made["number"].startswith("D-")
    assert invoice["number"].startswith("INV-")
    entry = books.ledger(invoice["number"])[0]
    assert (entry["remainingAmount"], entry["dueDate"]) == ("103.5", invoice["dueDate"])
    booked = books.get(f"generalLedgerEntries?$filter=documentNumber eq '{invoice['number']}'")
    assert sum(e["debitAmount"] - e["creditAmount"] for e in booked["value"]) == 0
    books.pay(invoice, "103.50")
    assert books.again(made)["status"] == "Paid"


@pytest.mark.parametrize("customer", ["C-20081", "C-30012", "C-40008", "C-50003", "C-10218"])
def test_documents_in_every_currency_balance_in_the_books(books: Books, customer: str) -> None:
    lines = [
        {"itemId": item(books)["id"], "quantity": Decimal("2.5"), "discountPercent": 7},
        {"itemId": item(books, "NW-4418")["id"], "quantity": 3},
        {"accountId": books.account("4910")["id"], "quantity": 1, "unitPrice": 20},
    ]
    body = {"customerNumber": customer, "discountAmount": 5}
    invoice = books.post("salesInvoices", {**body, "salesInvoiceLines": lines})
    credit = books.post("salesCreditMemos", {**body, "salesCreditMemoLines": lines})
    act(books, invoice, "post")
    act(books, credit, "post", "salesCreditMemos")

    for entity_set, made, sign in (("salesInvoices", invoice, 1), ("salesCreditMemos", credit, -1)):
        posted = books.get(f"{entity_set}({made['id']})")
        entry = books.ledger(posted["number"])[0]
        assert Decimal(entry["amount"]) == sign * posted["totalAmountIncludingTax"] != 0
        moved = books.get(f"generalLedgerEntries?$filter=documentNumber eq '{posted['number']}'")
        sums = {e["accountNumber"]: e["debitAmount"] - e["creditAmount"] for e in moved["value"]}
        assert sum(sums.values()) == 0
        assert sums["1310"] == Decimal(entry["details"][0]["amountLCY"])
        assert sums["4910"] * sign < 0


def test_an_invoice_for_another_payer_is_owed_by_the_bill_to_customer(books: Books) -> None:
    payer = books.customer(displayName="Head office")
    made = draft(books, billToCustomerId=payer["id"])
    act(books, made, "Post")  # the name of an action is not case-sensitive

    invoice = books.again(made)

    assert (invoice["customerNumber"], invoice["billToCustomerNumber"]) == (
        SOMEONE,
        payer["number"],
    )
    assert books.ledger(invoice["number"])[0]["customerNumber"] == payer["number"]


def test_a_clerks_invoice_may_be_owed_by_another_customer(books: Books) -> None:
    payer = books.customer(displayName="Head office", currencyCode="EUR")
    invoice = books.invoice("64.00", bill_to=payer["number"])
    assert (invoice["customerNumber"], invoice["billToName"]) == (SOMEONE, "Head office")
    assert invoice["currencyCode"] == "EUR"
    assert invoice["remainingAmount"] == 64
    assert books.ledger(invoice["number"])[0]["customerNumber"] == payer["number"]
    act(books, invoice, "cancel")
    memo = books.only(f"salesCreditMemos?$filter=invoiceNumber eq '{invoice['number']}'")
    assert (memo["customerNumber"], memo["billToName"]) == (SOMEONE, "Head office")


def test_what_is_posted_is_not_changed_posted_again_or_deleted(books: Books) -> None:
    made = draft(books)
    act(books, made, "post")
    path = f"salesInvoices({made['id']})"

    assert "draft invoice only" in message_of(act(books, made, "post"))
    assert "no longer be modified" in message_of(books.ask("DELETE", path))
    change = books.ask("PATCH", path, json={"externalDocumentNumber": "X"}, headers=ANY)
    assert "no longer be modified" in message_of(change)
    line = lines_of(books, made)[0]
    one = f"{path}/salesInvoiceLines({line['id']})"
    assert "no longer be modified" in message_of(
        books.ask("PATCH", one, json={"quantity": 9}, headers=ANY)
    )
    assert books.ask("DELETE", one).status_code == 400
    assert books.ask("POST", f"{path}/salesInvoiceLines", json={"quantity": 1}).status_code == 400


def test_a_draft_without_lines_or_quantity_is_not_posted(books: Books) -> None:
    assert "at least one line item" in message_of(act(books, draft(books, []), "post"))
    empty = draft(books, [{"itemId": item(books)["id"]}])
    assert "do not have a quantity" in message_of(act(books, empty, "post"))
    assert books.again(empty)["status"] == "Draft"


def test_a_draft_can_be_changed_and_deleted_with_its_lines(books: Books) -> None:
    made = draft(books)
    path = f"salesInvoices({made['id']})"
    body = {"invoiceDate": "2026-05-04", "customerPurchaseOrderReference": "PO-9"}
    changed = books.ask("PATCH", path, json=body, headers=ANY).json()
    assert (changed["invoiceDate"], changed["dueDate"]) == ("2026-05-04", "2026-06-03")
    line = lines_of(books, made)[0]

    assert books.ask("DELETE", path).status_code == 204

    assert books.ask("GET", path).status_code == 404
    assert books.ask("GET", f"salesInvoiceLines({line['id']})").status_code == 404


def test_a_released_draft_is_changed_only_when_it_is_opened_again(books: Books) -> None:
    released = books.only("salesInvoices?$filter=number eq 'D-10025'")
    path = f"salesInvoices({released['id']})"
    answer = books.ask("PATCH", path, json={"email": "x@y.example"}, headers=ANY)
    assert error_of(answer) == (400, "Application_FieldValidationException")
    assert "Status must be equal to 'Open'" in message_of(answer)


def test_a_blocked_customer_gets_no_new_invoice(books: Books) -> None:
    blocked = books.customer(blocked="Invoice")
    answer = books.ask("POST", "salesInvoices", json={"customerId": blocked["id"]})
    assert "blocked with type Invoice" in message_of(answer)
    memo = books.ask("POST", "salesCreditMemos", json={"customerId": blocked["id"]})
    assert memo.status_code == 201


def test_sending_needs_an_address_and_posting_and_sending_posts_before(books: Books) -> None:
    silent = books.customer(displayName="No Mail Inn")
    made = draft(books, customerNumber=silent["number"])
    assert "The send-to email is empty." in message_of(act(books, made, "send"))
    assert books.again(made)["status"] == "Draft"
    assert "The send-to email is empty." in message_of(act(books, made, "postAndSend"))
    assert books.again(made)["status"] == "Open"
    assert act(books, draft(books), "postAndSend").status_code == 204


def test_cancelling_makes_a_corrective_credit_memo_and_happens_once(books: Books) -> None:
    made = draft(books)
    assert "posted invoice only" in message_of(act(books, made, "cancel"))
    act(books, made, "post")

    assert act(books, made, "cancelAndSend").status_code == 204

    invoice = books.again(made)
    assert (invoice["status"], invoice["remainingAmount"]) == ("Canceled", 0)
    memo = books.only(f"salesCreditMemos?$filter=invoiceNumber eq '{invoice['number']}'")
    assert (memo["status"], memo["invoiceId"]) == ("Corrective", invoice["id"])
    assert memo["totalAmountIncludingTax"] == invoice["totalAmountIncludingTax"]
    assert "already been canceled" in message_of(act(books, made, "cancel"))


def test_a_corrective_credit_memo_is_a_draft_that_closes_the_invoice(books: Books) -> None:
    made = draft(books)
    act(books, made, "post")
    answer = act(books, made, "makeCorrectiveCreditMemo")
    memo = books.http.get(answer.headers["Location"]).json()
    assert (memo["status"], memo["invoiceId"]) == ("Draft", made["id"])
    assert memo["totalAmountIncludingTax"] == 103.5

    assert act(books, memo, "post", "salesCreditMemos").status_code == 204

    assert (books.again(made)["status"], books.again(made)["remainingAmount"]) == ("Paid", 0)
    assert books.get(f"salesCreditMemos({memo['id']})")["status"] == "Paid"
    assert "The invoice is closed." in message_of(act(books, made, "makeCorrectiveCreditMemo"))


def test_no_corrective_credit_memo_for_an_invoice_that_is_partly_paid(books: Books) -> None:
    invoice = books.invoice("90.00")
    books.pay(invoice, "10.00")
    answer = act(books, invoice, "makeCorrectiveCreditMemo")
    assert "The invoice is partially paid or credited." in message_of(answer)
    assert "fully or partially paid" in message_of(act(books, invoice, "cancel"))


def test_an_action_that_the_entity_lacks_is_501(books: Books) -> None:
    invoice = books.invoice()
    answer = act(books, invoice, "shipAndInvoice")
    assert error_of(answer) == (501, "BadRequest_MethodNotImplemented")
