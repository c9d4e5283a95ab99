"""Orders, their shipments and invoices; credit memos and what becomes of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.business_central.bc_company import SOMEONE, Books, error_of, message_of

ANY = {"If-Match": "*"}


def order(books: Books, *items: tuple[str, int], **given: Any) -> Any:
    lines = [
        {"lineType": "Item", "lineObjectNumber": number, "quantity": quantity}
        for number, quantity in items or (("NW-1042", 10), ("NW-2210", 4))
    ]
    return books.post("salesOrders", {"customerNumber": SOMEONE, "salesOrderLines": lines, **given})


def lines_of(books: Books, record: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = books.get(f"salesOrders({record['id']})/salesOrderLines")["value"]
    return found


def ship_and_invoice(books: Books, record: Any) -> Any:
    return books.ask("POST", f"salesOrders({record['id']})/Microsoft.NAV.shipAndInvoice")


def memo(books: Books, invoice: Any = None, amount: str = "40.00", **given: Any) -> Any:
    """A posted credit memo by API, for an invoice if one is given."""
    body: dict[str, Any] = {"customerNumber": SOMEONE, **given}
    if invoice is not None:
        body["invoiceNumber"] = invoice["number"]
    line = {"accountId": books.account("4010")["id"], "quantity": 1, "unitPrice": Decimal(amount)}
    made = books.post("salesCreditMemos", {**body, "salesCreditMemoLines": [line]})
    answer = books.ask("POST", f"salesCreditMemos({made['id']})/Microsoft.NAV.post")
    assert answer.status_code == 204, answer.text
    return books.get(f"salesCreditMemos({made['id']})")


def test_an_order_is_shipped_and_invoiced_and_then_gone(books: Books) -> None:
    made = order(books, externalDocumentNumber="PO-4711")
    total = books.get(f"salesOrders({made['id']})")["totalAmountIncludingTax"]

    answer = ship_and_invoice(books, made)

    assert answer.status_code == 204
    invoice = books.again(books.http.get(answer.headers["Location"]).json())
    assert (invoice["orderId"], invoice["orderNumber"]) == (made["id"], made["number"])
    assert (invoice["status"], invoice["totalAmountIncludingTax"]) == ("Open", total)
    assert invoice["customerPurchaseOrderReference"] == "PO-4711"
    shipment = books.only(f"salesShipments?$filter=orderNumber eq '{made['number']}'")
    lines = books.get(f"salesShipments({shipment['id']})/salesShipmentLines")["value"]
    assert [(line["lineObjectNumber"], line["quantity"]) for line in lines] == [
        ("NW-1042", 10),
        ("NW-2210", 4),
    ]
    assert books.ask("GET", f"salesOrders({made['id']})").status_code == 404
    books.pay(invoice, str(total))


def test_a_discount_of_the_order_goes_with_what_is_invoiced(books: Books) -> None:
    made = order(books, ("NW-1042", 10), discountAmount=20)
    books.ask("PATCH", f"salesOrders({made['id']})", json={"discountAmount": 20}, headers=ANY)
    (line,) = lines_of(books, made)
    body = {"shipQuantity": 4, "invoiceQuantity": 4}
    books.ask("PATCH", f"salesOrderLines({line['id']})", json=body, headers=ANY)

    invoice = books.http.get(ship_and_invoice(books, made).headers["Location"]).json()

    assert (invoice["discountAmount"], invoice["totalAmountIncludingTax"]) == (8, 130)


def test_a_part_is_shipped_and_the_rest_stays_in_the_order(books: Books) -> None:
    made = order(books, ("NW-1042", 10))
    (line,) = lines_of(books, made)
    body = {"shipQuantity": 4, "invoiceQuantity": 4}
    books.ask("PATCH", f"salesOrderLines({line['id']})", json=body, headers=ANY)

    invoice = books.http.get(ship_and_invoice(books, made).headers["Location"]).json()

    assert invoice["totalAmountIncludingTax"] == 138
    (rest,) = lines_of(books, made)
    assert [rest[name] for name in ("quantity", "shippedQuantity", "invoicedQuantity")] == [
        10, 4, 4,
    ]  # fmt: skip
    assert [rest["shipQuantity"], rest["invoiceQuantity"]] == [6, 6]
    left = books.get(f"salesOrders({made['id']})")
    assert (left["status"], left["fullyShipped"]) == ("Open", False)
    assert left["totalAmountIncludingTax"] == 345
    second = books.http.get(ship_and_invoice(books, made).headers["Location"]).json()
    assert second["totalAmountIncludingTax"] == 207
    assert books.ask("GET", f"salesOrders({made['id']})").status_code == 404


def test_no_more_is_shipped_than_is_left(books: Books) -> None:
    (line,) = lines_of(books, order(books, ("NW-1042", 2)))
    answer = books.ask(
        "PATCH", f"salesOrderLines({line['id']})", json={"shipQuantity": 3}, headers=ANY
    )
    assert error_of(answer) == (400, "Application_DialogException")


def test_an_order_that_waits_for_approval_or_names_prices_with_tax_is_refused(
    books: Books,
) -> None:
    waiting = books.only("salesOrders?$filter=number eq 'SO-102215'")
    assert "approval process" in message_of(ship_and_invoice(books, waiting))
    body = {"customerNumber": SOMEONE, "pricesIncludeTax": True}
    assert '"pricesIncludeTax" cannot be set' in message_of(
        books.ask("POST", "salesOrders", json=body)
    )


def test_seeded_orders_led_to_seeded_invoices(books: Books) -> None:
    half = [each for each in books.get("salesOrders")["value"] if each["number"] < "SO-102206"]
    assert len(half) == 4
    for each in half:
        invoice = books.only(f"salesInvoices?$filter=orderNumber eq '{each['number']}'")
        assert invoice["orderId"] == each["id"]
        assert invoice["totalAmountIncludingTax"] < each["totalAmountIncludingTax"]
        left = [line for line in lines_of(books, each) if line["shippedQuantity"] == 0]
        assert len(left) == 2


def test_every_invoice_of_an_order_has_its_shipment(books: Books) -> None:
    shipment = books.only("salesShipments?$filter=orderNumber eq 'SO-102141'&$expand=customer")
    assert shipment["customer"]["number"] == "C-10482"
    assert (shipment["number"][:3], shipment["shipmentMethodCode"]) == ("SH-", "FOB")
    lines = books.get(f"salesShipmentLines?$filter=documentId eq {shipment['id']}")["value"]
    assert [line["lineType"] for line in lines] == ["Item"] * 5


def test_a_credit_memo_has_no_remaining_amount_and_becomes_paid_when_it_is_used(
    books: Books,
) -> None:
    credit = memo(books)
    assert (credit["status"], credit["number"][:3]) == ("Open", "CM-")
    assert "remainingAmount" not in credit
    invoice = books.invoice("100.00")
    tag = credit["@odata.etag"]

    books.clerk("apply-credit", credit=credit["number"], invoice=invoice["number"], amount="15")
    assert books.get(f"salesCreditMemos({credit['id']})")["@odata.etag"] == tag  # part: untouched
    books.clerk("apply-credit", credit=credit["number"], invoice=invoice["number"])

    used = books.get(f"salesCreditMemos({credit['id']})")
    assert (used["status"], books.again(invoice)["remainingAmount"]) == ("Paid", 60)
    books.clerk("unapply", document=credit["number"])
    assert books.get(f"salesCreditMemos({credit['id']})")["status"] == "Open"


def test_a_credit_memo_for_an_invoice_is_applied_to_it_when_it_is_posted(books: Books) -> None:
    invoice = books.invoice("100.00")

    credit = memo(books, invoice)

    assert (credit["status"], credit["invoiceId"]) == ("Paid", invoice["id"])
    assert books.again(invoice)["remainingAmount"] == 60
    pages = books.ask("GET", f"salesCreditMemos?$filter=invoiceId eq {invoice['id']}")
    assert error_of(pages)[0] == 400  # a page variable


def test_a_credit_memo_for_a_paid_invoice_is_not_posted(books: Books) -> None:
    invoice = books.invoice("20.00")
    books.pay(invoice, "20.00")
    body = {"customerNumber": SOMEONE, "invoiceId": invoice["id"]}
    made = books.post("salesCreditMemos", body)
    path = f"salesCreditMemos({made['id']})"
    assert "at least one line item to the credit memo" in message_of(
        books.ask("POST", f"{path}/Microsoft.NAV.post")
    )
    line = {"accountId": books.account("4010")["id"], "quantity": 1, "unitPrice": 5}
    books.post(f"{path}/salesCreditMemoLines", line)
    answer = books.ask("POST", f"{path}/Microsoft.NAV.post")
    assert error_of(answer) == (400, "Internal_DataNotFoundFilter")
    assert books.get(path)["status"] == "Draft"


def test_a_corrective_credit_memo_is_cancelled_and_its_invoice_is_owed_again(books: Books) -> None:
    plain = memo(books)
    answer = books.ask("POST", f"salesCreditMemos({plain['id']})/Microsoft.NAV.cancel")
    assert "not a corrective document" in message_of(answer)
    invoice = books.invoice("70.00")
    books.ask("POST", f"salesInvoices({invoice['id']})/Microsoft.NAV.cancel")
    credit = books.only(f"salesCreditMemos?$filter=invoiceNumber eq '{invoice['number']}'")
    path = f"salesCreditMemos({credit['id']})"

    assert books.ask("POST", f"{path}/Microsoft.NAV.cancel").status_code == 204

    assert books.get(path)["status"] == "Canceled"
    assert "already been canceled" in message_of(books.ask("POST", f"{path}/Microsoft.NAV.cancel"))
    undone = books.get("salesInvoices?$filter=status eq 'Corrective'&$orderby=number desc")["value"]
    assert (undone[0]["totalAmountIncludingTax"], undone[0]["remainingAmount"]) == (70, 0)
    again = books.again(invoice)
    assert (again["status"], again["remainingAmount"]) == ("Open", 70)
    books.pay(invoice, "70.00")


@pytest.mark.parametrize(
    ("number", "status", "of"),
    [("CM-1171", "Corrective", "INV-204290"), ("CM-1178", "Canceled", "INV-204321"),
     ("CM-1187", "Open", "")],
)  # fmt: skip
def test_the_seeded_credit_memos_are_there(books: Books, number: str, status: str, of: str) -> None:
    found = books.only(
        f"salesCreditMemos?$filter=number eq '{number}'&$expand=salesCreditMemoLines"
    )
    assert (found["status"], found["invoiceNumber"]) == (status, of)
    lines = found["salesCreditMemoLines"]
    assert sum(line["netAmountIncludingTax"] for line in lines) == found["totalAmountIncludingTax"]
    assert books.ledger(number)[0]["amount"] == str(-found["totalAmountIncludingTax"])


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("salesCreditMemos?$filter=number eq 'CM-1187'", (b"Credit memo CM-1187", b"312.60")),
        ("salesOrders?$filter=number eq 'SO-102211'", (b"Order confirmation SO-102211",)),
        ("salesShipments?$filter=orderNumber eq 'SO-102141'", (b"Shipment SH-", b"Arabica")),
    ],
)
def test_other_documents_are_printed_too(
    books: Books, place: str, words: tuple[bytes, ...]
) -> None:
    row = books.only(place)
    path = f"{place.partition('?')[0]}({row['id']})/pdfDocument"
    content = books.ask("GET", f"{path}/pdfDocumentContent").content
    assert content.startswith(b"%PDF-1.4")
    for word in words:
        assert word in content
    assert (b"Price" in content) == ("Shipments" not in place)


def test_the_language_of_the_request_is_that_of_the_print(books: Books) -> None:
    invoice = books.only("salesInvoices?$filter=number eq 'INV-204391'")
    path = f"salesInvoices({invoice['id']})/pdfDocument/pdfDocumentContent"
    for asked, word in (("de-DE,en;q=0.5", b"Rechnung INV"), ("fr", b"Facture INV"),
                        ("en-US,de", b"Invoice INV"), ("sv", b"Invoice INV")):  # fmt: skip
        answer = books.ask("GET", path, headers={"Accept-Language": asked})
        assert word in answer.content, asked


def test_a_clerk_takes_an_order_ships_it_and_invoices_it_later(books: Books) -> None:
    made = books.clerk("order", customer=SOMEONE, items=[["NW-1042", 10]], purchase_order="PO-1")
    shipped = books.clerk("ship", order=made["number"], quantity=4)
    assert books.get(f"salesShipments({shipped['id']})")["orderNumber"] == made["number"]
    assert books.get(f"salesOrders({made['id']})")["fullyShipped"] is False

    invoiced = books.clerk("invoice-order", order=made["number"])

    assert books.get(f"salesInvoices({invoiced['id']})")["totalAmountIncludingTax"] == 345
    assert len(books.get(f"salesShipments?$filter=orderNumber eq '{made['number']}'")["value"]) == 2


def test_a_clerk_releases_and_posts_drafts_and_attaches_files(books: Books) -> None:
    made = books.clerk("draft", customer=SOMEONE, amount="55.00", status="Open")
    released = books.get(f"salesInvoices({made['id']})")
    assert (released["status"], released["remainingAmount"]) == ("Open", 55)
    books.clerk("release", document=made["number"], reopen=True)
    assert books.get(f"salesInvoices({made['id']})")["status"] == "Draft"
    books.clerk("attach", document=made["number"], name="Terms.txt", text="Net 30.")
    posted = books.clerk("post-document", document=made["number"])
    assert posted["id"] == made["id"]
    (file,) = books.get(f"salesInvoices({made['id']})/documentAttachments")["value"]
    assert books.http.get(file["attachmentContent@odata.mediaReadLink"]).text == "Net 30."
    refused = books.control.post("/clerk/ship", json={"order": "SO-0"})
    assert refused.json()["error"] == "There is no order 'SO-0'."
