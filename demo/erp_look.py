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

    def __init__(self, address: str) -> None:
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
    sentences, good = [], True
    for line in lines:
        invoice = books.invoice(line.number)
        remaining = int(Decimal(invoice["remainingAmount"]).scaleb(line.digits))
        expected = line.most - line.paid
        right = remaining == expected and (invoice["status"] == "Paid") == (expected == 0)
        good = good and right
        sentences.append(
            f"invoice {line.number}: {invoice['status']}, remaining {invoice['remainingAmount']}"
            + ("" if right else f"  WRONG: {Decimal(expected).scaleb(-line.digits)} expected")
        )
    entries = books.entries_after(before)
    documents = sorted({each["documentNumber"] for each in entries})
    debit = sum((Decimal(each["debitAmount"]) for each in entries), Decimal())
    credit = sum((Decimal(each["creditAmount"]) for each in entries), Decimal())
    paid = Decimal(sum(line.paid for line in lines)).scaleb(-lines[0].digits)
    right = documents == [document] and debit == credit == paid
    sentences.append(
        f"ledger: {len(entries)} entries of document {', '.join(documents) or 'none'}, "
        f"debit {debit}, credit {credit}, paid {paid}" + ("" if right else "  WRONG")
    )
    return Verdict(tuple(sentences), good and right)
