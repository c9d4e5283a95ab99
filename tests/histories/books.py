"""Business Central with books of its own, in memory: as much of API v2.0 as the adapter calls.

The rules are those of docs/reference/business-central-sandbox.md: a journal's code and a line's
number are taken once, a post is all lines or none and takes the lines away, a part payment leaves
no trace on the invoice, a closed invoice cannot be applied to.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from tests.histories import ledger_page
from tests.histories.erp_rows import Credit, Customer, Entry, Invoice, Journal, Line, No

ADDRESS: Final = "http://erp"
COMPANY: Final = "6f0c1f6e-92a4-4b7a-9d6b-3a1de5c20c7d"
CLEARING: Final = "2910"
CLEARING_ID: Final = "00000000-0000-4000-8000-000000002910"
SECRET: Final = "histories-secret"
DIGITS: Final = {"USD": 2, "JPY": 0, "KWD": 3}  # of ISO 4217
ZERO: Final = "00000000-0000-0000-0000-000000000000"
TOKEN_SECONDS: Final = 3600.0
_ENCODE: Final = msgspec.json.Encoder(decimal_format="number")
_KEY: Final = re.compile(r"(\w+)\(([0-9a-fA-F-]{36})\)")


@dataclass
class Books:
    """One company."""

    now: Callable[[], float]
    currency: str = "USD"  # the local one, of all customers
    customers: dict[str, Customer] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    credits: dict[str, Credit] = field(default_factory=dict)
    journals: dict[str, Journal] = field(default_factory=dict)
    posted: list[Entry] = field(default_factory=list)
    gl: list[dict[str, Any]] = field(default_factory=list)
    keeps_empty_lines: bool = True
    closed_until: str = ""  # postings on or before this day are refused
    tokens: dict[str, float] = field(default_factory=dict)
    secret: str = SECRET
    _ids: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**9)))

    # ---- over the wire

    def answer(self, method: str, url: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        """Do what a request asks, in one transaction."""
        parts = urlsplit(url)
        if parts.path.endswith("/oauth2/v2.0/token"):
            return self._sign_in(body)
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0.0) < self.now():
            return self._no(No(401, "Authentication_InvalidCredentials", "Sign in again."))
        if "/Company('" in parts.path:
            wanted = parse_qs(parts.query).get("$filter", [""])[0]
            return 200, _ENCODE.encode(_page(ledger_page.rows(self, wanted)))
        if f"/companies({COMPANY})/" not in parts.path:
            company = {"id": COMPANY, "name": "Histories", "displayName": "Histories"}
            return 200, _ENCODE.encode(_page([company]))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        path = parts.path.partition(f"/companies({COMPANY})/")[2]
        content = msgspec.json.decode(body) if body else {}
        try:
            status, said = self._do(method, path, query, headers.get("If-Match"), content)
        except No as no:
            return self._no(no)
        return status, b"" if said is None else _ENCODE.encode(said)

    def _sign_in(self, body: bytes) -> tuple[int, bytes]:
        if parse_qs(body.decode()).get("client_secret") != [self.secret]:
            said = {"error": "invalid_client", "error_description": "AADSTS7000215: wrong"}
            return 401, _ENCODE.encode(said)
        token = f"token-{next(self._ids)}"
        self.tokens[token] = self.now() + TOKEN_SECONDS
        return 200, _ENCODE.encode({"access_token": token, "expires_in": int(TOKEN_SECONDS)})

    def _no(self, no: No) -> tuple[int, bytes]:
        message = f"{no}  CorrelationId:  {uuid.UUID(int=next(self._ids))}."
        return no.status, _ENCODE.encode({"error": {"code": no.code, "message": message}})

    def _do(
        self, method: str, path: str, query: dict[str, str], tag: str | None, body: dict[str, Any]
    ) -> tuple[int, Any]:
        wanted = query.get("$filter", "")
        steps = [(_KEY.fullmatch(step) or [step, step, ""]) for step in path.split("/")]
        match method, *[step[1] for step in steps]:
            case "GET", "customers" if steps[0][2]:
                return 200, self._customer(self._found(self.customers, steps[0][2]))
            case "GET", "customers":
                named = self._some if wanted.startswith("id eq ") else self._changed
                return 200, _page(named(self.customers, wanted, self._customer))
            case "GET", "accounts":
                account = {
                    "id": CLEARING_ID, "number": CLEARING, "displayName": "Payments",
                    "blocked": False, "accountType": "Posting", "directPosting": True,
                }  # fmt: skip
                return 200, _page([account] if f"'{CLEARING}'" in wanted else [])
            case "GET", "salesInvoices":
                return 200, _page(self._some_invoices(wanted))
            case "GET", "generalLedgerEntries":
                return 200, _page(self._entries(wanted, query.get("$top")))
            case "POST", "customerPaymentJournals":
                return 201, self._shown(self._make_journal(body))
            case "GET", "customerPaymentJournals" if not steps[0][2]:
                code = wanted.partition("'")[2].rstrip("'")
                found = [each for each in self.journals.values() if each.code == code]
                return 200, _page([self._shown(each) for each in found])
        journal = self._found(self.journals, steps[0][2])
        match method, *[step[1] for step in steps]:
            case "GET", "customerPaymentJournals" | "journals":
                return 200, self._shown(journal)
            case "PATCH", "customerPaymentJournals":
                self._check_tag(journal, tag)
                journal.name, journal.version = body["displayName"], next(self._ids)
                return 200, self._shown(journal)
            case "DELETE", "customerPaymentJournals":
                del self.journals[journal.id]
                return 204, None
            case "GET", "customerPaymentJournals", "customerPayments":
                full = [line for line in journal.lines.values() if line.values]
                return 200, _page(
                    [self._line(line) for line in sorted(full, key=lambda x: x.number)]
                )
            case "POST", "customerPaymentJournals", "customerPayments":
                return 201, self._line(self._add_line(journal, body))
            case "POST", "journals", "Microsoft.NAV.post":
                self._check_tag(journal, tag)
                self.post(journal)
                return 204, None
        raise No(404, "BadRequest_ResourceNotFound", f"Resource not found: {method} {path}")

    def _found(self, table: dict[str, Any], key: str) -> Any:
        if key.lower() not in table:
            raise No(404, "Internal_RecordNotFound", "The requested record was not found.")
        return table[key.lower()]

    def _check_tag(self, journal: Journal, tag: str | None) -> None:
        if tag not in {None, "*", _tag(journal.version)}:
            raise No(409, "Request_EntityChanged", "Another user has already changed the record.")

    # ---- reading

    def _changed(self, table: dict[str, Any], wanted: str, show: Callable[[Any], Any]) -> list[Any]:
        since = wanted.removeprefix("lastModifiedDateTime ge ").replace("Z", "+00:00")
        least = datetime.fromisoformat(since).timestamp() if since else 0.0
        rows = [row for row in table.values() if round(row.changed_at, 3) >= least]
        return [show(row) for row in sorted(rows, key=lambda row: (row.changed_at, row.id))]

    def _some(self, table: dict[str, Any], wanted: str, show: Callable[[Any], Any]) -> list[Any]:
        ids = [part.removeprefix("id eq ").lower() for part in wanted.split(" or ")]
        return [show(table[id_]) for id_ in ids if id_ in table]

    def _some_invoices(self, wanted: str) -> list[Any]:
        if wanted.startswith("id eq "):
            return self._some(self.invoices, wanted, self._invoice)
        if wanted.startswith("status"):
            return [self._invoice(x) for x in self.invoices.values() if x.status == "Open"]
        return self._changed(self.invoices, wanted, self._invoice)

    def _entries(self, wanted: str, top: str | None) -> list[Any]:
        if top:
            return self.gl[-int(top) :]
        numbers = set(re.findall(r"'([^']*)'", wanted))
        return [row for row in self.gl if row["documentNumber"] in numbers]

    def _customer(self, one: Customer) -> dict[str, Any]:
        return {
            "@odata.etag": _tag(one.version), "id": one.id, "number": one.number,
            "displayName": one.number, "email": "", "currencyCode": one.currency,
            "blocked": one.blocked, "lastModifiedDateTime": moment(one.changed_at),
        }  # fmt: skip

    def _invoice(self, one: Invoice) -> dict[str, Any]:
        return {
            "@odata.etag": _tag(one.version), "id": one.id, "number": one.number,
            "billToCustomerId": one.customer.id,
            "billToCustomerNumber": one.customer.number, "status": one.status,
            "customerPurchaseOrderReference": "", "orderNumber": "", "invoiceDate": "2026-02-01",
            "postingDate": "2026-02-01", "dueDate": "2026-03-01",
            "currencyCode": one.customer.currency or self.currency,
            "totalAmountIncludingTax": self.amount(one.total), "totalTaxAmount": Decimal(0),
            "remainingAmount": self.amount(0 if one.status == "Canceled" else one.open),
            "lastModifiedDateTime": moment(one.changed_at),
        }  # fmt: skip

    def _shown(self, one: Journal) -> dict[str, Any]:
        return {
            "@odata.etag": _tag(one.version), "id": one.id, "code": one.code,
            "displayName": one.name,
        }  # fmt: skip

    def _line(self, line: Line) -> dict[str, Any]:
        values = line.values
        return {
            "id": line.id, "lineNumber": line.number, "customerId": values["customerId"],
            "documentNumber": values["documentNumber"], "amount": self.amount(values["amount"]),
            "appliesToInvoiceId": values["appliesToInvoiceId"],
            "appliesToInvoiceNumber": values.get("number", ""),
        }  # fmt: skip

    # ---- writing

    def _make_journal(self, body: dict[str, Any]) -> Journal:
        if any(each.code == body["code"] for each in self.journals.values()):
            raise No(400, "Internal_EntityWithSameKeyExists", "The record already exists.")
        if body["balancingAccountId"] != CLEARING_ID:
            raise No(400, "Application_DialogException", "There is no such G/L Account.")
        made = Journal(self.new_id(), body["code"], body["displayName"], next(self._ids))
        self.journals[made.id] = made
        return made

    def _add_line(self, journal: Journal, body: dict[str, Any]) -> Line:
        applied = body.get("appliesToInvoiceId", ZERO).lower()
        if applied != ZERO and applied not in self.invoices:
            raise No(400, "Application_DialogException", "The invoice is not posted.")
        if body["customerId"].lower() not in self.customers:
            raise No(400, "Application_DialogException", "There is no such customer.")
        number = int(body["lineNumber"])
        if number in journal.lines:
            raise No(400, "Internal_EntityWithSameKeyExists", "The record already exists.")
        amount = self.minor(Decimal(str(body["amount"])))
        name = self.invoices[applied].number if applied != ZERO else ""
        values = {**body, "amount": amount, "appliesToInvoiceId": applied, "number": name}
        journal.lines[number] = line = Line(self.new_id(), number, values)
        return line

    def post(self, journal: Journal) -> None:
        """Post all lines of a journal, or none."""
        full = sorted(
            (line for line in journal.lines.values() if line.values), key=lambda line: line.number
        )
        if not journal.lines:
            raise No(400, "Application_DialogException", "There is nothing to post.")
        if not full:
            return
        for line in full:
            self._check_line(line)
        for line in full:
            self._post_line(line)
        # A person who sees the empty line may delete it; then nothing is left to see of a post.
        kept = [10000] if self.keeps_empty_lines else []
        journal.lines = {number: Line(self.new_id(), number) for number in kept}

    def _check_line(self, line: Line) -> None:
        values = line.values
        customer = self.customers[values["customerId"].lower()]
        if self.closed_until and values["postingDate"] <= self.closed_until:
            words = "Posting Date is not within your range of allowed posting dates."
            raise No(400, "Application_FieldValidationException", words)
        if values["amount"] >= 0:
            raise No(400, "Application_FieldValidationException", "Amount must be negative.")
        if customer.blocked == "All":
            raise No(400, "Application_DialogException", "The customer is blocked with type All.")
        if values["appliesToInvoiceId"] == ZERO:
            return
        invoice = self.invoices[values["appliesToInvoiceId"]]
        if invoice.status != "Open" or invoice.customer is not customer:
            words = f"There is no Cust. Ledger Entry within the filter: {invoice.number}"
            raise No(400, "Internal_DataNotFoundFilter", words)

    def _post_line(self, line: Line) -> None:
        values = line.values
        invoice, applied = self.invoices.get(values["appliesToInvoiceId"]), 0
        if invoice is not None:
            off = invoice.discount if values["postingDate"] <= invoice.discount_until else 0
            off = min(off, invoice.open)
            applied = min(-values["amount"], invoice.open - off)
            closes = applied == invoice.open - off  # then the discount is taken, asked for or not
            self.settle(invoice, applied + off if closes else applied)
        number, day = values["documentNumber"], values["postingDate"]
        self.posted.append(
            Entry(
                number=len(self.gl) + 1, document=number, line=line.number, at=self.now(),
                invoice=values["appliesToInvoiceId"], amount=-values["amount"], applied=applied,
                posting_date=day, customer=values["customerId"].lower(),
            )
        )  # fmt: skip
        self.book(number, "Payment", "1310", values["amount"], day)
        self.book(number, "Payment", CLEARING, -values["amount"], day)

    def settle(self, invoice: Invoice, amount: int) -> None:
        """Less is owed. Only a change of status is seen on the invoice itself."""
        invoice.open -= amount
        if invoice.open == 0:
            invoice.status = "Paid"
            self.touch(invoice)

    def book(self, document: str, kind: str, account: str, minor: int, day: str) -> None:
        """Write one entry of the general ledger; above zero is a debit."""
        self.gl.append(
            {
                "id": self.new_id(), "entryNumber": len(self.gl) + 1, "postingDate": day,
                "documentNumber": document, "documentType": kind, "accountNumber": account,
                "debitAmount": self.amount(max(minor, 0)),
                "creditAmount": self.amount(max(-minor, 0)),
            }
        )  # fmt: skip

    def minor(self, amount: Decimal) -> int:
        """Return an amount of the books in minor units."""
        return int(amount.scaleb(DIGITS[self.currency]).to_integral_exact())

    def amount(self, minor: int) -> Decimal:
        """Return minor units as Business Central writes an amount."""
        return Decimal(minor).scaleb(-DIGITS[self.currency])

    def touch(self, row: Customer | Invoice) -> None:
        """The row is written: its moment and its version are new."""
        row.changed_at, row.version = self.now(), next(self._ids)

    def new_id(self) -> str:
        """An id of the books' own."""
        return str(uuid.UUID(int=next(self._ids) | 4 << 76 | 2 << 62))

    # ---- what a clerk does by hand

    def new_customer(self, number: str) -> Customer:
        """Add a customer."""
        made = Customer(self.new_id(), number, "", self.now(), next(self._ids))
        self.customers[made.id] = made
        return made

    def new_credit(self, number: str, customer: Customer, minor: int) -> Credit:
        """Post a credit memo."""
        made = Credit(str(5000 + len(self.credits)), number, customer, minor, minor)
        self.credits[made.id] = made
        return made

    def new_invoice(self, number: str, customer: Customer, minor: int) -> Invoice:
        """Post an invoice."""
        made = Invoice(
            self.new_id(), number, customer, minor, minor, self.now(), next(self._ids)
        )  # fmt: skip
        self.invoices[made.id] = made
        self.book(number, "Invoice", "1310", minor, "2026-02-01")
        return made


def _tag(version: int) -> str:
    return f'W/"{version}"'


def _page(rows: list[Any]) -> dict[str, Any]:
    return {"value": rows}


def moment(at: float) -> str:
    """Return a moment as Business Central writes it."""
    return datetime.fromtimestamp(round(at, 3), UTC).isoformat(timespec="milliseconds")
