"""Splits a payment into its parts: money, discount and credit for each invoice, to the last cent.

Plain whole numbers of the currency's smallest unit go in and come out, so nothing is rounded: the
parts of an invoice always add up to what it settles. The only rounding of a payment is its fee's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from quittance.payments.discounts import Discount


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How much of one invoice shall be settled, of what is free, in minor units."""

    invoice_id: UUID
    account_id: UUID
    due: date
    number: str
    minor: int
    free_minor: int
    discount: Discount | None

    @property
    def closes(self) -> bool:
        """Whether it reaches what closes the invoice, the discount taken off."""
        off = self.discount.minor if self.discount else 0
        return self.free_minor - off <= self.minor <= self.free_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """A credit of one account, and at most how much of it may be used."""

    credit_id: UUID
    account_id: UUID
    issued: date
    number: str
    minor: int


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one credit goes to an invoice."""

    credit_id: UUID
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is done for one invoice. ``kept_back_minor`` is a discount that nobody can promise."""

    invoice_id: UUID
    money_minor: int
    discount_minor: int = 0
    uses: tuple[Use, ...] = ()
    kept_back_minor: int = 0

    @property
    def credit_minor(self) -> int:
        """The sum of its credits."""
        return sum(use.minor for use in self.uses)

    @property
    def settles_minor(self) -> int:
        """How much less will be open."""
        return self.money_minor + self.discount_minor + self.credit_minor


def split(wishes: Sequence[Wish], purses: Iterable[Purse]) -> list[Part]:
    """Return the part of each wish, in the order of the wishes.

    A credit pays invoices of its own account only. The oldest due date comes first, and the oldest
    credit; but an invoice that earns a discount gets no credit before all others are paid for, and
    then only if the credit is worth more than the discount, which it loses by that.
    """
    left = sorted(purses, key=lambda purse: (purse.issued, purse.number, purse.credit_id))
    order = sorted(
        wishes,
        key=lambda wish: (_earns(wish), wish.due, wish.number, wish.invoice_id),
    )
    parts: dict[UUID, Part] = {}
    for wish in order:
        own = [purse for purse in left if purse.account_id == wish.account_id and purse.minor]
        if _earns(wish) and sum(purse.minor for purse in own) <= _off(wish):
            own = []
        uses, left = _take(own, wish.free_minor if _earns(wish) else wish.minor, left)
        parts[wish.invoice_id] = _part(wish, uses)
    return [parts[wish.invoice_id] for wish in wishes]


def _earns(wish: Wish) -> bool:
    return wish.discount is not None and wish.closes


def _off(wish: Wish) -> int:
    return wish.discount.minor if wish.discount else 0


def _take(own: Sequence[Purse], wanted: int, left: list[Purse]) -> tuple[list[Use], list[Purse]]:
    """Take ``wanted`` out of the purses, as far as they go; return the uses and what is left."""
    uses = []
    for purse in own:
        taken = min(purse.minor, wanted)
        if taken <= 0:
            break
        wanted -= taken
        uses.append(Use(purse.credit_id, taken))
        smaller = replace(purse, minor=purse.minor - taken)
        left = [smaller if each is purse else each for each in left]
    return uses, left


def _part(wish: Wish, uses: Sequence[Use]) -> Part:
    credit = sum(use.minor for use in uses)
    discount = wish.discount
    if discount is None or not wish.closes:
        return Part(invoice_id=wish.invoice_id, money_minor=wish.minor - credit, uses=tuple(uses))
    if credit:
        return Part(
            invoice_id=wish.invoice_id, money_minor=wish.free_minor - credit, uses=tuple(uses)
        )
    return Part(
        invoice_id=wish.invoice_id,
        money_minor=wish.free_minor - discount.minor,
        discount_minor=discount.minor if discount.is_sure else 0,
        kept_back_minor=0 if discount.is_sure else discount.minor,
    )
