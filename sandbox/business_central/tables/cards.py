"""What is known of people and firms beside the customer's card: contacts, aging, sales."""

# ruff: noqa: S608 every part of the SQL is a constant
from __future__ import annotations

from sandbox.business_central.tables.shape import LOCAL_CURRENCY, NO_ID, Shape

# BCApps, codeunit 5488: what is due from the day on is current; then two periods back, then all
# before. Amounts are in local currency; the last row sums the others.
_DAYS = """(SELECT {agedAsOfDate} AS day, {periodLengthFilter} AS length,
 period_before({agedAsOfDate}, {periodLengthFilter}) AS first,
 period_before(period_before({agedAsOfDate}, {periodLengthFilter}), {periodLengthFilter}) AS second
 LIMIT 1)"""
_SUMS = f"""SELECT e.customerNumber AS number, SUM(d.amountLCY) AS balance,
 SUM(CASE WHEN e.dueDate >= p.day THEN d.amountLCY ELSE 0 END) AS present,
 SUM(CASE WHEN e.dueDate < p.day AND e.dueDate >= p.first THEN d.amountLCY ELSE 0 END) AS one,
 SUM(CASE WHEN e.dueDate < p.first AND e.dueDate >= p.second THEN d.amountLCY ELSE 0 END) AS two,
 SUM(CASE WHEN e.dueDate < p.second THEN d.amountLCY ELSE 0 END) AS three
 FROM {_DAYS} AS p CROSS JOIN customer_ledger_entry AS e JOIN detailed_ledger_entry AS d
 ON d.customerLedgerEntryNumber = e.entryNumber WHERE e.open = 1
 AND e.customerNumber = {{customerId}}"""
_AMOUNTS = """COALESCE(a.balance, 0) AS balanceDue, COALESCE(a.present, 0) AS currentAmount,
 COALESCE(a.one, 0) AS period1Amount, COALESCE(a.two, 0) AS period2Amount,
 COALESCE(a.three, 0) AS period3Amount, p.day AS agedAsOfDate, p.length AS periodLengthFilter,
 0 AS rowVersion"""
_AGED = f"""(SELECT 0 AS place, c.id AS customerId, c.number AS customerNumber,
 c.displayName AS name,
 CASE c.currencyCode WHEN '' THEN {LOCAL_CURRENCY} ELSE c.currencyCode END AS currencyCode,
 short_date(p.first) || '-' || short_date(p.day) AS period1Label,
 short_date(p.second) || '-' || short_date(p.first) AS period2Label,
 '-' || short_date(p.second) AS period3Label, {_AMOUNTS}
 FROM {_DAYS} AS p CROSS JOIN customer AS c LEFT JOIN ({_SUMS} GROUP BY e.customerNumber) AS a
 ON a.number = c.number
 UNION ALL SELECT 1, {NO_ID}, '', 'Total', '', '', '', '', {_AMOUNTS}
 FROM {_DAYS} AS p CROSS JOIN ({_SUMS}) AS a)"""

_RELATED = f"""(SELECT id AS contactId, number AS contactNumber, displayName AS contactName,
 type AS contactType, relatedId, relatedType, rowVersion FROM contact WHERE relatedId <> {NO_ID})"""

SHAPES: dict[str, Shape] = {
    "agedAccountsReceivables": Shape(
        table=_AGED,
        order=("place", "customerNumber"),
        asked={
            "agedAsOfDate": "work_date()",
            "periodLengthFilter": "'30D'",
            "customerId": "e.customerNumber",
        },
        narrowed={"customerId": "(SELECT n.number FROM customer AS n WHERE n.id = {})"},
    ),
    "customerSales": Shape(
        table="(SELECT id AS customerId, number AS customerNumber, displayName AS name, rowVersion"
        " FROM customer)",
        order=("customerNumber",),
        computed={
            "totalSalesAmount": "(SELECT COALESCE(SUM(e.salesLCY), 0)"
            " FROM customer_ledger_entry AS e WHERE e.customerNumber = t.customerNumber)"
        },
    ),
    "contacts": Shape(table="contact", order=("number",)),
    "contactsInformation": Shape(
        table=_RELATED,
        order=("contactNumber",),
        parents=("relatedId", "contactId"),
        parent_missing="id type not specified.",
    ),
    "customerContacts": Shape(
        table="contact",
        order=("number",),
        where="t.type = 'Person' AND t.relatedType = 'Customer'",
        computed={
            "professionalTitle": "t.jobTitle",
            "customerId": "t.relatedId",
            "customerName": "t.companyName",
            "primaryPhoneNumber": "t.phoneNumber",
        },
    ),
}

HIDDEN: dict[str, dict[str, str]] = {
    "contact": {
        "relatedId": f"TEXT NOT NULL DEFAULT {NO_ID}",
        "relatedType": "TEXT NOT NULL DEFAULT '_x0020_'",
    }
}
