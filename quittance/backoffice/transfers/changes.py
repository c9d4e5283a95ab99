"""Says what a change of the seller's bank accounts is, before anything is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields
from typing import Final
from uuid import UUID

from quittance.connections.change import WithWord
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.tenancy.models import LegalEntity
from quittance.transfers.accounts import Told, check_account, keep_account
from quittance.transfers.models import BankAccount

_LABELS: Final = {
    "currency": "Currency", "iban": "IBAN", "number": "Account number",
    "bank_code": "Routing number or bank code", "bic": "BIC", "bank_name": "Bank",
    "owner": "Owner", "street": "Street", "building": "Number in the street",
    "postal_code": "Postal code", "town": "Town", "country": "Country",
    "booked_by": "Who books what comes",
}  # fmt: skip
_OFFERED: Final = "Offered to buyers"
_BOOKS: Final = {"erp": "the ERP", "portal": "this portal"}


class ChangedSince(RuleBroken):
    """The account was changed since this was asked for. Refuse it; it can be asked for anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A bank account as it is to be: a new one, or one that is kept already."""

    legal_entity: LegalEntity
    account_id: UUID  # of a new one, too: another person confirms this very row
    told: Told
    is_active: bool
    row: BankAccount | None  # as it is now

    @property
    def only_ends(self) -> bool:
        """Whether it does no more than to offer the account to nobody: that sends no money off."""
        return all(line[0] == _OFFERED and line[2] == "no" for line in self.shown)

    @property
    def shown(self) -> list[tuple[str, str, str]]:
        """What changes, for pages: what, before, after; numbers are shortened."""
        before = _told_of(self.row) if self.row else Told(booked_by="")
        found = [] if self.row else [("Legal entity", "", self.legal_entity.name)]
        for name, label in _LABELS.items():
            one, other = getattr(before, name), getattr(self.told, name)
            if one != other:
                found.append((label, _word(name, one), _word(name, other)))
        offered = "" if self.row is None else _yes(self.row.is_active)
        if offered != _yes(self.is_active):
            found.append((_OFFERED, offered, _yes(self.is_active)))
        return found

    @property
    def name(self) -> str:
        """What people call it."""
        number = self.told.iban or self.told.number
        return f"{self.told.bank_name} {shortened(number)} {self.told.currency}"


def draft_account(
    legal_entity: LegalEntity, told: Told, *, row: BankAccount | None, is_active: bool
) -> Draft:
    """Return the change, in a transaction of the caller. Raises ``CannotBeRight``."""
    check_account(legal_entity.pk, told, account_id=row.pk if row else None, is_active=is_active)
    return Draft(
        legal_entity=legal_entity, account_id=row.pk if row else new_id(), told=told,
        is_active=is_active, row=row,
    )  # fmt: skip


def keep_draft(draft: Draft, *, with_word: WithWord = nullcontext) -> None:
    """Keep it; ``with_word`` as in ``keep_account``. Raises what that raises."""
    keep_account(
        draft.legal_entity.pk, draft.told, is_active=draft.is_active, with_word=with_word,
        account_id=draft.account_id if draft.row else None,
        as_id=None if draft.row else draft.account_id,
    )  # fmt: skip


def packed(draft: Draft) -> dict[str, str]:
    """Return a draft as it is sealed until another person confirms it."""
    return {
        **asdict(draft.told), "legal_entity": str(draft.legal_entity.pk),
        "is_active": _yes(draft.is_active), "before": _print_of(draft.row),
    }  # fmt: skip


def unpacked(account_id: UUID, content: Mapping[str, str]) -> Draft:
    """Return a sealed draft, in a transaction of the caller.

    Raises ``ChangedSince``: then it was for another account than this is now.
    """
    row = BankAccount.objects.filter(pk=account_id).first()
    if _print_of(row) != content["before"]:
        raise ChangedSince
    return Draft(
        legal_entity=LegalEntity.objects.get(pk=content["legal_entity"]), account_id=account_id,
        told=Told(**{each.name: content[each.name] for each in fields(Told)}),
        is_active=content["is_active"] == "yes", row=row,
    )  # fmt: skip


def shortened(number: str) -> str:
    """Return its begin and its end: of an IBAN the check digits, too, which the rest has to fit."""
    begin = number[:4] if number[:2].isalpha() else ""
    return f"{begin}••{number[-4:]}"


def _told_of(row: BankAccount) -> Told:
    return Told(**{each.name: getattr(row, each.name) for each in fields(Told)})


def _word(name: str, value: str) -> str:
    if name in {"iban", "number"} and value:
        return shortened(value)
    return _BOOKS.get(value, "") if name == "booked_by" else value


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _print_of(row: BankAccount | None) -> str:
    if row is None:
        return ""
    parts = [row.legal_entity_id.hex, row.is_active, asdict(_told_of(row))]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
