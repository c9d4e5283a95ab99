"""Writes to the people whom news of a kept method concern, also after its saver has left."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

from quittance.gateways.consent import Holder
from quittance.notifications.messages import enqueue_message
from quittance.receivables.people import may_pay, who_may_pay
from quittance.wallet.models import KeptMethod


def tell(row: KeptMethod, kind: str, about: str, facts: dict[str, Any]) -> None:
    """Write down a mail about a method, in a transaction that sees all of the organization.

    ``about`` and ``kind`` make it one mail, however often it is said. It goes to who saved the
    method. When that person may pay for the customer no more, it goes to everybody who may, with
    his name, for somebody has to act; to him after all when there is nobody. News of a personal
    account are its holder's alone.
    """
    saver = row.saved_by
    key, account_id = f"{kind}:{about}", row.customer_account_id
    others = list(who_may_pay(account_id))
    if is_personal(row) or saver in others or not others:
        enqueue_message(key=key, kind=kind, to=saver.email, facts=facts, account_id=account_id)
        return
    for person in others:
        enqueue_message(
            key=f"{kind}:{uuid5(person.pk, about)}", kind=kind, to=person.email,
            facts=facts | {"instead_of": saver.name or saver.email}, account_id=account_id,
        )  # fmt: skip


def is_personal(row: KeptMethod) -> bool:
    """Say whether a method is the account of the person who saved it, and not of his company."""
    return row.holder == Holder.PERSONAL


def has_left(row: KeptMethod) -> bool:
    """Say whether a personal account's holder may pay for the customer no more.

    Then nobody may debit it: its holder agreed to debits for payments that he himself confirms, or
    whose agreement he can watch and end here. In a transaction as for ``tell``. Source: features
    5.1.
    """
    return is_personal(row) and not may_pay(row.saved_by_id, row.customer_account_id)
