"""One company of Business Central, as the port wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import httpx

from quittance.core.errors import Misconfigured, Refused
from quittance.erp.base import (
    ApplicationInstruction,
    CreditRecord,
    CustomerRecord,
    Draft,
    Hint,
    InvoiceLineRecord,
    InvoiceRecord,
    Page,
    Parts,
    PaymentInstruction,
    PostedPayment,
    ReversalInstruction,
    Route,
    Subscription,
)
from quittance.erp.business_central import (
    accounts,
    capabilities,
    connect,
    customer_ledger,
    documents,
    ledger,
    limits,
    parts,
    post,
    read,
    reversals,
    rights,
    routes,
    shared,
    steps,
    structured,
    webhooks,
)
from quittance.erp.business_central.check import check
from quittance.erp.business_central.credentials import Credentials
from quittance.erp.business_central.odata import Api
from quittance.erp.connecting import Capability, Choice, Problem, Tried
from quittance.erp.documents import (
    AttachmentRecord,
    BalanceRecord,
    ContactRecord,
    CreditNoteRecord,
    DocumentKind,
    LedgerEntryRecord,
    OrderRecord,
    ShipmentLineRecord,
    ShipmentRecord,
)
from quittance.erp.structured import StructuredDocument


class BusinessCentral:
    """Implements ``Erp`` and its deeds: parts, documents, credits, hints and connecting.

    Keeps a token, the clearing accounts' ids, the company's name, and what its version can say.

    May be used from several threads; make one and keep it, a new one signs in anew.
    """

    def __init__(
        self, credentials: Credentials, client: httpx.Client, *, page_size: int = limits.PAGE_SIZE
    ) -> None:
        self._credentials = credentials
        self._local_currency = credentials.local_currency
        self._books = post.Books(
            local_currency=credentials.local_currency,
            clearing_account=credentials.clearing_account,
        )
        self._invoices = read.Invoices(
            local_currency=credentials.local_currency, settled=credentials.settled
        )
        self._api = Api(credentials, client, page_size=page_size)
        self._account_ids: dict[str, UUID] = {}
        self._ledger_page: customer_ledger.Service | None = None

    def check(self) -> str:
        """See ``Erp.check``."""
        return check(self._api, self._credentials, self._customer_ledger)

    def customers(self, cursor: str) -> Page[CustomerRecord]:
        """See ``Erp.customers``."""
        return read.customers(self._api, cursor, local_currency=self._local_currency)

    def invoices(self, cursor: str) -> Page[InvoiceRecord]:
        """See ``Erp.invoices``."""
        return read.invoices(
            self._api,
            cursor,
            how=self._invoices,
            customer_ledger=self._customer_ledger(),
        )

    def invoice_parts(self, rows: int) -> Parts:
        """See ``ReadsInParts.invoice_parts``."""
        return parts.invoice_parts(self._api, rows)

    def open_invoices(self, cursor: str) -> Page[InvoiceRecord]:
        """See ``Erp.open_invoices``."""
        return read.open_invoices(
            self._api,
            cursor,
            how=self._invoices,
            customer_ledger=self._customer_ledger(),
        )

    def read_invoices(self, erp_ids: Sequence[str]) -> Sequence[InvoiceRecord]:
        """See ``Erp.read_invoices``; a released draft is a draft here."""
        return read.invoices_by_id(
            self._api,
            erp_ids,
            how=self._invoices,
            customer_ledger=self._customer_ledger(),
        )

    def invoice_lines(self, erp_id: str) -> Sequence[InvoiceLineRecord]:
        """See ``Erp.invoice_lines``."""
        return self._lines(DocumentKind.INVOICE, erp_id)

    def invoice_pdf(self, erp_id: str) -> bytes:
        """See ``Erp.invoice_pdf``."""
        return documents.pdf(self._api, DocumentKind.INVOICE, erp_id)

    def ledger_position(self) -> str:
        """See ``Erp.ledger_position``."""
        return ledger.position(self._api)

    def find_posting(self, instruction: PaymentInstruction) -> PostedPayment | None:
        """See ``Erp.find_posting``."""
        post.check_instruction(instruction)
        books = self._books_of(instruction.route)
        found = ledger.find_posting(
            self._api,
            instruction,
            clearing_account=books.clearing_account,
            local_currency=books.local_currency,
        )
        if found and (page := self._customer_ledger()):
            unapplied = customer_ledger.check_payment(self._api, page, instruction)
            return replace(found, unapplied=unapplied)
        return found

    def draft_payment(
        self,
        instruction: PaymentInstruction,
        *,
        again: bool,
        still_mine: Callable[[], object] | None = None,
    ) -> Draft:
        """See ``Erp.draft_payment``, and ``post.py`` for why it posts once."""
        route = instruction.route
        if route and route.journal:
            post.check_instruction(instruction)
            return shared.draft_payment(
                self._api,
                instruction,
                route,
                local_currency=self._local_currency,
                again=again,
                still_mine=still_mine,
            )
        books = self._books_of(route)
        return post.draft_payment(
            self._api,
            instruction,
            books=books,
            clearing_account_id=self._account_id(books.clearing_account, mapped=bool(route)),
            again=again,
        )

    def find_draft(self, instruction: PaymentInstruction) -> Draft | None:
        """See ``Erp.find_draft``."""
        route = instruction.route
        if route and route.journal:
            return shared.find_draft(
                self._api, instruction, route, local_currency=self._local_currency
            )
        return post.find_draft(self._api, instruction, books=self._books_of(route))

    def post_draft(self, draft: Draft) -> None:
        """See ``Erp.post_draft``. In a shared journal nothing is posted: a person does it."""
        shared.refuse_to_post(draft)
        post.post_draft(self._api, draft)

    def shut_draft(self, instruction: PaymentInstruction) -> None:
        """See ``Erp.shut_draft``. A shared journal stays as it is."""
        if not (instruction.route and instruction.route.journal):
            post.shut_draft(self._api, instruction)

    def remove_draft(self, instruction: PaymentInstruction) -> None:
        """See ``Erp.remove_draft``."""
        route = instruction.route
        if route and route.journal:
            shared.remove_late_lines(self._api, instruction, route)
        else:
            post.remove_draft(self._api, instruction)

    def how_to_reverse(self, instruction: ReversalInstruction) -> Sequence[str]:
        """See ``Erp.how_to_reverse``."""
        books = self._books_of(instruction.route)
        return steps.how_to_reverse(
            instruction,
            clearing_account=books.clearing_account,
            local_currency=books.local_currency,
        )

    def find_reversal(self, instruction: ReversalInstruction) -> PostedPayment | None:
        """See ``Erp.find_reversal``."""
        books = self._books_of(instruction.route)
        return reversals.find_reversal(
            self._api,
            instruction,
            clearing_account=books.clearing_account,
            local_currency=books.local_currency,
        )

    def how_to_apply(self, instruction: ApplicationInstruction) -> Sequence[str]:
        """See ``Erp.how_to_apply``."""
        return steps.how_to_apply(instruction)

    def open_credits(self, customer_erp_ids: Sequence[str]) -> Sequence[CreditRecord]:
        """See ``ReportsCredits.open_credits``; nothing where no ``ledger_service`` is set."""
        ledger_page = self._customer_ledger()
        if ledger_page is None or not customer_erp_ids:
            return []
        return customer_ledger.open_credits(
            self._api, ledger_page, customer_erp_ids, local_currency=self._local_currency
        )

    def ledger_entries(
        self, customer_erp_id: str, *, so_far: Callable[[int], None] | None = None
    ) -> Sequence[LedgerEntryRecord] | None:
        """See ``ShowsLedger.ledger_entries``; ``None`` where no ``ledger_service`` is set."""
        page = self._customer_ledger()
        if page is None:
            return None
        return customer_ledger.all_entries(
            self._api, page, customer_erp_id, local_currency=self._local_currency, so_far=so_far
        )

    def subscribe(self, address: str, *, secret: str) -> Sequence[Subscription]:
        """See ``SendsHints.subscribe``."""
        return webhooks.subscribe(self._api, address, secret=secret)

    def read_hint(self, query: Mapping[str, str], body: bytes, *, secret: str) -> Hint:
        """See ``SendsHints.read_hint``."""
        return webhooks.read_hint(query, body, secret=secret)

    def contacts(self, customer_erp_id: str) -> Sequence[ContactRecord]:
        """See ``ShowsDocuments.contacts``."""
        return documents.contacts(self._api, customer_erp_id)

    def balance(self, customer_erp_id: str) -> BalanceRecord:
        """See ``ShowsDocuments.balance``."""
        return documents.balance(self._api, customer_erp_id, local_currency=self._local_currency)

    def credit_notes(self, customer_erp_id: str, *, most: int) -> Sequence[CreditNoteRecord]:
        """See ``ShowsDocuments.credit_notes``."""
        return documents.credit_notes(
            self._api, customer_erp_id, most=most, local_currency=self._local_currency
        )

    def credit_note_lines(self, erp_id: str) -> Sequence[InvoiceLineRecord]:
        """See ``ShowsDocuments.credit_note_lines``."""
        return self._lines(DocumentKind.CREDIT_NOTE, erp_id)

    def orders(self, customer_erp_id: str, *, most: int) -> Sequence[OrderRecord]:
        """See ``ShowsDocuments.orders``."""
        return documents.orders(
            self._api, customer_erp_id, most=most, local_currency=self._local_currency
        )

    def order_lines(self, erp_id: str) -> Sequence[InvoiceLineRecord]:
        """See ``ShowsDocuments.order_lines``."""
        return self._lines(DocumentKind.ORDER, erp_id)

    def shipments(self, customer_erp_id: str, *, most: int) -> Sequence[ShipmentRecord]:
        """See ``ShowsDocuments.shipments``."""
        return documents.shipments(self._api, customer_erp_id, most=most)

    def shipment_lines(self, erp_id: str) -> Sequence[ShipmentLineRecord]:
        """See ``ShowsDocuments.shipment_lines``."""
        return documents.shipment_lines(self._api, erp_id)

    def attachments(self, kind: DocumentKind, erp_id: str) -> Sequence[AttachmentRecord]:
        """See ``ShowsDocuments.attachments``."""
        return documents.attachments(self._api, kind, erp_id)

    def customer_files(self, kind: DocumentKind, erp_id: str) -> Sequence[AttachmentRecord]:
        """See ``ShowsDocuments.customer_files``."""
        return self.attachments(kind, erp_id) if self._credentials.shows_files else ()

    def attachment(self, erp_id: str) -> bytes:
        """See ``ShowsDocuments.attachment``."""
        return documents.attachment(self._api, erp_id)

    def document_pdf(self, kind: DocumentKind, erp_id: str) -> bytes:
        """See ``ShowsDocuments.document_pdf``."""
        return documents.pdf(self._api, kind, erp_id)

    def structured(self, kind: DocumentKind, erp_id: str) -> StructuredDocument:
        """See ``ShowsStructured.structured``."""
        return structured.structured(self._api, kind, erp_id, local_currency=self._local_currency)

    def choices(self, field: str) -> Sequence[Choice]:
        """See ``Connects.choices``."""
        return connect.choices(self._api, self._credentials, field)

    def test(self, *, writing: bool) -> Iterator[Tried]:
        """See ``Connects.test``."""
        return connect.test(self._api, self._credentials, writing=writing)

    def capabilities(self) -> Sequence[Capability]:
        """See ``Connects.capabilities``."""
        return capabilities.capabilities(self._api, self._credentials)

    def permissions(self) -> Sequence[str]:
        """See ``Connects.permissions``."""
        return rights.PERMISSIONS

    def _lines(self, kind: DocumentKind, erp_id: str) -> Sequence[InvoiceLineRecord]:
        return documents.lines(self._api, kind, erp_id, local_currency=self._local_currency)

    def check_route(self, route: Route, *, currency: str, fee_account: str) -> Sequence[Problem]:
        """See ``TakesRoutes.check_route``."""
        return routes.check_route(
            self._api,
            route,
            currency=currency,
            fee_account=fee_account,
            local_currency=self._local_currency,
        )

    def route_choices(self, field: str) -> Sequence[Choice]:
        """See ``TakesRoutes.route_choices``."""
        return routes.choices(self._api, field)

    def route_notes(self) -> Sequence[str]:
        """See ``TakesRoutes.route_notes``."""
        return routes.NOTES

    def _books_of(self, route: Route | None) -> post.Books:
        if route is None:
            return self._books
        return post.Books(local_currency=self._local_currency, clearing_account=route.account)

    def _account_id(self, number: str, *, mapped: bool) -> UUID:
        """Return the id of a G/L account. A wrong one in the mapping stops its payments only."""
        if number not in self._account_ids:
            try:
                self._account_ids[number] = accounts.clearing_account_id(self._api, number)
            except Misconfigured as error:
                if mapped:
                    why = f"{error} Mend the account there, then retry. {shared.KEEPS_ITS_WAY}"
                    raise Refused(why) from error
                raise
        return self._account_ids[number]

    def _customer_ledger(self) -> customer_ledger.Service | None:
        """Return the published page where the settings name one."""
        if self._ledger_page is None and self._credentials.ledger_service:
            self._ledger_page = customer_ledger.service(
                self._api,
                name=self._credentials.ledger_service,
                company_id=UUID(self._credentials.company_id),
            )
        return self._ledger_page
