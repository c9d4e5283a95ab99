"""The G/L accounts of a company: which ones payments may be balanced on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from quittance.core.errors import Misconfigured
from quittance.erp.business_central.odata import Api, text
from quittance.erp.connecting import Choice

_ENTITY: Final = "accounts"


class _Account(msgspec.Struct, rename="camel"):
    id: UUID
    number: str
    display_name: str
    blocked: bool
    account_type: str
    direct_posting: bool

    SELECT = "id,number,displayName,blocked,accountType,directPosting"


def account_exists(api: Api, number: str) -> bool:
    """Say whether there is a G/L account for postings with this number."""
    account = _account(api, number)
    return account is not None and account.account_type == "Posting"


def clearing_account_id(api: Api, number: str) -> UUID:
    """Return the id of the G/L account that payments are balanced on.

    Raises ``Misconfigured`` when there is none or when it cannot take a payment.
    """
    account = _account(api, number)
    if account is None:
        raise _wrong_account(number, "does not exist")
    if account.account_type != "Posting":
        raise _wrong_account(number, "is a heading or a total, not an account for postings")
    if account.blocked:
        raise _wrong_account(number, "is blocked")
    if not account.direct_posting:
        raise _wrong_account(number, "does not allow Direct Posting")
    return account.id


def offered(api: Api) -> Sequence[Choice]:
    """Return the G/L accounts that payments may be posted to directly."""
    usable = [
        Choice(value=row.number, label=row.display_name)
        for row in _read(api, {"$select": _Account.SELECT})
        if row.direct_posting and not row.blocked and row.account_type == "Posting"
    ]
    return sorted(usable, key=lambda each: ("clearing" not in each.label.lower(), each.value))


def _account(api: Api, number: str) -> _Account | None:
    query = {"$filter": f"number eq {text(number)}", "$select": _Account.SELECT}
    return next((each for each in _read(api, query) if each.number == number), None)


def _read(api: Api, query: dict[str, str]) -> Sequence[_Account]:
    return api.all(f"{api.company}/{_ENTITY}", _Account, entity=_ENTITY, query=query)


def _wrong_account(number: str, why: str) -> Misconfigured:
    return Misconfigured(
        f"The clearing account {number} {why}. Name a G/L account that payments may be posted to "
        "directly.",
        field="clearing_account",
    )
