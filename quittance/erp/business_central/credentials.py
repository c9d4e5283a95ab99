"""What we must be told to reach one company of Business Central."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from uuid import UUID

from quittance.core.credentials import credential
from quittance.core.errors import Misconfigured
from quittance.core.origins import origin_of

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
# Stand in for what is chosen once the sign-in works. No company and no account can be called so.
UNFINISHED: Final = {
    "company_id": "00000000-0000-0000-0000-000000000000",
    "local_currency": "XXX",
    "clearing_account": "?",
}


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """One company in one environment, and the application that may read and post there."""

    tenant: str = credential(
        "Tenant",
        "The Microsoft Entra tenant: its domain or its directory id.",
        lasting=True,
        books=True,
    )
    environment: str = credential(
        "Environment",
        "As the Business Central admin center names it.",
        default="production",
        lasting=True,  # a copied one has companies with the same ids
        books=True,
    )
    company_id: str = credential(
        "Company id",
        "The id of the company (not its name): a GUID from the list of companies.",
        offered=True,
        lasting=True,
        books=True,
    )
    client_id: str = credential("Client id", "Of the app registration in Microsoft Entra.")
    client_secret: str = credential(
        "Client secret", "The secret's value, not its id. It expires: note the day.", secret=True
    )
    local_currency: str = credential(
        "Local currency",
        "The currency of the company's books, such as EUR.",
        offered=True,
        lasting=True,
    )
    clearing_account: str = credential(
        "Clearing account",
        "Number of the G/L account that payments are balanced on; it needs Direct Posting.",
        offered=True,
        lasting=True,
    )
    ledger_service: str = credential(
        "Ledger web service",
        "Service name under which page 25, Customer Ledger Entries, is published. Without it there "
        "are no open credits and no payment discounts.",
        optional=True,
        offered=True,
    )
    settled_disputes: str = credential(
        "Dispute statuses that may be paid",
        "Codes of page Dispute Status, with commas between them, that stop no payment, such as "
        "RESOLVED. An invoice with any other one cannot be paid.",
        optional=True,
        rarely=True,
    )
    customer_files: str = credential(
        "Files for customers",
        "Write yes if customers may see every file that hangs on their invoices. Business Central "
        "does not tell which are meant for them, so without it they see none.",
        optional=True,
        rarely=True,
    )
    address: str = credential(
        "Address",
        "Where the API answers.",
        default="https://api.businesscentral.dynamics.com",
        rarely=True,
        address=True,
        lasting=True,
        books=True,
    )
    sign_in_address: str = credential(
        "Sign-in address",
        "Where tokens come from.",
        default="https://login.microsoftonline.com",
        rarely=True,
        address=True,
    )

    def __post_init__(self) -> None:
        """Refuse a value that cannot be right, naming its field."""
        for field in ("address", "sign_in_address"):
            _check_address(field, getattr(self, field))
        for field in ("tenant", "environment"):
            if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", getattr(self, field)):
                raise Misconfigured(f"“{field}” holds a character it cannot have.", field=field)
        try:
            UUID(self.company_id)
        except ValueError:
            raise Misconfigured(
                "The company id is not a GUID. Take it from the list of companies.",
                field="company_id",
            ) from None
        if not re.fullmatch(r"[\w .-]{0,240}", self.ledger_service):
            raise Misconfigured(
                "The ledger web service is its name, not an address.", field="ledger_service"
            )
        if self.customer_files.strip().lower() not in {"", "yes", "no"}:
            raise Misconfigured(
                "“Files for customers” is yes, no, or empty.", field="customer_files"
            )
        if not _CURRENCY.fullmatch(self.local_currency):
            raise Misconfigured(
                "The local currency must be three capital letters, such as EUR.",
                field="local_currency",
            )

    @property
    def settled(self) -> frozenset[str]:
        """The dispute statuses that stop no payment, as Business Central writes codes."""
        codes = (code.strip().upper() for code in self.settled_disputes.split(","))
        return frozenset(code for code in codes if code)

    @property
    def shows_files(self) -> bool:
        """Whether customers may see the files of their documents."""
        return self.customer_files.strip().lower() == "yes"

    @property
    def root(self) -> str:
        """The address of API v2.0 in this environment, without a slash at its end."""
        return f"{self._place}/api/v2.0"

    @property
    def services_root(self) -> str:
        """The address of the web services in this environment, without a slash at its end."""
        return f"{self._place}/ODataV4"

    @property
    def _place(self) -> str:
        place = f"{quote(self.tenant)}/{quote(self.environment)}"
        return f"{self.address.rstrip('/')}/v2.0/{place}"

    @property
    def token_address(self) -> str:
        """Where the application signs in."""
        return f"{self.sign_in_address.rstrip('/')}/{quote(self.tenant)}/oauth2/v2.0/token"

    @property
    def company(self) -> str:
        """The company's part of an address."""
        return f"/companies({UUID(self.company_id)})"


def _check_address(field: str, address: str) -> None:
    """Allow https; http only inside a network of one's own: a sandbox is not out on the internet.

    Whether we may go there at all is said by the operator, in ``quittance.connections.reach``.
    """
    origin = origin_of(address)
    if origin is None:
        raise Misconfigured(f"“{field}” is not an address like https://host.", field=field)
    if origin.scheme != "https" and origin.looks_public:
        raise Misconfigured(f"“{field}” must begin with https://.", field=field)
