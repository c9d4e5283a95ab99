"""The cash receipt journals of a company, and the bank accounts that one may balance on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from quittance.erp.business_central.odata import Api, text

JOURNALS: Final = "customerPaymentJournals"
LINES: Final = "customerPayments"
RowT = TypeVar("RowT")
_NO_ID: Final = UUID(int=0)  # an empty relation (3.9)


class Journal(msgspec.Struct, rename="camel"):
    """A row of ``customerPaymentJournals``: one batch."""

    id: UUID
    code: str
    display_name: str
    balancing_account_id: UUID
    balancing_account_number: str

    SELECT = "id,code,displayName,balancingAccountId,balancingAccountNumber"

    @property
    def on_bank(self) -> bool:
        """Whether it balances on a bank account: the API has no id for one (2.3)."""
        return self.balancing_account_id == _NO_ID


class Bank(msgspec.Struct, rename="camel"):
    """A row of ``bankAccounts``. The local currency is shown for one that has none of its own."""

    number: str
    display_name: str
    blocked: bool
    currency_code: str

    SELECT = "id,number,displayName,blocked,currencyCode"


def journals(api: Api) -> Sequence[Journal]:
    """Return all journals that payments of customers may lie in."""
    return _read(api, JOURNALS, Journal, {"$select": Journal.SELECT})


def journal_called(api: Api, code: str) -> Journal | None:
    """Return the journal with this code, if there is one."""
    query = {"$filter": f"code eq {text(code)}", "$select": Journal.SELECT}
    return next((each for each in _read(api, JOURNALS, Journal, query) if each.code == code), None)


def path_of(api: Api, journal_id: UUID) -> str:
    """Return the path of a journal."""
    return f"{api.company}/{JOURNALS}({journal_id})"


def banks(api: Api) -> Sequence[Bank]:
    """Return all bank accounts."""
    return _read(api, "bankAccounts", Bank, {"$select": Bank.SELECT})


def bank_account(api: Api, number: str) -> Bank | None:
    """Return the bank account with this number, if there is one."""
    query = {"$filter": f"number eq {text(number)}", "$select": Bank.SELECT}
    found = _read(api, "bankAccounts", Bank, query)
    return next((each for each in found if each.number == number), None)


def _read(api: Api, entity: str, row: type[RowT], query: dict[str, str]) -> list[RowT]:
    return api.all(f"{api.company}/{entity}", row, entity=entity, query=query)
