"""What documents refer to: methods, areas, units, items, dimensions, rates; and journal lines."""

# ruff: noqa: S608 every part of the SQL is a constant
from __future__ import annotations

from sandbox.business_central.facts import BLANK
from sandbox.business_central.tables.shape import Shape

_GENERAL_ACCOUNTS = "('G_x002F_L_x0020_Account', 'Bank_x0020_Account')"


def _dimension(column: str) -> str:
    return f"COALESCE((SELECT d.{column} FROM dimension AS d WHERE d.id = t.id), '')"


def _value(column: str) -> str:
    return f"COALESCE((SELECT v.{column} FROM dimension_value AS v WHERE v.id = t.valueId), '')"


def _coded(table: str) -> Shape:
    """A table whose key is its code."""
    return Shape(table=table, order=("code",))


SHAPES: dict[str, Shape] = {
    "paymentMethods": _coded("payment_method"),
    "shipmentMethods": _coded("shipment_method"),
    "taxAreas": _coded("tax_area"),
    "taxGroups": _coded("tax_group"),
    "countriesRegions": _coded("country_region"),
    "disputeStatus": _coded("dispute_status"),
    "unitsOfMeasure": _coded("unit_of_measure"),
    "items": Shape(table="item", order=("number",)),
    "accountingPeriods": Shape(table="accounting_period", order=("startingDate",)),
    "currencyExchangeRates": Shape(
        table="currency_exchange_rate", order=("currencyCode", "startingDate")
    ),
    "dimensions": _coded("dimension"),
    "dimensionValues": Shape(table="dimension_value", order=("dimensionId", "code")),
    # The key is the dimension's id: it means something below one parent only.
    "dimensionSetLines": Shape(
        table="dimension_set_line",
        order=("parentId", "code"),
        computed={
            "displayName": _dimension("displayName"),
            "consolidationCode": _dimension("consolidationCode"),
            "valueCode": _value("code"),
            "valueDisplayName": _value("displayName"),
            "valueConsolidationCode": _value("consolidationCode"),
        },
        parents=("parentId",),
        parent_missing="You must get to the parent first to get to the dimension set line.",
    ),
    "defaultDimensions": Shape(
        table="default_dimension",
        order=("parentId", "dimensionId"),
        computed={
            "dimensionCode": "COALESCE((SELECT d.code FROM dimension AS d"
            " WHERE d.id = t.dimensionId), '')",
            "dimensionValueCode": "COALESCE((SELECT v.code FROM dimension_value AS v"
            " WHERE v.id = t.dimensionValueId), '')",
        },
        parents=("parentId", "id"),
        parent_missing="You must get to the parent first to get to the default dimensions.",
    ),
    # Facts, section 1: the type is blank and the account one of two kinds; no customer's lines.
    "journalLines": Shape(
        table="journal_line",
        order=("journalId", "lineNumber"),
        where=f"t.documentType = '{BLANK}' AND t.accountType IN {_GENERAL_ACCOUNTS}",
        computed={
            "journalDisplayName": "(SELECT b.code FROM journal_batch AS b"
            " WHERE b.id = t.journalId)",
            "balanceAccountType": "t.balancingAccountType",
        },
        parents=("journalId", "id"),
        parent_missing="You must specify a journal batch ID or a journal ID to get a journal line.",
    ),
}
