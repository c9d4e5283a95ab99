"""What hangs around documents: files, contacts, aging, dimensions, journal lines, the schema."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sandbox.business_central.facts import entities
from sandbox.business_central.launch import Running
from tests.sandbox.business_central.bc_company import SOMEONE, Books, error_of, message_of

ANY = {"If-Match": "*"}
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
TODAY = datetime.now(UTC).date()


def attached(books: Books, parent: str, entity_set: str = "documentAttachments") -> Any:
    return books.post(f"{parent}/{entity_set}", {"fileName": "Proof of delivery.txt"})


@pytest.mark.parametrize("entity_set", ["documentAttachments", "attachments"])
def test_a_file_is_made_filled_read_and_deleted(books: Books, entity_set: str) -> None:
    invoice = books.invoice()
    made = attached(books, f"salesInvoices({invoice['id']})", entity_set)
    assert (made["parentType"], made["byteSize"]) == ("Sales_x0020_Invoice", 0)
    link = made["attachmentContent@odata.mediaEditLink"]
    assert books.http.get(link).status_code == 204

    without_tag = books.http.patch(link, content=b"signed")
    assert error_of(without_tag) == (400, "BadRequest_InvalidToken")
    headers = {"If-Match": made["@odata.etag"], "Content-Type": "text/plain"}
    assert books.http.patch(link, content=b"signed", headers=headers).status_code == 204
    assert error_of(books.http.patch(link, content=b"x", headers=headers))[0] == 409

    one = f"{entity_set}({made['id']})"
    assert books.get(one)["byteSize"] == 6
    answer = books.http.get(made["attachmentContent@odata.mediaReadLink"])
    assert (answer.content, answer.headers["content-type"].partition(";")[0]) == (
        b"signed",
        "text/plain",
    )
    listed = books.get(f"salesInvoices({invoice['id']})/{entity_set}")["value"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert books.ask("DELETE", one).status_code == 204
    assert books.http.get(link).status_code == 404


def test_where_a_file_hangs_stays_and_a_bad_name_is_replaced(books: Books) -> None:
    customer = books.customer()
    made = books.post(f"customers({customer['id']})/documentAttachments", {"fileName": "a:b"})
    assert (made["fileName"], made["parentType"]) == ("filename.txt", "Customer")
    moved = books.ask(
        "PATCH",
        f"documentAttachments({made['id']})",
        json={"parentId": books.invoice()["id"]},
        headers=ANY,
    )
    assert "You cannot change the value of the key field parentId." in message_of(moved)


def test_customers_have_no_incoming_files_and_unknown_parents_none_at_all(books: Books) -> None:
    body = {"parentId": books.customer()["id"], "parentType": "Customer", "fileName": "a.txt"}
    answer = books.ask("POST", "attachments", json=body)
    assert "Use documentAttachments API instead." in message_of(answer)
    body["parentId"] = "08d6af57-da71-4448-96c8-da1964b2d200"
    assert "does not exist" in message_of(books.ask("POST", "documentAttachments", json=body))


def test_incoming_files_flat_are_those_that_hang_on_nothing(books: Books) -> None:
    loose = books.post("attachments", {"fileName": "loose.txt"})
    assert [each["id"] for each in books.get("attachments")["value"]] == [loose["id"]]


def test_the_seeded_files_can_be_read(books: Books) -> None:
    shown = books.only("salesInvoices?$filter=number eq 'INV-204391'&$expand=documentAttachments")
    (packing,) = shown["documentAttachments"]
    content = books.http.get(packing["attachmentContent@odata.mediaReadLink"]).content
    assert content.startswith(b"%PDF-1.4")
    assert packing["byteSize"] == len(content)


def test_a_picture_is_put_on_a_customer_and_taken_off(books: Books) -> None:
    customer = books.customer()
    path = f"customers({customer['id']})/picture"
    picture = books.get(path)
    link = picture["pictureContent@odata.mediaEditLink"]
    headers = {"If-Match": "*", "Content-Type": "image/png"}
    books.http.patch(link, content=b"\x89PNG", headers=headers)
    assert books.get(path)["contentType"] == "image/png"
    assert books.ask("GET", f"{path}/pictureContent").content == b"\x89PNG"
    assert books.ask("DELETE", f"pictures({customer['id']})").status_code == 204
    assert books.get(path)["contentType"] == ""


def test_aging_puts_what_is_due_into_periods_and_sums_all_in_a_last_row(books: Books) -> None:
    customer = books.customer()
    for days, amount in ((5, "1.00"), (0, "2.00"), (-1, "4.00"), (-31, "8.00"), (-400, "16.00")):
        due = (TODAY + timedelta(days=days)).isoformat()
        books.invoice(amount, customer["number"], due=due)

    aged = books.get(f"customers({customer['id']})/agedAccountsReceivable")

    amounts = ("currentAmount", "period1Amount", "period2Amount", "period3Amount", "balanceDue")
    assert [aged[name] for name in amounts] == [3, 4, 8, 16, 31]
    assert (aged["agedAsOfDate"], aged["periodLengthFilter"]) == (TODAY.isoformat(), "30D")
    month_ago = TODAY - timedelta(days=30)
    assert aged["period1Label"] == f"{month_ago:%m/%d/%y}-{TODAY:%m/%d/%y}"
    every = books.get("agedAccountsReceivables")["value"]
    total = every[-1]
    assert (total["name"], total["customerId"]) == ("Total", "00000000-0000-0000-0000-000000000000")
    for name in amounts:
        assert sum(each[name] for each in every[:-1]) == total[name]
    details = books.get("customerFinancialDetails?$select=balance")["value"]
    assert total["balanceDue"] == sum(each["balance"] for each in details)


def test_aging_takes_another_day_and_another_length_by_filter(books: Books) -> None:
    customer = books.customer()
    books.invoice("10.00", customer["number"], due=(TODAY - timedelta(days=20)).isoformat())
    earlier = (TODAY - timedelta(days=30)).isoformat()

    def aged(filter_: str) -> Any:
        filter_ = f"customerId eq {customer['id']} and {filter_}"
        return books.only(f"agedAccountsReceivables?$filter={filter_}")

    assert aged(f"agedAsOfDate eq {earlier}")["currentAmount"] == 10
    assert aged("periodLengthFilter eq '1W'")["period3Amount"] == 10
    assert aged("periodLengthFilter eq '1M'")["period1Amount"] == 10
    bad = books.ask("GET", "agedAccountsReceivables?$filter=periodLengthFilter eq 'x'")
    assert error_of(bad) == (400, "Application_EvaluateException")


def test_a_customer_leads_to_its_contacts_and_back(books: Books) -> None:
    hotel = books.only(
        "customers?$filter=number eq 'C-10482'&$expand=contactsInformation($expand=contact)"
    )
    people = [each["contact"] for each in hotel["contactsInformation"]]
    assert {"Harborline Hotels", "Dana Okafor"} <= {each["displayName"] for each in people}
    (dana,) = [each for each in people if each["displayName"] == "Dana Okafor"]
    person = books.get(f"customerContacts({dana['id']})")
    assert (person["customerId"], person["professionalTitle"]) == (hotel["id"], "Buyer")
    path = f"customerContacts({dana['id']})"
    books.ask("PATCH", path, json={"professionalTitle": "Head buyer"}, headers=ANY)
    assert books.get(f"contacts({dana['id']})")["jobTitle"] == "Head buyer"


def test_contacts_are_made_named_and_numbered(books: Books) -> None:
    made = books.post("contacts", {"displayName": "Blue Yonder", "type": "Company"})
    assert made["number"].startswith("CT-")
    nameless = books.ask("POST", "contacts", json={"email": "x@y.example"})
    assert 'A "displayName" must be provided.' in message_of(nameless)
    again = books.ask("POST", "contacts", json={"displayName": "A", "number": made["number"]})
    assert error_of(again)[1] == "Internal_EntityWithSameKeyExists"


def test_a_new_document_has_its_customers_dimensions_and_can_change_them(books: Books) -> None:
    invoice = books.post("salesInvoices", {"customerNumber": SOMEONE})
    path = f"salesInvoices({invoice['id']})/dimensionSetLines"
    (region,) = books.get(path)["value"]
    assert (region["code"], region["valueCode"], region["parentType"]) == (
        "REGION", "NORTHWEST", "Sales_x0020_Invoice",
    )  # fmt: skip
    assert books.get(f"salesInvoices({invoice['id']})")["shortcutDimension2Code"] == "NORTHWEST"

    books.post(path, {"code": "DEPARTMENT", "valueCode": "ADM"})
    twice = books.ask("POST", path, json={"code": "DEPARTMENT", "valueCode": "SALES"})
    assert "already exists" in message_of(twice)
    one = f"{path}({region['id']})"
    changed = books.ask("PATCH", one, json={"valueCode": "WEST"}, headers=ANY)
    assert changed.json()["valueDisplayName"] == "West"
    assert books.ask("PATCH", one, json={"code": "DEPARTMENT"}, headers=ANY).status_code == 400
    assert books.ask("DELETE", one).status_code == 204
    assert [each["code"] for each in books.get(path)["value"]] == ["DEPARTMENT"]


def test_the_two_global_dimensions_stand_on_the_document_too(books: Books) -> None:
    body = {"customerNumber": SOMEONE, "shortcutDimension2Code": "WEST"}
    invoice = books.post("salesInvoices", body)
    path = f"salesInvoices({invoice['id']})"
    assert invoice["shortcutDimension2Code"] == "WEST"
    (region,) = books.get(f"{path}/dimensionSetLines")["value"]
    assert region["valueCode"] == "WEST"
    wrong = books.ask("PATCH", path, json={"shortcutDimension1Code": "MOON"}, headers=ANY)
    assert error_of(wrong) == (400, "Internal_InvalidTableRelation")
    books.ask("PATCH", path, json={"shortcutDimension2Code": ""}, headers=ANY)
    assert books.get(f"{path}/dimensionSetLines")["value"] == []


def test_dimensions_of_a_posted_invoice_are_read_only(books: Books) -> None:
    invoice = books.only("salesInvoices?$filter=number eq 'INV-204391'&$expand=dimensionSetLines")
    assert {each["code"] for each in invoice["dimensionSetLines"]} == {"REGION", "DEPARTMENT"}
    line = invoice["dimensionSetLines"][0]
    path = f"salesInvoices({invoice['id']})/dimensionSetLines({line['id']})"
    answer = books.ask("DELETE", path)
    assert "read only for parent type Sales Invoice" in message_of(answer)


def test_exchange_rates_are_those_that_posting_uses(books: Books) -> None:
    rates = {each["currencyCode"]: each for each in books.get("currencyExchangeRates")["value"]}
    invoice = books.invoice("100.00", "C-20081")
    entry = books.ledger(invoice["number"])[0]
    euro = rates["EUR"]
    factor = euro["relationalExchangeRateAmount"] / euro["exchangeRateAmount"]
    assert Decimal(entry["details"][0]["amountLCY"]) == 100 * factor


def test_journal_lines_are_made_read_changed_and_posted(books: Books) -> None:
    journal = books.post("journals", {"code": "FEES"})
    path = f"journals({journal['id']})/journalLines"
    body = {
        "accountNumber": "2920",
        "amount": Decimal("-12.50"),
        "documentNumber": "FEE-1",
        "balancingAccountNumber": "2910",
    }
    line = books.post(path, body)
    assert (line["accountType"], line["description"]) == (
        "G_x002F_L_x0020_Account",
        "Bank, operating accounts",
    )
    assert line["accountId"] == books.account("2920")["id"]
    assert line["balancingAccountId"] == books.account("2910")["id"]
    second = books.post(path, {"accountId": books.account("2910")["id"], "amount": 1})
    assert (second["lineNumber"], second["documentNumber"]) == (20000, "FEE-1")
    assert books.ask("DELETE", f"journalLines({second['id']})").status_code == 204

    changed = books.ask("PATCH", f"journalLines({line['id']})", json={"amount": -13}, headers=ANY)
    assert changed.json()["amount"] == -13
    assert books.post_batch(journal).status_code == 204

    entries = books.get("generalLedgerEntries?$filter=documentNumber eq 'FEE-1'")["value"]
    assert {each["accountNumber"]: each["debitAmount"] - each["creditAmount"] for each in entries} \
        == {"2920": -13, "2910": 13}  # fmt: skip


def test_a_journal_is_renamed_and_deleted_with_its_lines(books: Books) -> None:
    journal = books.post("journals", {"code": "OLD", "displayName": "Old"})
    line = books.post("journalLines", {"journalId": journal["id"], "amount": 1})
    path = f"journals({journal['id']})"
    changed = books.ask("PATCH", path, json={"code": "NEW"}, headers=ANY)
    assert changed.json()["code"] == "NEW"
    assert books.get(f"journalLines({line['id']})")["journalDisplayName"] == "NEW"
    moved = {"journalId": books.post("journals", {"code": "OTHER"})["id"]}
    answer = books.ask("PATCH", f"journalLines({line['id']})", json=moved, headers=ANY)
    assert "The Journal Batch Id isn't editable." in message_of(answer)
    taken = {"journalId": journal["id"], "lineNumber": line["lineNumber"]}
    again = books.ask("POST", "journalLines", json=taken)
    assert error_of(again) == (400, "Internal_EntityWithSameKeyExists")
    assert books.ask("DELETE", path).status_code == 204
    assert books.ask("GET", f"journalLines({line['id']})").status_code == 404


def test_journal_lines_take_no_customers(books: Books) -> None:
    journal = books.post("journals", {"code": "NOCUST"})
    body = {"accountType": "Customer", "accountNumber": SOMEONE, "amount": 1}
    answer = books.ask("POST", f"journals({journal['id']})/journalLines", json=body)
    assert error_of(answer) == (400, "Application_FieldValidationException")


@pytest.mark.parametrize(
    ("entity_set", "key"),
    [("paymentMethods", "code"), ("shipmentMethods", "code"), ("taxAreas", "code"),
     ("unitsOfMeasure", "code"), ("disputeStatus", "code"), ("countriesRegions", "code"),
     ("currencies", "code"), ("paymentTerms", "code"), ("items", "number")],
)  # fmt: skip
def test_setup_tables_are_written_and_keep_their_keys_apart(
    books: Books, entity_set: str, key: str
) -> None:
    made = books.post(entity_set, {key: "zz9", "displayName": "Made by a test"})
    assert made[key] == "ZZ9"  # a Code field is upper-cased
    again = books.ask("POST", entity_set, json={key: "ZZ9"})
    assert error_of(again) == (400, "Internal_EntityWithSameKeyExists")
    path = f"{entity_set}({made['id']})"
    stale = books.ask("PATCH", path, json={"displayName": "B"}, headers={"If-Match": 'W/"x"'})
    assert error_of(stale) == (409, "Request_EntityChanged")
    changed = books.ask("PATCH", path, json={"displayName": "B"}, headers=ANY)
    assert changed.json()["displayName"] == "B"
    assert books.ask("DELETE", path).status_code == 204


def test_payment_terms_that_are_in_use_stay(books: Books) -> None:
    terms = books.only("paymentTerms?$filter=code eq 'NET30'")
    assert "because it is used" in message_of(books.ask("DELETE", f"paymentTerms({terms['id']})"))


def test_the_schema_has_every_set_way_and_action(books: Books) -> None:
    schema = ET.fromstring(books.http.get(f"{books.root}/$metadata").text)
    types = {each.get("Name"): each for each in schema.iter(f"{EDM}EntityType")}
    sets = {each.get("Name"): each.get("EntityType") for each in schema.iter(f"{EDM}EntitySet")}
    bound = {
        (action.get("Name"), parameter.get("Type"))
        for action in schema.iter(f"{EDM}Action")
        for parameter in action.iter(f"{EDM}Parameter")
    }
    for entity in entities().values():
        assert sets[entity.set] == f"Microsoft.NAV.{entity.name}"
        shown = {each.get("Name") for each in types[entity.name].iter(f"{EDM}Property")}
        assert shown == set(entity.fields)
        for action in entity.actions:
            assert (action.removeprefix("Microsoft.NAV."), f"Microsoft.NAV.{entity.name}") in bound
    ways = {each.get("Name"): each.get("Type") for each in
            types["customer"].iter(f"{EDM}NavigationProperty")}  # fmt: skip
    assert ways["customerFinancialDetail"] == "Microsoft.NAV.customerFinancialDetail"
    assert ways["defaultDimensions"] == "Collection(Microsoft.NAV.defaultDimension)"
    for name in sets.values():
        assert str(name).removeprefix("Microsoft.NAV.") in types


def test_the_service_document_lists_the_sets(books: Books) -> None:
    listed = books.http.get(f"{books.root}/").json()["value"]
    assert {each["url"] for each in listed} == set(entities())


def test_a_set_that_is_elsewhere_is_501_and_an_unknown_one_404(books: Books) -> None:
    assert error_of(books.ask("GET", "vendors"))[0] == 501
    assert error_of(books.ask("GET", "widgets")) == (404, "BadRequest_ResourceNotFound")


def test_drafts_are_missing_without_an_error_for_who_may_not_read_them(
    books: Books, bc_running: Running
) -> None:
    limited = Books(bc_running, client_id="55555555-5555-5555-5555-555555555555")
    draft = books.post("salesInvoices", {"customerNumber": SOMEONE})

    seen = {each["status"] for each in limited.get("salesInvoices?$select=status")["value"]}
    answer = limited.ask("GET", f"salesInvoices({draft['id']})")
    count = limited.ask("GET", "salesInvoices/$count?$filter=status eq 'Draft'").text
    orders = limited.ask("GET", "salesOrders")
    limited.close()

    assert seen == {"Open", "Paid", "Canceled", "Corrective"}
    assert (answer.status_code, count) == (404, "0")
    assert "You do not have permissions to read Sales Orders." in message_of(orders)


def test_options_inside_of_an_expand_hold_there_only(books: Books) -> None:
    order = books.only(
        "salesOrders?$filter=number eq 'SO-102211'&$select=number&$expand=salesOrderLines("
        "$filter=lineObjectNumber eq 'NW-2210' and quantity ge 2;$select=quantity;"
        "$expand=item($select=number,type;$expand=defaultDimensions)),customer($select=number)"
    )
    (line,) = order["salesOrderLines"]
    assert line["quantity"] == 12
    assert (line["item"]["number"], line["item"]["defaultDimensions"]) == ("NW-2210", [])
    assert order["customer"].keys() == {"@odata.etag", "number"}
    assert books.ask("GET", "salesOrders?$expand=salesOrderLine").status_code == 400
    wrong = books.ask("GET", "customers?$expand=currency($filter=nothing eq 1)")
    assert error_of(wrong) == (400, "BadRequest")


def test_a_change_takes_no_lines_along(books: Books) -> None:
    made = books.post("salesInvoices", {"customerNumber": SOMEONE})
    body = {"salesInvoiceLines": [{"quantity": 1}]}
    answer = books.ask("PATCH", f"salesInvoices({made['id']})", json=body, headers=ANY)
    assert error_of(answer) == (400, "BadRequest")


def test_a_customer_with_a_draft_is_not_deleted_and_its_relations_must_be_there(
    books: Books,
) -> None:
    customer = books.customer()
    draft = books.post("salesInvoices", {"customerId": customer["id"]})
    path = f"customers({customer['id']})"
    assert "outstanding Sales Invoice" in message_of(books.ask("DELETE", path))
    books.ask("DELETE", f"salesInvoices({draft['id']})")
    nobody = {"paymentMethodId": "08d6af57-da71-4448-96c8-da1964b2d200"}
    answer = books.ask("PATCH", path, json=nobody, headers=ANY)
    assert 'The "paymentMethodId" does not match to a Payment Method.' in message_of(answer)
    assert books.ask("DELETE", path).status_code == 204


def test_there_are_two_companies_and_neither_knows_the_others_records(books: Books) -> None:
    first, second = books.http.get(f"{books.root}/companies").json()["value"]
    assert (first["name"], second["name"]) == ("Northwind Traders", "Northwind Traders Canada")
    there = f"{books.root}/companies({second['id']})"
    for entity_set in ("customers", "salesInvoices", "items", "accounts", "paymentTerms"):
        other = books.http.get(f"{there}/{entity_set}").json()["value"][0]["id"]
        own = books.get(entity_set)["value"][0]["id"]
        assert books.http.get(f"{there}/{entity_set}({other})").status_code == 200
        assert books.ask("GET", f"{entity_set}({other})").status_code == 404
        assert books.http.get(f"{there}/{entity_set}({own})").status_code == 404
    setup = books.http.get(f"{there}/generalLedgerSetup").json()["value"][0]
    assert setup["localCurrencyCode"] == "CAD"
    named = books.http.get(f"{books.root}/customers?company=Northwind Traders Canada&$count=true")
    assert named.json()["@odata.count"] == 3
    made = books.http.post(f"{there}/customers", json={"displayName": "Vancouver Inn"}).json()
    assert books.ask("GET", f"customers({made['id']})").status_code == 404


def test_a_query_object_takes_no_order_of_its_own(books: Books) -> None:
    answer = books.ask("GET", "customerSales?$orderby=totalSalesAmount desc")
    assert error_of(answer) == (501, "BadRequest_MethodNotImplemented")
