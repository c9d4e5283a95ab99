"""How an entity set is read out of the database."""

from __future__ import annotations

from dataclasses import dataclass, field

NO_ID = "'00000000-0000-0000-0000-000000000000'"
LOCAL_CURRENCY = "(SELECT localCurrencyCode FROM general_ledger_setup)"
CURRENCY = f"CASE t.currencyCode WHEN '' THEN {LOCAL_CURRENCY} ELSE t.currencyCode END"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The table of an entity set and what is computed over it.

    ``computed`` maps a property to SQL over the row ``t``; other properties are columns of the same
    name. ``order`` is the table's primary key: the order without ``$orderby``. ``parents`` are the
    columns of which one must be given (facts, section 1: flat line collections answer 400);
    with ``orphans`` the flat collection shows the rows that have no parent instead.
    ``made_of`` names the tables that stand in the SQL when ``table`` is none itself.
    ``asked`` names properties that a filter sets before the table is computed, with what they are
    else; the table's SQL has their names in braces. ``narrowed`` does the same for a key: SQL
    around its value, so that not everything is computed for one record.
    """

    table: str
    order: tuple[str, ...]
    where: str = ""
    computed: dict[str, str] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    parent_missing: str = ""
    orphans: bool = False
    made_of: tuple[str, ...] = ()
    asked: dict[str, str] = field(default_factory=dict)
    narrowed: dict[str, str] = field(default_factory=dict)
