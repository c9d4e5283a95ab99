"""The Business Central sandbox as a stage: its books, its clerk and its troubles."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import httpx

from quittance.core.money import Money
from quittance.erp.base import (
    ApplicationInstruction,
    CustomerRecord,
    Erp,
    InvoiceRecord,
    ReversalInstruction,
)
from quittance.erp.contract import Step, Trouble, all_of
from quittance.erp.registry import open_erp
from sandbox.business_central.launch import Running
from tests.erp.looking import Looking

COMPANY = "6f0c1f6e-92a4-4b7a-9d6b-3a1de5c20c7d"
CUSTOMER = "C-10482"  # Harborline Hotels, in US dollars
LATE_SECONDS = 0.4

_CALLS = {
    Step.DRAFT: r"POST .*/customerPayments",
    Step.POST: r"POST .*Microsoft\.NAV\.post",
}
_FAULTS: dict[Trouble, dict[str, Any]] = {
    Trouble.THROTTLED: {"kind": "status", "status": 429, "retry_after": 7},
    Trouble.LOST_BEFORE: {"kind": "drop_before"},
    Trouble.LOST_AFTER: {"kind": "drop_after"},
    Trouble.ERROR_AFTER: {"kind": "error_after", "status": 504},
    Trouble.LATE: {"kind": "late_commit", "seconds": LATE_SECONDS},
}


def settings_of(running: Running, **changes: str) -> dict[str, str]:
    return {
        "tenant": "contoso.example",
        "environment": "production",
        "company_id": COMPANY,
        "client_id": "11111111-1111-1111-1111-111111111111",
        "client_secret": "sandbox-secret",
        "local_currency": "USD",
        "clearing_account": "2910",
        "ledger_service": "Cust_LedgerEntries",
        "address": running.url,
        "sign_in_address": running.url,
    } | changes


@dataclass
class SandboxStage(Looking):
    running: Running
    client: httpx.Client
    local_currency: str = "USD"
    customer_number: str = CUSTOMER
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    _quiet_at: float = 0.0
    _amounts: Iterator[int] = field(default_factory=lambda: itertools.count(20_000, 7))

    def __post_init__(self) -> None:
        self.erp = self.another_worker()

    def open(self, **settings: str) -> Erp:
        return open_erp("business_central", settings_of(self.running, **settings), self.client)

    def another_worker(self) -> Erp:
        return self.open()

    def with_wrong_secret(self) -> Erp:
        return self.open(client_secret="wrong")

    def unreachable(self) -> Erp:
        return self.open(address="http://127.0.0.1:9", sign_in_address="http://127.0.0.1:9")

    def open_invoices(self, count: int) -> Sequence[InvoiceRecord]:
        numbers = [self.clerk_invoice(next(self._amounts)) for _ in range(count)]
        found = {record.number: record for record in self.all_open()}
        return [found[number] for number in numbers]

    def all_open(self) -> Sequence[InvoiceRecord]:
        return all_of(self.erp.open_invoices)[0]

    def customers(self) -> Sequence[CustomerRecord]:
        return all_of(self.erp.customers)[0]

    def large_invoices(self, count: int) -> Sequence[InvoiceRecord]:
        """Overdue ones of one customer, so that no discount is taken for paying in time."""
        payer = next(each for each in self.customers() if each.number == CUSTOMER)
        found = [
            invoice
            for invoice in self.all_open()
            if invoice.customer_erp_id == payer.erp_id and invoice.due_date < self.today
        ]
        return sorted(found, key=lambda invoice: -invoice.open.minor)[:count]

    def trouble(self, kind: Trouble, step: Step) -> None:
        if kind == Trouble.LATE:
            self._quiet_at = time.monotonic() + 3 * LATE_SECONDS
        self.fault(_CALLS[step], **_FAULTS[kind])

    def wait_for_what_is_late(self) -> None:
        time.sleep(max(0.0, self._quiet_at - time.monotonic()))

    def fault(self, match: str, **fault: Any) -> None:
        self.control("POST", "/faults", {"match": match, "times": 1} | fault)

    def clerk_invoice(self, minor: int, *, customer: str = CUSTOMER) -> str:
        amount = str(Money(minor, "USD").decimal)
        made = self.control("POST", "/clerk/invoice", {"customer": customer, "amount": amount})
        return str(made["number"])

    def reverse_by_hand(self, document_number: str) -> None:
        self.clerk("reverse-payment", document=document_number)

    def refund_by_hand(self, instruction: ReversalInstruction, amount: Money) -> None:
        """Unapply what shall be owed again, post the refund, apply the rest of it again."""
        for line in instruction.reopens:
            self.clerk("unapply", document=instruction.reverses, invoice=line.invoice_number)
        self.clerk(
            "refund",
            customer=instruction.customer_number,
            amount=str(amount.decimal),
            document=instruction.document_number,
            date=instruction.posting_date.isoformat(),
            applies_to=instruction.reverses,
        )

    def credit_by_hand(self, amount: Money) -> str:
        made = self.clerk("credit-memo", customer=self.customer_number, amount=str(amount.decimal))
        return str(made["number"])

    def apply_by_hand(self, instruction: ApplicationInstruction) -> None:
        for line in instruction.lines:
            self.clerk(
                "apply-credit",
                credit=line.credit_number,
                invoice=line.invoice_number,
                amount=str(line.amount.decimal),
                document=instruction.document_number,
            )

    def discounted_invoice(self, **given: Any) -> InvoiceRecord:
        made = self.clerk(
            "invoice",
            **{"customer": self.customer_number, "amount": "1000.00", "terms": "2%10N30"} | given,
        )
        (found,) = self.erp.read_invoices([made["id"]])
        return found

    def clerk(self, deed: str, **given: Any) -> Any:
        return self.control("POST", f"/clerk/{deed}", given)

    def as_another_client(
        self, entity: str, wanted: str, headers: dict[str, str]
    ) -> list[dict[str, Any]]:
        """Read an entity set past our adapter, with headers of one's own."""
        form = {
            "grant_type": "client_credentials",
            "client_id": settings_of(self.running)["client_id"],
            "client_secret": "sandbox-secret",
            "scope": "https://api.businesscentral.dynamics.com/.default",
        }
        address = f"{self.running.url}/contoso.example/oauth2/v2.0/token"
        token = self.client.post(address, data=form).json()["access_token"]
        answer = self.client.get(
            f"{self.running.api_url}/companies({COMPANY})/{entity}",
            params={"$filter": wanted},
            headers={"Authorization": f"Bearer {token}"} | headers,
        ).raise_for_status()
        found: list[dict[str, Any]] = answer.json()["value"]
        return found

    def control(self, method: str, path: str, body: object = None) -> Any:
        answer = self.client.request(method, self.running.control_url + path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None
