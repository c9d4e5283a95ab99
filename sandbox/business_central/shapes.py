"""Where each entity's properties come from: a table, its columns, and SQL for what is computed."""

from __future__ import annotations

from sandbox.business_central.facts import BLANK, Entity, Field, entities
from sandbox.business_central.tables import cards, documents, setup
from sandbox.business_central.tables.shape import CURRENCY, LOCAL_CURRENCY, Shape

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
# The tolerance date is the discount date and the days of grace of the company (features, 5.7).
_LEDGER = """(SELECT entryNumber AS Entry_No, postingDate AS Posting_Date,
 postingDate AS Document_Date, documentType AS Document_Type, documentNumber AS Document_No,
 customerNumber AS Customer_No, description AS Description, currencyCode AS Currency_Code,
 balancingAccountNumber AS Bal_Account_No, dueDate AS Due_Date, discountDate AS Pmt_Discount_Date,
 CASE discountDate WHEN '0001-01-01' THEN discountDate ELSE date(discountDate, '+' ||
  COALESCE((SELECT value FROM setting WHERE name = 'switch:payment_discount_grace_days'), '0')
  || ' days') END AS Pmt_Disc_Tolerance_Date,
 originalDiscountPossible AS Original_Pmt_Disc_Possible,
 remainingDiscountPossible AS Remaining_Pmt_Disc_Possible, open AS Open,
 closedAtDate AS Closed_at_Date, '' AS On_Hold, reversed AS Reversed,
 externalDocumentNumber AS External_Document_No, entryNumber AS rowVersion
 FROM customer_ledger_entry)"""

SHAPES: dict[str, Shape] = {
    # Each company has a file of its own; the main one's knows the names of the others.
    "companies": Shape(
        table="(SELECT * FROM company UNION ALL SELECT * FROM other_company)",
        order=("name",),
        made_of=("company", "other_company"),
    ),
    "companyInformation": Shape(
        table="company_information", order=("id",), computed={"currencyCode": LOCAL_CURRENCY}
    ),
    "generalLedgerSetup": Shape(table="general_ledger_setup", order=("id",)),
    "paymentTerms": Shape(table="payment_term", order=("code",)),
    "currencies": Shape(table="currency", order=("code",)),
    "bankAccounts": Shape(
        table="bank_account",
        order=("number",),
        computed={
            "currencyCode": CURRENCY,
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
            "currencyCode": CURRENCY,
            "taxAreaDisplayName": "COALESCE((SELECT a.displayName FROM tax_area AS a"
            " WHERE a.id = t.taxAreaId), '')",
            # Mixed currencies summed as plain numbers, on purpose (facts, section 1.2).
            "balanceDue": "(SELECT COALESCE(SUM(d.amount), 0) FROM detailed_ledger_entry AS d"
            " WHERE d.customerNumber = t.number)",
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
    ),
    "salesInvoices": Shape(
        table="sales_invoice",
        order=("number", "posted"),
        computed={"currencyCode": CURRENCY, "remainingAmount": REMAINING},
    ),
    "salesInvoiceLines": Shape(
        table="sales_invoice_line",
        order=("documentId", "sequence"),
        parents=("documentId", "id"),
        parent_missing=_LINES_NEED_A_PARENT,
    ),
    "customerPaymentJournals": Shape(
        table="journal_batch",
        order=("code",),
        where="t.templateDisplayName = 'CASHRCPT'",
        computed={"balancingAccountId": _BALANCING_ID},
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
    ),
    "generalLedgerEntries": Shape(
        table="general_ledger_entry",
        order=("entryNumber",),
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
    **cards.SHAPES,
    **documents.SHAPES,
    **setup.SHAPES,
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
    **cards.HIDDEN,
    **documents.HIDDEN,
}

# A computed property may hide a stored column of the same name: both are kept.
_STORED_TOO = {
    "currencyCode": (
        "customer",
        "sales_invoice",
        "sales_credit_memo",
        "sales_order",
        "sales_shipment",
        "bank_account",
    )
}


def column_type(kind: Field) -> str:
    """The SQLite type of a property's column, with its empty value as the default."""
    if isinstance(kind.empty, int):
        return f"INTEGER NOT NULL DEFAULT {kind.empty}"
    return f"TEXT NOT NULL DEFAULT '{kind.empty}'"


def columns(table: str) -> dict[str, str]:
    """All columns of a table that an entity is made of."""
    found: dict[str, str] = {}
    for name, shape in SHAPES.items():
        if table not in {shape.table, *shape.made_of}:
            continue
        for kind in entities()[name].fields.values():
            stored = kind.name not in shape.computed or table in _STORED_TOO.get(kind.name, ())
            if stored and kind.type != "Stream":
                found.setdefault(kind.name, column_type(kind))
    return found | HIDDEN.get(table, {}) | {"rowVersion": "INTEGER NOT NULL DEFAULT 0"}


def source(entity: Entity, name: str) -> str:
    """The SQL that gives a property of the row ``t``."""
    return SHAPES[entity.set].computed.get(name, f't."{name}"')
