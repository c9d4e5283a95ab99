"""What every ERP can do for us, and the values that go in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar, runtime_checkable
from uuid import UUID

from quittance.core.money import Money

RecordT_co = TypeVar("RecordT_co", covariant=True)


class InvoiceStatus(StrEnum):
    """What the ERP says of a document; words of ours for lateness and payment come on top."""

    OPEN = "open"  # posted, and something is owed
    PAID = "paid"
    CANCELLED = "cancelled"  # cancelled or corrected: nothing is owed
    DRAFT = "draft"  # not posted: nobody may see or pay it


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecord:
    """A customer of one legal entity, as the ERP has it now."""

    erp_id: str
    etag: str
    number: str
    name: str
    email: str
    currency: str  # what a payment is booked in when the ERP takes it from the customer
    blocked: bool  # the ERP would refuse a payment of this customer
    changed_at: datetime
    pays_only: str = ""  # the one currency in which the ERP can book a payment; "": any


class Hindrance(StrEnum):
    """Why the ERP says of an open invoice that it should not be paid now."""

    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRecord:
    """An invoice as the ERP has it now. ``customer_erp_id`` is who owes it (the bill-to)."""

    erp_id: str
    etag: str
    number: str
    customer_erp_id: str
    status: InvoiceStatus
    purchase_order: str
    order_number: str
    issued_date: date
    due_date: date
    total: Money  # including tax
    tax: Money
    open: Money  # what is still owed; computed by the ERP, may change without a new ``etag``
    changed_at: datetime
    discount: Money | None = None  # what a payment that closes it may take off; the ERP's own word
    discount_until: date | None = None  # the last posting date for that
    hindrance: Hindrance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLineRecord:
    """One line of an invoice. Quantity and price are text to show, never summed."""

    sequence: int
    description: str
    item_number: str
    quantity: str
    unit: str
    unit_price: str
    amount: Money  # excluding tax
    tax_percent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[RecordT_co]):
    """Some records and where to go on. Keep ``cursor`` only together with the records.

    ``more`` is false when the ERP had nothing further; the cursor then waits for later changes.
    """

    records: Sequence[RecordT_co]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where one payment is booked, where that is not as the connection's settings say."""

    account: str  # the account of the ledger on which the payment shows, and proves itself
    journal: str = ""  # a journal that several payments share and a person posts; "": its own
    bank_account: str = ""  # what the shared journal balances on, instead of ``account`` itself
    dimensions: Mapping[str, str] = field(default_factory=dict)  # code to value


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionLine:
    """One invoice that a payment pays, wholly or in part."""

    line_number: int  # ours, fixed: 10000, 20000, ...; the ERP refuses a second one
    invoice_erp_id: str  # "": this part of the money pays no invoice, it is on account
    invoice_number: str
    amount: Money  # above zero; an ERP that wants a negative amount turns it itself


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentInstruction:
    """What the ERP shall post: one payment of one customer, applied to one or more invoices."""

    posting_id: UUID
    document_number: str  # ours, at most 20 characters, never used twice
    external_reference: str  # the gateway's id, at most 35 characters
    customer_erp_id: str
    posting_date: date
    description: str
    lines: Sequence[InstructionLine]
    route: Route | None = None  # ``None``: as the settings of the connection say


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A payment that lies in the ERP complete and unposted; read back, not believed.

    Hand it to ``post_draft`` as it came. ``version`` is the adapter's own mark of what it saw: a
    draft that another run has taken over since is not posted.
    """

    erp_id: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedPayment:
    """Proof that the ERP has posted a payment, or that one was taken back."""

    document_number: str
    entry_numbers: Sequence[int]
    posting_date: date
    taken_back: Money | None = None  # corrected later under this number, by whom ever; or nothing
    unapplied: Money | None = None  # meant for invoices, and they did not take it; None: not told


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalInstruction:
    """What a person, or the ERP, shall take back of a posted payment."""

    posting_id: UUID
    document_number: str  # ours, of the reversal
    reverses: str  # the payment's document number
    customer_erp_id: str
    customer_number: str
    posting_date: date
    amount: Money  # how much leaves the clearing account again
    why: str  # "refund", "return" or "dispute"
    code: str  # the bank's code, if there is one
    whole: bool  # all of the payment that was still there
    posted: Money  # what the payment was posted with
    taken_back: Money  # what other confirmed reversals took of it before
    reopens: Sequence[InstructionLine]  # the invoices that are owed again, and how much
    route: Route | None = None  # how the payment was booked


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationInstruction:
    """Open credit that shall be used for an invoice."""

    posting_id: UUID
    document_number: str  # ours
    customer_number: str
    lines: Sequence[ApplicationLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationLine:
    """How much of one credit goes to one invoice."""

    credit_erp_id: str
    credit_number: str
    credit_open: Money  # when the payer confirmed
    invoice_erp_id: str
    invoice_number: str
    invoice_open: Money  # likewise
    amount: Money


class Erp(Protocol):
    """One legal entity's ERP. Every method raises ``OutsideError`` and nothing else.

    Reading methods never raise ``OutcomeUnknown``. An answer that cannot be read is ``Unavailable``
    when reading and ``OutcomeUnknown`` when writing.
    """

    def check(self) -> str:
        """Ask for something small and return the legal entity's name.

        Raises ``Misconfigured`` with a sentence that says which part is wrong: the token (tenant,
        client id, secret), the environment, the company, or a permission.
        """

    def customers(self, cursor: str) -> Page[CustomerRecord]:
        """Return customers that changed since ``cursor``, the earliest first; "" means all."""

    def invoices(self, cursor: str) -> Page[InvoiceRecord]:
        """Return invoices that changed since ``cursor``, the earliest first; "" means all.

        A page may repeat what an earlier one held. Deleted drafts are not reported.
        """

    def open_invoices(self, cursor: str) -> Page[InvoiceRecord]:
        """Return every open invoice; for changes of which an ERP gives no sign (part payments)."""

    def read_invoices(self, erp_ids: Sequence[str]) -> Sequence[InvoiceRecord]:
        """Return these invoices as they are now, not from a replica.

        What is absent is left out, and so is "".
        """

    def invoice_lines(self, erp_id: str) -> Sequence[InvoiceLineRecord]:
        """Return the lines of one invoice in their order."""

    def invoice_pdf(self, erp_id: str) -> bytes:
        """Return the ERP's own print of one invoice."""

    def ledger_position(self) -> str:
        """Return a text that differs as soon as anything was posted; compare for equality only."""

    def find_posting(self, instruction: PaymentInstruction) -> PostedPayment | None:
        """Look whether ``instruction`` is posted, in the ledger itself, not in a replica.

        ``None`` means: surely not posted at this moment; for a payment that was confirmed before,
        that the ERP has lost it. A payment that was posted as instructed and corrected later, in
        part or wholly, is found, and ``taken_back`` says how much: it must not be posted again.
        Reversals under numbers of their own do not show here. Raises ``Refused`` when what is
        posted with this document number was never the instruction.
        """

    def draft_payment(
        self,
        instruction: PaymentInstruction,
        *,
        again: bool,
        still_mine: Callable[[], object] | None = None,
    ) -> Draft:
        """Bring the lines of ``instruction`` into the ERP, unposted, and read them back.

        Run it as often as you like: what is there already is compared and kept. With ``again``
        false a line is only ever added by the run that opened the draft or while the draft still
        shows that it was never posted; ``again`` true says that the caller has made sure that
        nothing of an earlier send is under way. Raises ``Refused`` in the ERP's own words, and
        ``OutcomeUnknown`` when the payment turns out to be posted already or a post may be under
        way: look into the ledger, and come back later. ``still_mine`` is called before each line
        that goes where others can post it; what it raises comes through.
        """

    def find_draft(self, instruction: PaymentInstruction) -> Draft | None:
        """Return the complete, unposted draft of ``instruction``, or ``None``."""

    def post_draft(self, draft: Draft) -> None:
        """Post the draft: all lines or none. A draft that was posted already posts nothing.

        Returning proves nothing: ask ``find_posting``. Raises ``Refused`` in the ERP's own words:
        then nothing was posted; ``Unavailable`` when another run has taken the draft over.
        """

    def shut_draft(self, instruction: PaymentInstruction) -> None:
        """See to it that a post of this posted payment that comes again posts nothing.

        ``post_draft`` has done so when it returned. For a payment that was found posted otherwise,
        because the answer was lost. Run it as often as you like. Raises ``OutsideError``.
        """

    def remove_draft(self, instruction: PaymentInstruction) -> None:
        """Tidy what a posted payment left behind. Only when no send can be under way any more.

        Also for a payment that shall not be posted any more. Raises ``Refused`` when a person has
        to do it.
        """

    def how_to_reverse(self, instruction: ReversalInstruction) -> Sequence[str]:
        """Return the steps by which a clerk takes a payment back in the ERP, in its own words.

        One step a text, in their order and without a number before it. Asks the ERP nothing.
        """

    def find_reversal(self, instruction: ReversalInstruction) -> PostedPayment | None:
        """Look whether the ledger itself shows that ``instruction`` was done, by whatever way.

        Either under the reversal's own document number, or as a correction under the payment's:
        then what is left there is ``posted`` less ``taken_back`` less ``amount``. ``None`` means:
        not at this moment. Raises ``Refused``, in words for a person, when something else than
        asked for is posted under the reversal's own number.
        """

    def how_to_apply(self, instruction: ApplicationInstruction) -> Sequence[str]:
        """Return the steps by which a clerk applies credit to invoices, in the ERP's own words.

        As in ``how_to_reverse``.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Where to begin so that all invoices are read in several parts, and how many there are."""

    cursors: Sequence[str]
    expected: int  # about: more may come meanwhile


@runtime_checkable
class ReadsInParts(Protocol):
    """An optional deed: all invoices can be read by several at the same time."""

    def invoice_parts(self, rows: int) -> Parts:
        """Return cursors for ``Erp.invoices``, each for a part of about ``rows`` invoices.

        Every invoice is in one of the parts; ``more`` is false at a part's end. Only the cursor at
        the end of the last one waits for later changes, and those of all parts come there.
        """


class CreditKind(StrEnum):
    """Where open credit comes from."""

    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"  # money that was paid and not applied to any invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRecord:
    """Open credit of a customer, as the ERP's customer ledger has it now."""

    erp_id: str
    kind: CreditKind
    number: str
    customer_erp_id: str
    issued_date: date
    total: Money  # above zero
    open: Money  # above zero; what can still be used


@runtime_checkable
class ReportsCredits(Protocol):
    """An optional deed: the ERP shows its customer ledger, so open credit can be seen and used."""

    def open_credits(self, customer_erp_ids: Sequence[str]) -> Sequence[CreditRecord]:
        """Return all open credit of these customers, as it is now. Others of theirs are used up.

        An adapter whose connection does not offer the ledger returns nothing.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """An ERP's promise to tell us of changes, until it expires."""

    erp_id: str
    resource: str
    expires_at: datetime


@runtime_checkable
class SendsHints(Protocol):
    """An optional deed: the ERP calls us when something changed. A hint, never a fact."""

    def subscribe(self, address: str, *, secret: str) -> Sequence[Subscription]:
        """Ask for hints at ``address``; renew what exists, make what is missing."""

    def read_hint(self, query: Mapping[str, str], body: bytes, *, secret: str) -> Hint:
        """Check ``secret`` and translate. Raises ``Refused`` on a forged or unreadable hint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Something changed in the ERP: go and look. ``answer`` is what its call must be told."""

    resources: frozenset[str]  # of "customers", "invoices", "ledger"
    deleted_invoices: frozenset[str] = frozenset()  # their ids: it says that these are gone
    answer: str = ""  # a handshake's token, to be given back as text; empty otherwise
