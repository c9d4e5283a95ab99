"""The invoices that are ticked, on whatever page they stand: kept by the server, per account.

Who may act for several accounts goes from one to the other and ticks on; the bar and the checkout
take all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.http import Http404

from quittance.core.money import Money, total
from quittance.disputes.held import Held, held_of
from quittance.payments.owed import free_to_pay
from quittance.portal.access import Account
from quittance.portal.invoices.hindered import hindrance

_WORD: Final = "picks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What the pay bar says: exact sums, by currency."""

    ids: dict[str, list[UUID]]  # of what can be paid now
    totals: list[Money]
    accounts: int  # how many accounts they belong to

    @property
    def count(self) -> int:
        """How many invoices are picked and can be paid."""
        return sum(len(each) for each in self.ids.values())


def picked(session: SessionBase, account_id: UUID) -> list[UUID]:
    """Return what is ticked, in the order of ticking."""
    return [UUID(each) for each in session.get(_WORD, {}).get(str(account_id), [])]


def picked_of(session: SessionBase, account_ids: Iterable[UUID]) -> list[UUID]:
    """Return what is ticked in all of these accounts."""
    return [each for account_id in account_ids for each in picked(session, account_id)]


def keep(session: SessionBase, account_id: UUID, ids: Sequence[UUID]) -> None:
    """Remember what is ticked."""
    before = session.get(_WORD, {})
    session[_WORD] = before | {str(account_id): [str(each) for each in ids]}


def merged(
    before: Iterable[UUID], *, shown: Collection[UUID], ticked: Iterable[UUID]
) -> list[UUID]:
    """Return the ticks after a page was sent: what it did not show stays as it was."""
    kept = [each for each in before if each not in shown]
    return list(dict.fromkeys([*kept, *ticked]))


def bar_of(ids: Sequence[UUID], accounts_: Sequence[Account]) -> Bar:
    """Sum up what is ticked and can be paid, in a transaction of the caller."""
    amounts: dict[str, list[tuple[UUID, Money]]] = {}
    held = held_of(ids) if ids else {}
    accounts, known = set(), {each.id: each for each in accounts_}
    for found in free_to_pay(ids).values() if ids else ():
        invoice = found.invoice
        account = known.get(invoice.customer_account_id)
        if account and found.free.minor > 0 and hindrance(invoice, account) is None:
            amounts.setdefault(invoice.currency, []).append(
                (invoice.pk, suggested(found.free, held.get(invoice.pk)))
            )
            accounts.add(invoice.customer_account_id)
    return Bar(
        ids={currency: [id_ for id_, _ in pairs] for currency, pairs in sorted(amounts.items())},
        totals=[
            total((free for _, free in pairs), currency)
            for currency, pairs in sorted(amounts.items())
        ],
        accounts=len(accounts),
    )


def suggested(free: Money, held: Held | None) -> Money:
    """Return what a checkout begins with; see ``new_baskets``: never nothing of what is ticked."""
    minor = held.suggested_minor(free.minor) if held else free.minor
    return Money(minor or free.minor, free.currency)


def payable(ids: Sequence[UUID], accounts: Sequence[Account]) -> list[UUID]:
    """Return those that nothing hinders, in a transaction of the caller; whose they are stays."""
    known = {each.id: each for each in accounts}
    hindered = {
        found.invoice.pk
        for found in free_to_pay(ids).values()
        if (account := known.get(found.invoice.customer_account_id))
        and hindrance(found.invoice, account) is not None
    }
    return [id_ for id_ in ids if id_ not in hindered]


def read_ids(texts: Iterable[str]) -> list[UUID]:
    """Read the ids of a form. What is no id gets the same 404 as an id of somebody else."""
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise Http404 from None
