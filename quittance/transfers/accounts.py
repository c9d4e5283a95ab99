"""Keeps the seller's bank accounts, once every part of them can be right."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, fields
from typing import Final
from uuid import UUID

from babel import Locale
from django.utils.translation import gettext as _
from stdnum import bic, iban
from stdnum.exceptions import ValidationError

from quittance.audit.record import record_event
from quittance.connections.change import WithWord
from quittance.connections.keep import keep_gateway_account
from quittance.connections.models import GatewayAccount
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import writing
from quittance.transfers.models import BankAccount

KIND: Final = "bank_transfer"  # of the ledger's place for it; no adapter has this name
METHOD: Final = "bank_transfer"  # of the payments that come this way
_FIXED: Final = ("iban", "number", "bank_code", "currency")
_MOST: Final = {
    "owner": 70, "street": 70, "building": 16, "postal_code": 16, "town": 35, "country": 2,
    "iban": 34, "number": 34, "bank_code": 35, "bic": 11, "bank_name": 70, "currency": 3,
}  # fmt: skip
_NAMED: Final = Locale("en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A bank account as somebody writes it; texts without spaces around them."""

    owner: str = ""
    street: str = ""
    building: str = ""
    postal_code: str = ""
    town: str = ""
    country: str = ""
    iban: str = ""
    number: str = ""
    bank_code: str = ""
    bic: str = ""
    bank_name: str = ""
    currency: str = ""
    booked_by: str = BankAccount.BookedBy.ERP

    @classmethod
    def typed(cls, values: Mapping[str, str]) -> Told:
        """Read a form: spaces in numbers are for people, so they go."""
        found = {}
        for each in fields(cls):
            text = " ".join(str(values.get(each.name, "")).replace("\0", "").split())
            if each.name in {"iban", "bic", "currency", "country"}:
                text = text.replace(" ", "").upper()
            found[each.name] = text
        return cls(**found)


class CannotBeRight(RuleBroken):
    """This bank account cannot be right. Nothing was kept."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(" ".join(sentence for _field, sentence in problems))
        self.problems = problems


def problems_of(told: Told) -> list[tuple[str, str]]:
    """Return what cannot be right, as fields and sentences; nothing when all can."""
    found = [
        (name, _("At most %(count)s characters.") % {"count": most})
        for name, most in _MOST.items()
        if len(getattr(told, name)) > most
    ]
    for name, words in (
        ("owner", _("Say whose account it is: payers check the name.")),
        ("bank_name", _("Name the bank.")),
    ):
        if not getattr(told, name):
            found.append((name, words))
    if bool(told.iban) == bool(told.number):
        found.append(("iban", _("Give either an IBAN or an account number.")))
    if told.iban and not _is_right(iban.validate, told.iban):
        found.append(("iban", _("The IBAN has a mistake: its check digits do not fit.")))
    if told.bic and not _is_right(bic.validate, told.bic):
        found.append(("bic", _("A BIC has 8 or 11 letters and digits.")))
    if told.currency not in _NAMED.currencies:
        found.append(("currency", _("Name the currency by its three letters, such as EUR.")))
    if told.country and told.country not in _NAMED.territories:
        found.append(("country", _("Name the country by its two letters, such as CH.")))
    if told.booked_by not in BankAccount.BookedBy.values:
        found.append(("booked_by", _("Say who books what comes on it.")))
    return found


def check_account(
    legal_entity_id: UUID, told: Told, *, account_id: UUID | None, is_active: bool
) -> None:
    """Say no to what cannot be kept now, in a transaction of the caller; it keeps nothing.

    Raises ``CannotBeRight``.
    """
    found = problems_of(told)
    if found:
        raise CannotBeRight(found)
    if account_id is None:
        _check_new(told)
    else:
        rows = BankAccount.objects.filter(legal_entity_id=legal_entity_id)
        _check_fixed(rows.get(pk=account_id), told)
    if is_active:
        _check_alone(account_id, legal_entity_id, told)


def keep_account(
    legal_entity_id: UUID,
    told: Told,
    *,
    account_id: UUID | None = None,
    as_id: UUID | None = None,
    is_active: bool = True,
    with_word: WithWord = nullcontext,
    second_person: str = "",
) -> BankAccount:
    """Keep a bank account of a legal entity, or change one. Raises ``CannotBeRight``.

    Its number and its currency stay for good: payers may have them already. ``as_id``: the id of
    a new one. ``with_word`` is entered in the transaction: another person's word, which counts
    only if the account is kept. ``second_person`` goes into the audit.
    """
    facts = {"second_person": second_person} if second_person else {}
    with writing(), with_word():
        # Two clerks at once: the second sees what the first has kept.
        LegalEntity.objects.select_for_update().get(pk=legal_entity_id)
        check_account(legal_entity_id, told, account_id=account_id, is_active=is_active)
        if account_id is None:
            row = BankAccount(id=as_id or new_id(), legal_entity_id=legal_entity_id)
            row.gateway_account = _place(told)
        else:
            row = BankAccount.objects.select_for_update().get(pk=account_id)
        for each in fields(Told):
            setattr(row, each.name, getattr(told, each.name))
        row.is_active = is_active
        row.save()
        record_event("bank account kept", subject_kind="bank_account", subject_id=row.pk,
                     booked_by=row.booked_by,
                     currency=row.currency, active=is_active, **facts)  # fmt: skip
    return row


def account_for(legal_entity_ids: Collection[UUID], currency: str) -> BankAccount | None:
    """Return the account that takes transfers for these legal entities, in a transaction.

    One transfer goes to one account, so invoices of two legal entities have none.
    """
    if len(set(legal_entity_ids)) != 1:
        return None
    rows = BankAccount.objects.filter(is_active=True, currency=currency)
    return rows.filter(legal_entity_id__in=legal_entity_ids).first()


def _check_new(told: Told) -> None:
    twins = BankAccount.objects.filter(
        iban=told.iban, number=told.number, bank_code=told.bank_code, currency=told.currency
    )
    if twins.exists():
        raise CannotBeRight([("iban", _("This account is in the list already."))])


def _check_fixed(row: BankAccount, told: Told) -> None:
    changed = [name for name in _FIXED if getattr(row, name) != getattr(told, name)]
    if changed:
        words = _("This stays: payers have it. Switch the account off and add another one.")
        raise CannotBeRight([(name, words) for name in changed])


def _check_alone(account_id: UUID | None, legal_entity_id: UUID, told: Told) -> None:
    others = BankAccount.objects.filter(
        legal_entity_id=legal_entity_id, currency=told.currency, is_active=True
    )
    other = (others.exclude(pk=account_id) if account_id else others).first()
    if other:
        words = _("%(other)s takes transfers in this currency. Switch it off first.")
        raise CannotBeRight([("currency", words % {"other": str(other)})])


def _place(told: Told) -> GatewayAccount:
    """Make the place in our ledger for what comes on the account; its name is never used twice."""
    name = f"{told.bank_name} ••{(told.iban or told.number)[-4:]} {told.currency}"
    taken = set(GatewayAccount.objects.values_list("name", flat=True))
    free = next(each for each in _names(name) if each not in taken)
    return keep_gateway_account(kind=KIND, name=free, settings={}, is_active=False)


def _names(name: str) -> Sequence[str]:
    return [name, *(f"{name} ({count})" for count in range(2, 1000))]


def _is_right(validate: object, text: str) -> bool:
    try:
        validate(text)  # type: ignore[operator]
    except ValidationError:
        return False
    return True
