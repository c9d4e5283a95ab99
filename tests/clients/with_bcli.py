"""Uses ``bcli`` (bc-cli): reads over pages, payments, journals, attachments, files.

Its base address is a constant, and it sends tokens to Microsoft's hosts over https only: both are
set to the sandbox, and nothing else. Runs in the environment of the strangers' clients.
"""

# ruff: noqa: PT017, T201  there is no pytest in that environment

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import bcli._url
from bcli import AsyncBCClient, NotFoundError, Query, StaticTokenAuth, ValidationError


def set_the_address(url: str) -> None:
    bcli._url.BC_BASE_URL = f"{url}/v2.0/contoso.example"
    bcli._url.is_bc_origin = lambda address: address.startswith(f"{url}/")


class Visit:
    def __init__(self, client: AsyncBCClient) -> None:
        self.client = client

    async def only(self, entity_set: str, condition: str) -> dict[str, Any]:
        (record,) = await self.client.query(entity_set).filter(condition).get()
        return record

    async def pay(self, journal: dict[str, Any], invoice: dict[str, Any], amount: float) -> str:
        """Write a payment line, as this client can: by the flat address."""
        line = await self.client.post(
            "customerPayments",
            {
                "journalId": journal["id"],
                "customerId": invoice["billToCustomerId"],
                "documentNumber": f"BCLI-{invoice['number'][-6:]}",
                "amount": -amount,
                "appliesToInvoiceId": invoice["id"],
            },
        )
        return str(line["documentNumber"])


async def connecting(visit: Visit) -> None:
    assert await visit.client.test_connection()
    names = {each["name"] for each in await visit.client.list_companies()}
    assert "Northwind Traders" in names


async def every_set_of_its_catalogue_that_a_portal_reads(visit: Visit) -> None:
    for name in (
        "accounts", "agedAccountsReceivables", "bankAccounts", "companyInformation", "contacts",
        "currencies", "currencyExchangeRates", "customerPaymentJournals", "customers",
        "dimensions", "generalLedgerEntries", "generalLedgerSetup", "items", "journals",
        "paymentMethods", "paymentTerms", "salesCreditMemos", "salesInvoices", "salesOrders",
        "salesShipments", "taxAreas",
    ):  # fmt: skip
        answer = await visit.client.get(name, query=Query().top(2))
        assert isinstance(answer.value, list), name


async def all_pages(visit: Visit) -> None:
    pages = await visit.client.query("salesInvoices").select("id", "number").pages()
    seen = [record["id"] async for page in pages for record in page]
    count = await visit.client.query("salesInvoices").top(1).count().execute()
    assert len(seen) == len(set(seen)) == count.count
    assert len(seen) > 300


async def conditions_and_what_hangs_below(visit: Visit) -> None:
    found = await (
        visit.client.query("salesInvoices")
        .filter("status eq 'Open' and customerNumber eq 'C-10482'")
        .expand("salesInvoiceLines", "customer")
        .orderby("dueDate desc")
        .top(5)
        .get()
    )
    assert [each["dueDate"] for each in found] == sorted(
        (each["dueDate"] for each in found), reverse=True
    )
    assert all(each["salesInvoiceLines"] and each["customer"]["number"] for each in found)


async def a_customer_lives_and_goes(visit: Visit) -> None:
    made = await visit.client.post("customers", {"displayName": "bcli's inn"})
    changed = await visit.client.patch(
        "customers", made["id"], {"city": "Tacoma"}, etag=made["@odata.etag"]
    )
    assert (changed["city"], changed["@odata.etag"] != made["@odata.etag"]) == ("Tacoma", True)
    await visit.client.delete("customers", made["id"])
    try:
        await visit.client.get("customers", made["id"])
    except NotFoundError:
        return
    raise AssertionError("a deleted customer was found")


async def a_payment_is_posted(visit: Visit) -> None:
    invoice = (
        await visit.client.query("salesInvoices")
        .filter("status eq 'Open' and customerNumber eq 'C-10519'")
        .get()
    )[0]
    account = await visit.only("accounts", "number eq '2910'")
    journal = await visit.client.post(
        "customerPaymentJournals", {"code": "BCLI", "balancingAccountId": account["id"]}
    )
    number = await visit.pay(journal, invoice, invoice["remainingAmount"])
    condition = f"journalId eq {journal['id']}"
    assert len(await visit.client.query("customerPayments").filter(condition).get()) == 1
    await visit.client.post(f"journals({journal['id']})/Microsoft.NAV.post", {})
    assert await visit.client.query("customerPayments").filter(condition).get() == []
    after = (await visit.client.get("salesInvoices", invoice["id"])).raw
    assert (after["status"], after["remainingAmount"]) == ("Paid", 0)
    entries = (
        await visit.client.query("generalLedgerEntries")
        .filter(f"documentNumber eq '{number}'")
        .get()
    )
    assert sum(each["debitAmount"] - each["creditAmount"] for each in entries) == 0
    await visit.client.delete("customerPaymentJournals", journal["id"])


async def what_is_wrong_is_told_at_posting(visit: Visit) -> None:
    paid = (await visit.client.query("salesInvoices").filter("status eq 'Paid'").top(1).get())[0]
    account = await visit.only("accounts", "number eq '2910'")
    journal = await visit.client.post(
        "customerPaymentJournals", {"code": "BCLIB", "balancingAccountId": account["id"]}
    )
    await visit.pay(journal, paid, 1)
    try:
        await visit.client.post(f"journals({journal['id']})/Microsoft.NAV.post", {})
    except ValidationError as error:
        assert "no Cust. Ledger Entry within the filter" in str(error)
        return
    raise AssertionError("it was posted")


async def a_file_goes_up_and_an_invoice_comes_down(visit: Visit) -> None:
    invoice = (await visit.client.query("salesInvoices").filter("status eq 'Open'").top(1).get())[0]
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder, "note.txt")
        note.write_text("Paid by a stranger.")
        sent = await visit.client.upload_attachment("Sales Invoice", invoice["id"], note)
        assert (sent["byteSize"], sent["contentUploaded"]) == (19, True)
        back = await visit.client.get_media(
            "documentAttachments", sent["id"], Path(folder, "back.txt")
        )
        assert (back["bytes_written"], Path(folder, "back.txt").read_text()) == (
            19,
            "Paid by a stranger.",
        )
        await visit.client.get_media("pdfDocument", invoice["id"], Path(folder, "invoice.pdf"))
        assert Path(folder, "invoice.pdf").read_bytes().startswith(b"%PDF")


STEPS = (
    connecting,
    every_set_of_its_catalogue_that_a_portal_reads,
    all_pages,
    conditions_and_what_hangs_below,
    a_customer_lives_and_goes,
    a_payment_is_posted,
    what_is_wrong_is_told_at_posting,
    a_file_goes_up_and_an_invoice_comes_down,
)


async def main(given: dict[str, str]) -> None:
    set_the_address(given["url"])
    async with AsyncBCClient(
        tenant_id="contoso.example",
        environment="production",
        company_id=given["company"],
        auth=StaticTokenAuth(given["token"]),
    ) as client:
        for step in STEPS:
            await step(Visit(client))
            print(step.__name__.replace("_", " "), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
