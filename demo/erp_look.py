"""Looks into the Business Central sandbox as its accountant would: over its own API, not ours."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from demo.company import CLIENT, TENANT
from demo.first_road import Line

API = f"/v2.0/{TENANT}/production/api/v2.0"
SCOPE = "https://api.businesscentral.dynamics.com/.default"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the ERP says of a payment, one sentence each, and whether all is as it must be."""

    sentences: tuple[str, ...]
    good: bool


class Books:
    """The books of the sandbox's company, read only."""

    def __init__(self, address: str, control: str) -> None:
        self._control = control
        self._client = httpx.Client(base_url=address, trust_env=False, timeout=20)
        token = self._client.post(
            f"/{TENANT}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": CLIENT,
                "client_secret": "sandbox-secret",
                "scope": SCOPE,
            },
        ).raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        company = self._rows(f"{API}/companies")[0]["id"]
        self._company = f"{API}/companies({company})"

    def last_entry(self) -> int:
        """The number of the newest general ledger entry; 0 in empty books."""
        newest = self._rows(
            f"{self._company}/generalLedgerEntries",
            {"$orderby": "entryNumber desc", "$top": "1", "$select": "entryNumber"},
        )
        return int(newest[0]["entryNumber"]) if newest else 0

    def entries_after(self, number: int) -> list[dict[str, Any]]:
        """The general ledger entries written since, oldest first."""
        return self._rows(
            f"{self._company}/generalLedgerEntries",
            {"$filter": f"entryNumber gt {number}", "$orderby": "entryNumber"},
        )

    def invoice(self, number: str) -> dict[str, Any]:
        """One posted invoice by its number."""
        (found,) = self._rows(
            f"{self._company}/salesInvoices", {"$filter": f"number eq '{number}'"}
        )
        return found

    def any_open_invoice(self) -> dict[str, Any]:
        """Some invoice that is not paid."""
        query = {"$filter": "status eq 'Open'", "$top": "1"}
        (found,) = self._rows(f"{self._company}/salesInvoices", query)
        return found

    def customer_entries(self, document: str) -> list[dict[str, Any]]:
        """The customer ledger's entries of a document; only the control port shows them."""
        answer = self._client.get(f"{self._control}/ledger", params={"document": document})
        entries: list[dict[str, Any]] = answer.raise_for_status().json()["entries"]
        return entries

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _rows(self, path: str, query: dict[str, str] | None = None) -> list[dict[str, Any]]:
        answer = self._client.get(path, params=query).raise_for_status()
        rows: list[dict[str, Any]] = answer.json(parse_float=Decimal)["value"]
        return rows


def judge(books: Books, lines: tuple[Line, ...], *, before: int, document: str) -> Verdict:
    """Compare the ERP with what was paid and with the document that our receipt names.

    ``before`` is the number of the last entry before the payment.
    """
    findings = [_of_invoice(books, line) for line in lines]
    findings.append(_of_general_ledger(books, lines, before=before, document=document))
    findings.append(_of_customer_ledger(books, lines, document=document))
    return Verdict(
        tuple(f"{sentence}{'' if right else '   WRONG'}" for sentence, right in findings),
        good=all(right for _, right in findings),
    )


def _of_invoice(books: Books, line: Line) -> tuple[str, bool]:
    invoice = books.invoice(line.number)
    left = Decimal(line.most - line.paid).scaleb(-line.digits)
    right = Decimal(invoice["remainingAmount"]) == left
    right = right and (invoice["status"] == "Paid") == (left == 0)
    said = (
        f"{invoice['status']}, {invoice['remainingAmount']:.{line.digits}f} left (expected {left})"
    )
    return f"invoice {line.number}: {said}", right


def _of_general_ledger(
    books: Books, lines: tuple[Line, ...], *, before: int, document: str
) -> tuple[str, bool]:
    """Everything that was written since must be the one document, for the sum that was paid."""
    entries = books.entries_after(before)
    documents = sorted({each["documentNumber"] for each in entries})
    debit = sum((Decimal(each["debitAmount"]) for each in entries), Decimal())
    credit = sum((Decimal(each["creditAmount"]) for each in entries), Decimal())
    paid = Decimal(sum(line.paid for line in lines)).scaleb(-lines[0].digits)
    said = f"{len(entries)} entries of {' and '.join(documents) or 'nothing'}"
    return (
        f"general ledger: {said}, debit {debit:.2f}, credit {credit:.2f} (paid {paid})",
        documents == [document] and debit == credit == paid,
    )


def _of_customer_ledger(
    books: Books, lines: tuple[Line, ...], *, document: str
) -> tuple[str, bool]:
    """One payment entry for each invoice, of its amount, with nothing of it left to apply."""
    entries = books.customer_entries(document)
    amounts = sorted(-Decimal(each["amount"]) for each in entries)
    expected = sorted(Decimal(line.paid).scaleb(-line.digits) for line in lines)
    applied = all(Decimal(each["remainingAmount"]) == 0 for each in entries)
    said = f"{len(entries)} entries for {len(lines)} invoices, {sum(amounts):.2f} in all"
    return (
        f"customer ledger: {said}, {'all' if applied else 'NOT all'} applied",
        amounts == expected and applied,
    )
