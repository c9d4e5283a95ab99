"""Every address of the house, out of Django's resolver, with rows of somebody put into it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from tests.intruder.rows import Seller

MISSING: Final = "00000000-0000-7000-8000-000000000000"
# The table behind an argument whose name does not say it; the longest part of a route that fits.
_TABLES: Final[dict[tuple[str, str], str]] = {
    ("", "approval_id"): "ApprovalRequest",
    ("", "bundle_id"): "Bundle",
    ("", "statement_id"): "StatementFile",
    ("", "claim_id"): "DomainClaim",
    ("", "confirmation_id"): "Confirmation",
    ("", "domain_id"): "ProviderDomain",
    ("", "provider_id"): "IdentityProvider",
    ("", "method_id"): "KeptMethod",
    ("", "file_id"): "DisputeFile",
    ("", "former_id"): "FormerContact",
    ("", "link_id"): "PayLink",
    ("", "token_id"): "DirectoryToken",
    ("", "entry_id"): "BankEntry",
    ("", "posting_id"): "ErpPosting",
    ("", "dispute_id"): "InvoiceDispute",
    ("", "account_id"): "GatewayAccount",
    ("bank/accounts", "account_id"): "BankAccount",
    ("", "rule_id"): "PostingRule",
    ("offers", "rule_id"): "OfferRule",
    ("fees", "rule_id"): "FeeRule",
    ("exceptions", "row_id"): "ErpPosting",
    ("findings", "row_id"): "Finding",
    ("unknown", "row_id"): "Finding",
    ("attempts", "row_id"): "GatewayAttempt",
}
# Arguments that are no row's id: a column of a table, or a word that is the same for everybody.
_COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "office/payments": ("Payment", "number"),
    "orders/": ("Invoice", "order_number"),
}
_WORDS: Final[dict[str, str]] = {
    "version": "0" * 12,
    "scheme": "light",
    "table": "posting",
    "word": "any-word-of-a-mail",
    "number": "1",
    "row": MISSING,
    "name": "User",
    "rest": "nothing",
}


class Unknown(Exception):
    """An address has an argument that nobody has told this suite how to fill."""


@dataclass(frozen=True)
class Route:
    """One address, and what stands for its arguments."""

    name: str  # "portal:invoice"
    route: str  # "invoices/<uuid:invoice_id>"
    arguments: Mapping[str, str]  # name and converter
    access: str
    permission: str

    @property
    def has_rows(self) -> bool:
        """Whether an argument says whose row is meant."""
        return any(self._table(each) or self._column(each) for each in self.arguments) or (
            "token" in self.arguments or "path" in self.arguments
        )

    def address(
        self, seller: Seller | None, account: UUID | None, which: int = 0,
        instead: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        """Put rows in; without a ``seller`` such as nobody has. Raises ``Unknown``.

        ``instead`` has words, as they stand in an address, in the place of some arguments.
        """

        def word(part: re.Match[str]) -> str:
            if instead and part[1] in instead:
                return instead[part[1]]
            return quote(self._value(part[1], seller, account, which), safe="/")

        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", word, self.route)

    def _value(self, name: str, seller: Seller | None, account: UUID | None, which: int) -> str:
        column, table = self._column(name), self._table(name)
        if column:
            row = seller.row(column[0], account, which) if seller else None
            return str(getattr(row, column[1])) if row else "P-0000-0000-0"
        if table:
            row = seller.row(table, account, which) if seller else None
            return str(row.pk) if row else MISSING
        if name == "path":
            hook = seller and (seller.hook if "gateway" in self.route else seller.hint)
            return hook or "no-such-path-as-this"
        if name == "token":
            return seller.tokens[account] if seller and account else "no-such-token-as-this"
        if name not in _WORDS:
            raise Unknown(f"{self.route}: say in tests/intruder/addresses.py what {name} is.")
        return _WORDS[name]

    def _column(self, name: str) -> tuple[str, str] | None:
        if name != "number":
            return None
        return next((found for part, found in _COLUMNS.items() if part in self.route), None)

    def _table(self, name: str) -> str:
        if self.arguments[name] != "UUIDConverter" and name != "file_id":
            return ""
        fits = [(part, arg) for part, arg in _TABLES if arg == name and part in self.route]
        if fits:
            return _TABLES[max(fits, key=lambda each: len(each[0]))]
        wanted = name.removesuffix("_id").title().replace("_", "")
        if wanted not in {model.__name__ for model in apps.get_models()}:
            raise Unknown(f"{self.route}: say in tests/intruder/addresses.py what {name} is.")
        return wanted


def routes() -> list[Route]:
    """Every address that the house has, whoever added it."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: Any, before: str, space: str) -> Iterator[Route]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = ":".join(filter(None, (space, each.namespace)))
            yield from _walk(each, route, inner)
        elif isinstance(each, URLPattern):
            kinds = {name: type(kind).__name__ for name, kind in each.pattern.converters.items()}
            name = ":".join(filter(None, (space, each.name or str(each.pattern))))
            said = {word: getattr(each.callback, word, "") for word in ("access", "permission")}
            yield Route(name, route, kinds, str(said["access"]), str(said["permission"]))
