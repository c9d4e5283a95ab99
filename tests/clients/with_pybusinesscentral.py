"""Uses ``pybusinesscentral``: reads, drafts, journals and posting, with its host set.

Runs in the environment of the strangers' clients and knows nothing of this project: see __main__.
"""

# ruff: noqa: PT017, T201  there is no pytest in that environment

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from pybusinesscentral.api.account_api import AccountApi
from pybusinesscentral.api.company_api import CompanyApi
from pybusinesscentral.api.customer_api import CustomerApi
from pybusinesscentral.api.default_api import DefaultApi
from pybusinesscentral.api.dimension_api import DimensionApi
from pybusinesscentral.api.general_ledger_entry_api import GeneralLedgerEntryApi
from pybusinesscentral.api.journal_api import JournalApi
from pybusinesscentral.api.journal_line_api import JournalLineApi
from pybusinesscentral.api.payment_term_api import PaymentTermApi
from pybusinesscentral.api.sales_credit_memo_api import SalesCreditMemoApi
from pybusinesscentral.api.sales_credit_memo_line_api import SalesCreditMemoLineApi
from pybusinesscentral.api.sales_invoice_api import SalesInvoiceApi
from pybusinesscentral.api.sales_invoice_line_api import SalesInvoiceLineApi
from pybusinesscentral.api_client import ApiClient
from pybusinesscentral.configuration import Configuration
from pybusinesscentral.exceptions import ApiException, NotFoundException
from pybusinesscentral.model.post_customer_request import PostCustomerRequest
from pybusinesscentral.model.post_journal_line_for_journal_request import (
    PostJournalLineForJournalRequest as JournalLine,
)
from pybusinesscentral.model.post_journal_request import PostJournalRequest
from pybusinesscentral.model.post_sales_credit_memo_line_for_sales_credit_memo_request import (
    PostSalesCreditMemoLineForSalesCreditMemoRequest as MemoLine,
)
from pybusinesscentral.model.post_sales_credit_memo_request import PostSalesCreditMemoRequest
from pybusinesscentral.model.post_sales_invoice_line_for_sales_invoice_request import (
    PostSalesInvoiceLineForSalesInvoiceRequest as InvoiceLine,
)
from pybusinesscentral.model.post_sales_invoice_request import PostSalesInvoiceRequest

JSON = "application/json"


class Visit:
    """One client, the company it looks at, and what it has made."""

    def __init__(self, given: dict[str, str]) -> None:
        client = ApiClient(Configuration(host=given["api"]))
        client.default_headers["Authorization"] = f"Bearer {given['token']}"
        self.client = client
        self.company = given["company"]
        self.today = datetime.now(UTC).date()

    def account(self, number: str) -> str:
        found = (
            AccountApi(self.client)
            .list_accounts(self.company, filter=f"number eq '{number}'")
            .value
        )
        return found[0].id


def companies_and_setup(visit: Visit) -> None:
    companies = CompanyApi(visit.client).list_companies().value
    assert visit.company in {each.id for each in companies}
    assert CompanyApi(visit.client).get_company(visit.company).name == "Northwind Traders"
    setup = DefaultApi(visit.client).get_general_ledger_setup(visit.company)
    assert setup is not None
    terms = PaymentTermApi(visit.client).list_payment_terms(visit.company).value
    assert any(each.discount_percent for each in terms)
    one = PaymentTermApi(visit.client).get_payment_term(visit.company, terms[0].id)
    assert one.code == terms[0].code
    DimensionApi(visit.client).list_dimensions(visit.company)


def accounts(visit: Visit) -> None:
    listed = AccountApi(visit.client).list_accounts(visit.company, top=5, skip=1).value
    assert len(listed) == 5
    one = AccountApi(visit.client).get_account(visit.company, visit.account("2910"))
    assert (one.number, one.blocked) == ("2910", False)


def customers(visit: Visit) -> None:
    api = CustomerApi(visit.client)
    found = api.list_customers(
        visit.company, filter="number eq 'C-10482'", expand=["currency", "paymentTerm"]
    ).value
    assert found[0].display_name == "Harborline Hotels"
    assert found[0].payment_term.code
    made = api.post_customer(
        visit.company, JSON, PostCustomerRequest(displayName="A stranger's inn")
    )
    changed = api.patch_customer(
        visit.company, made.id, JSON, "*", PostCustomerRequest(city="Tacoma")
    )
    assert (changed.id, changed.city, changed.display_name) == (
        made.id,
        "Tacoma",
        "A stranger's inn",
    )
    api.delete_customer(visit.company, made.id)
    try:
        api.get_customer(visit.company, made.id)
    except NotFoundException as error:
        assert json.loads(error.body)["error"]["code"] == "Internal_RecordNotFound"
    else:
        raise AssertionError("a deleted customer was found")


def invoices(visit: Visit) -> None:
    api = SalesInvoiceApi(visit.client)
    listed = api.list_sales_invoices(
        visit.company,
        filter="status eq 'Open' and customerNumber eq 'C-10482'",
        expand=["salesInvoiceLines", "customer"],
        top=10,
    ).value
    assert len(listed) == 10
    for each in listed:
        assert each.customer.number == "C-10482"
        net = sum(line.amount_excluding_tax for line in each.sales_invoice_lines)
        assert abs(net - each.total_amount_excluding_tax) < 0.005
    one = api.get_sales_invoice(visit.company, listed[0].id, select=["number", "remainingAmount"])
    assert (one.number, one.remaining_amount) == (listed[0].number, listed[0].remaining_amount)


def a_drafted_invoice_is_posted(visit: Visit) -> None:
    api, lines = SalesInvoiceApi(visit.client), SalesInvoiceLineApi(visit.client)
    draft = api.post_sales_invoice(
        visit.company,
        JSON,
        PostSalesInvoiceRequest(
            customerNumber="C-10144", invoiceDate=visit.today, postingDate=visit.today
        ),
    )
    assert draft.status == "Draft"
    line = lines.post_sales_invoice_line_for_sales_invoice(
        visit.company,
        draft.id,
        JSON,
        InvoiceLine(
            lineType="Account",
            accountId=visit.account("4010"),
            description="Written by a stranger",
            quantity=2,
            unitPrice=12.5,
        ),
    )
    assert line.amount_excluding_tax == 25
    changed = lines.patch_sales_invoice_line_for_sales_invoice(
        visit.company, draft.id, line.id, JSON, "*", InvoiceLine(quantity=3)
    )
    assert changed.amount_excluding_tax == 37.5
    listed = lines.list_sales_invoice_lines_for_sales_invoice(visit.company, draft.id).value
    assert [each.id for each in listed] == [line.id]
    api.post_action_sales_invoices(visit.company, draft.id)
    posted = api.get_sales_invoice(visit.company, draft.id)
    assert (posted.status, posted.number != draft.number) == ("Open", True)
    assert posted.remaining_amount == posted.total_amount_including_tax


def a_drafted_credit_memo_is_posted(visit: Visit) -> None:
    api, lines = SalesCreditMemoApi(visit.client), SalesCreditMemoLineApi(visit.client)
    draft = api.post_sales_credit_memo(
        visit.company,
        JSON,
        PostSalesCreditMemoRequest(customerNumber="C-10144"),
    )
    lines.post_sales_credit_memo_line_for_sales_credit_memo(
        visit.company,
        draft.id,
        JSON,
        MemoLine(lineType="Account", accountId=visit.account("4010"), quantity=1, unitPrice=10),
    )
    api.post_action_sales_credit_memos(visit.company, draft.id)
    assert api.get_sales_credit_memo(visit.company, draft.id).status == "Open"
    assert api.list_sales_credit_memos(visit.company, top=3).value


def a_journal_is_posted(visit: Visit) -> None:
    api, lines = JournalApi(visit.client), JournalLineApi(visit.client)
    journal = api.post_journal(
        visit.company, JSON, PostJournalRequest(code="STRANGER", displayName="A stranger's")
    )
    assert journal.id in {each.id for each in api.list_journals(visit.company).value}
    for account, amount in (("2910", 80.25), ("4010", -80.25)):
        lines.post_journal_line_for_journal(
            visit.company,
            journal.id,
            JSON,
            JournalLine(
                accountType="G/L Account",
                accountId=visit.account(account),
                postingDate=visit.today.isoformat(),
                documentNumber="STRANGER-1",
                amount=amount,
                description="By hand",
            ),
        )
    listed = lines.list_journal_lines_for_journal(visit.company, journal.id).value
    assert [each.amount for each in listed] == [80.25, -80.25]
    api.post_action_journals(visit.company, journal.id)
    assert lines.list_journal_lines_for_journal(visit.company, journal.id).value == []
    entries = (
        GeneralLedgerEntryApi(visit.client)
        .list_general_ledger_entries(visit.company, filter="documentNumber eq 'STRANGER-1'")
        .value
    )
    booked = {each.account_number: each.debit_amount - each.credit_amount for each in entries}
    assert booked == {"2910": 80.25, "4010": -80.25}
    api.delete_journal(visit.company, journal.id, "*")


def a_journal_out_of_balance_is_refused(visit: Visit) -> None:
    api, lines = JournalApi(visit.client), JournalLineApi(visit.client)
    journal = api.post_journal(visit.company, JSON, PostJournalRequest(code="STRANGEB"))
    lines.post_journal_line_for_journal(
        visit.company,
        journal.id,
        JSON,
        JournalLine(
            accountType="G/L Account",
            accountId=visit.account("4010"),
            documentNumber="STRANGER-2",
            amount=-1,
        ),
    )
    try:
        api.post_action_journals(visit.company, journal.id)
    except ApiException as error:
        assert error.status == 400
        assert "out of balance" in json.loads(error.body)["error"]["message"]
    else:
        raise AssertionError("it was posted")


STEPS = (
    companies_and_setup,
    accounts,
    customers,
    invoices,
    a_drafted_invoice_is_posted,
    a_drafted_credit_memo_is_posted,
    a_journal_is_posted,
    a_journal_out_of_balance_is_refused,
)

if __name__ == "__main__":
    visit = Visit(json.loads(sys.argv[1]))
    for step in STEPS:
        step(visit)
        print(step.__name__.replace("_", " "), flush=True)
