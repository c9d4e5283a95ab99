"""Where each entity's properties come from: a table, its columns, and SQL for what is computed."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.business_central.facts import BLANK, Entity, Field, entities


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A way from one entity to another: ``child.child_column = parent.parent_column``."""

    set: str
    child_column: str
    parent_column: str
    many: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How an entity set is read out of the database.

    ``computed`` maps a property to SQL over the row ``t``; other properties are columns of the same
    name. ``order`` is the table's primary key: the order without ``$orderby``. ``parents`` are the
    columns of which one must be given (facts, section 1: flat line collections answer 400).
    """

    table: str
    order: tuple[str, ...]
    where: str = ""
    computed: dict[str, str] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    parent_missing: str = ""


_LCY = "(SELECT localCurrencyCode FROM general_ledger_setup)"
_CURRENCY = f"CASE t.currencyCode WHEN '' THEN {_LCY} ELSE t.currencyCode END"

# Facts, section 1.2: draft shows its total, Canceled 0, else the remaining amount of the first
# ledger entry with bill-to customer, posting date and number; 0 when there is none.
REMAINING = """CASE WHEN t.posted = 0 THEN t.totalAmountIncludingTax
 WHEN t.status = 'Canceled' THEN 0
 ELSE COALESCE((SELECT SUM(d.amount) FROM detailed_ledger_entry AS d
   WHERE d.customerLedgerEntryNumber = (SELECT MIN(e.entryNumber) FROM customer_ledger_entry AS e
     WHERE e.documentNumber = t.number AND e.customerNumber = t.billToCustomerNumber
       AND e.documentType = 'Invoice' AND e.postingDate = t.postingDate)), 0) END"""

_LINES_NEED_A_PARENT = "You must specify an Id or a Document Id to get the lines."
_PAYMENTS_NEED_A_PARENT = (
    "You must specify a journal batch ID or a journal ID to get a journal line."
)
# A bank account as balancing account reads as the zero GUID (facts, section 2.3).
_BALANCING_ID = """COALESCE((SELECT a.id FROM account AS a
 WHERE a.number = t.balancingAccountNumber
   AND t.balancingAccountType = 'G_x002F_L_x0020_Account'),
 '00000000-0000-0000-0000-000000000000')"""

# UI page 25 "Customer Ledger Entries", published as a web service; it has a name of its own there.
LEDGER_PAGE = "Cust_LedgerEntries"
_INITIAL = """(SELECT COALESCE(SUM(d.amount), 0) FROM detailed_ledger_entry AS d
 WHERE d.customerLedgerEntryNumber = t.Entry_No AND d.entryType = 'Initial Entry')"""
_LEDGER = """(SELECT entryNumber AS Entry_No, postingDate AS Posting_Date,
 postingDate AS Document_Date, documentType AS Document_Type, documentNumber AS Document_No,
 customerNumber AS Customer_No, description AS Description, currencyCode AS Currency_Code,
 balancingAccountNumber AS Bal_Account_No, dueDate AS Due_Date, discountDate AS Pmt_Discount_Date,
 discountDate AS Pmt_Disc_Tolerance_Date, originalDiscountPossible AS Original_Pmt_Disc_Possible,
 remainingDiscountPossible AS Remaining_Pmt_Disc_Possible, open AS Open,
 closedAtDate AS Closed_at_Date, '' AS On_Hold, reversed AS Reversed,
 externalDocumentNumber AS External_Document_No, entryNumber AS rowVersion
 FROM customer_ledger_entry)"""

SHAPES: dict[str, Shape] = {
    "companies": Shape(table="company", order=("name",)),
    "companyInformation": Shape(
        table="company_information", order=("id",), computed={"currencyCode": _LCY}
    ),
    "generalLedgerSetup": Shape(table="general_ledger_setup", order=("id",)),
    "paymentTerms": Shape(table="payment_term", order=("code",)),
    "currencies": Shape(table="currency", order=("code",)),
    "bankAccounts": Shape(
        table="bank_account",
        order=("number",),
        computed={
            "currencyCode": _CURRENCY,
            "currencyId": "COALESCE((SELECT c.id FROM currency AS c WHERE c.code = t.currencyCode),"
            " '00000000-0000-0000-0000-000000000000')",
        },
    ),
    "accounts": Shape(
        table="account",
        order=("number",),
        computed={
            "netChange": "(SELECT COALESCE(SUM(g.debitAmount - g.creditAmount), 0)"
            " FROM general_ledger_entry AS g WHERE g.accountNumber = t.number)"
        },
    ),
    "customers": Shape(
        table="customer",
        order=("number",),
        computed={
            "currencyCode": _CURRENCY,
            "taxAreaDisplayName": "''",
            # Mixed currencies summed as plain numbers, on purpose (facts, section 1.2).
            "balanceDue": "(SELECT COALESCE(SUM(d.amount), 0) FROM detailed_ledger_entry AS d"
            " WHERE d.customerNumber = t.number)",
        },
        links={
            "customerFinancialDetail": Link(
                set="customerFinancialDetails", child_column="id", parent_column="id", many=False
            ),
            "currency": Link(
                set="currencies", child_column="id", parent_column="currencyId", many=False
            ),
            "paymentTerm": Link(
                set="paymentTerms", child_column="id", parent_column="paymentTermsId", many=False
            ),
        },
    ),
    "customerFinancialDetails": Shape(
        table="customer",
        order=("number",),
        computed={
            "balance": "(SELECT COALESCE(SUM(d.amountLCY), 0) FROM detailed_ledger_entry AS d"
            " WHERE d.customerNumber = t.number)",
            "totalSalesExcludingTax": "(SELECT COALESCE(SUM(e.salesLCY), 0)"
            " FROM customer_ledger_entry AS e WHERE e.customerNumber = t.number)",
            "overdueAmount": "(SELECT COALESCE(SUM(d.amountLCY), 0) FROM customer_ledger_entry AS e"
            " JOIN detailed_ledger_entry AS d ON d.customerLedgerEntryNumber = e.entryNumber"
            " WHERE e.customerNumber = t.number AND e.open = 1 AND e.dueDate < work_date())",
        },
        links={
            "customer": Link(set="customers", child_column="id", parent_column="id", many=False)
        },
    ),
    "salesInvoices": Shape(
        table="sales_invoice",
        order=("number", "posted"),
        computed={"currencyCode": _CURRENCY, "remainingAmount": REMAINING},
        links={
            "salesInvoiceLines": Link(
                set="salesInvoiceLines", child_column="documentId", parent_column="id", many=True
            ),
            "pdfDocument": Link(
                set="pdfDocument", child_column="parentId", parent_column="id", many=False
            ),
            "customer": Link(
                set="customers", child_column="id", parent_column="customerId", many=False
            ),
            "currency": Link(
                set="currencies", child_column="id", parent_column="currencyId", many=False
            ),
            "paymentTerm": Link(
                set="paymentTerms", child_column="id", parent_column="paymentTermsId", many=False
            ),
        },
    ),
    "salesInvoiceLines": Shape(
        table="sales_invoice_line",
        order=("documentId", "sequence"),
        parents=("documentId", "id"),
        parent_missing=_LINES_NEED_A_PARENT,
        links={
            "salesInvoice": Link(
                set="salesInvoices", child_column="id", parent_column="documentId", many=False
            ),
            "account": Link(
                set="accounts", child_column="id", parent_column="accountId", many=False
            ),
        },
    ),
    "pdfDocument": Shape(
        table="(SELECT id, id AS parentId, 'Sales_x0020_Invoice' AS parentType, rowVersion"
        " FROM sales_invoice)",
        order=("id",),
        parents=("parentId", "id"),
        parent_missing="You must specify a parentId in the request body.",
    ),
    "customerPaymentJournals": Shape(
        table="journal_batch",
        order=("code",),
        where="t.templateDisplayName = 'CASHRCPT'",
        computed={"balancingAccountId": _BALANCING_ID},
        links={
            "customerPayments": Link(
                set="customerPayments", child_column="journalId", parent_column="id", many=True
            )
        },
    ),
    "journals": Shape(
        table="journal_batch",
        order=("templateDisplayName", "code"),
        computed={"balancingAccountId": _BALANCING_ID},
    ),
    # Facts, section 2.4: what a clerk types in is invisible here and posted all the same.
    "customerPayments": Shape(
        table="journal_line",
        order=("journalId", "lineNumber"),
        where="t.documentType = 'Payment' AND t.accountType = 'Customer'"
        " AND t.appliesToDocumentType = 'Invoice'",
        computed={
            "journalDisplayName": "(SELECT b.code FROM journal_batch AS b WHERE b.id = t.journalId)"
        },
        parents=("journalId", "id"),
        parent_missing=_PAYMENTS_NEED_A_PARENT,
        links={
            "customerPaymentJournal": Link(
                set="customerPaymentJournals",
                child_column="id",
                parent_column="journalId",
                many=False,
            ),
            "customer": Link(
                set="customers", child_column="id", parent_column="customerId", many=False
            ),
        },
    ),
    "generalLedgerEntries": Shape(
        table="general_ledger_entry",
        order=("entryNumber",),
        links={
            "account": Link(
                set="accounts", child_column="id", parent_column="accountId", many=False
            )
        },
    ),
    LEDGER_PAGE: Shape(
        table=_LEDGER,
        order=("Entry_No",),
        computed={
            "Original_Amount": _INITIAL,
            "Amount": _INITIAL,
            "Remaining_Amount": "(SELECT COALESCE(SUM(d.amount), 0) FROM detailed_ledger_entry AS d"
            " WHERE d.customerLedgerEntryNumber = t.Entry_No)",
        },
    ),
    "subscriptions": Shape(table="subscription", order=("subscriptionId",)),
}

# Columns that the API does not show, by table.
HIDDEN: dict[str, dict[str, str]] = {
    "customer": {"paymentTermsCode": "TEXT NOT NULL DEFAULT ''"},
    "payment_term": {
        "dueDays": "INTEGER NOT NULL DEFAULT 30",
        "discountDays": "INTEGER NOT NULL DEFAULT 0",
    },
    "currency": {"rate": "TEXT NOT NULL DEFAULT '1'"},  # one unit in local currency
    "sales_invoice": {
        "posted": "INTEGER NOT NULL DEFAULT 1",
        "discountDate": "TEXT NOT NULL DEFAULT '0001-01-01'",
    },
    "journal_batch": {
        "templateDisplayName": "TEXT NOT NULL DEFAULT 'CASHRCPT'",
        "noSeries": "TEXT NOT NULL DEFAULT ''",
        "balancingAccountType": "TEXT NOT NULL DEFAULT 'G_x002F_L_x0020_Account'",
    },
    "journal_line": {
        "accountType": "TEXT NOT NULL DEFAULT 'Customer'",
        "documentType": f"TEXT NOT NULL DEFAULT '{BLANK}'",
        "appliesToDocumentType": f"TEXT NOT NULL DEFAULT '{BLANK}'",
        "balancingAccountType": "TEXT NOT NULL DEFAULT 'G_x002F_L_x0020_Account'",
        "balancingAccountNumber": "TEXT NOT NULL DEFAULT ''",
        "currencyCode": "TEXT NOT NULL DEFAULT ''",
    },
    "subscription": {"clientId": "TEXT NOT NULL DEFAULT ''"},
}

# A computed property may hide a stored column of the same name: both are kept.
_STORED_TOO = {"currencyCode": ("customer", "sales_invoice", "bank_account")}


def column_type(kind: Field) -> str:
    """The SQLite type of a property's column, with its empty value as the default."""
    if isinstance(kind.empty, int):
        return f"INTEGER NOT NULL DEFAULT {kind.empty}"
    return f"TEXT NOT NULL DEFAULT '{kind.empty}'"


def columns(table: str) -> dict[str, str]:
    """All columns of a table that an entity is made of."""
    found: dict[str, str] = {}
    for name, shape in SHAPES.items():
        if shape.table != table:
            continue
        for kind in entities()[name].fields.values():
            stored = kind.name not in shape.computed or table in _STORED_TOO.get(kind.name, ())
            if stored and kind.type != "Stream":
                found.setdefault(kind.name, column_type(kind))
    return found | HIDDEN.get(table, {}) | {"rowVersion": "INTEGER NOT NULL DEFAULT 0"}


def source(entity: Entity, name: str) -> str:
    """The SQL that gives a property of the row ``t``."""
    return SHAPES[entity.set].computed.get(name, f't."{name}"')
