"""Tries the proof that a bank account is the payer's: two amounts, or a code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import OutcomeUnknown, Refused, RuleBroken
from quittance.core.money import Money
from quittance.gateways import saved
from quittance.gateways.saved import VerifiesAccounts
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened
from quittance.wallet.answers import apply_answer
from quittance.wallet.models import Saving
from quittance.wallet.saving import keeper
from quittance.wallet.transitions import S

_BUSY: Final = timedelta(seconds=90)  # a try that began earlier has ended, whatever became of it


class NothingToVerify(RuleBroken):
    """This bank account does not wait for a proof any more."""


class BeingVerified(RuleBroken):
    """A try is being made this moment. Wait a little, then look again."""


class WrongProof(RuleBroken):
    """That is not what was sent to the account. Look at the statement once more."""

    def __init__(self, tries_left: int | None) -> None:
        super().__init__()
        self.tries_left = tries_left


def verify_with_amounts(saving_id: UUID, first_minor: int, second_minor: int) -> Saving:
    """Try two amounts, in minor units of the account's currency, in any order.

    Returns the saving: saved, or failed after the last try. Raises ``WrongProof``,
    ``NothingToVerify`` (also for one that the scope may not see), ``BeingVerified``, or the
    gateway's ``OutsideError``: ``OutcomeUnknown`` when its answer was lost and no try is missing.
    """

    def attempt(bank: VerifiesAccounts, row: Saving) -> saved.Saving:
        first, second = (Money(each, row.currency) for each in (first_minor, second_minor))
        return bank.verify_with_amounts(row.gateway_saving, first, second)

    return _verify(saving_id, attempt)


def verify_with_code(saving_id: UUID, code: str) -> Saving:
    """Try a code; returns and raises as ``verify_with_amounts``."""
    return _verify(saving_id, lambda bank, row: bank.verify_with_code(row.gateway_saving, code))


def _verify(saving_id: UUID, attempt: Callable[[VerifiesAccounts, Saving], saved.Saving]) -> Saving:
    row, lost = _claim(saving_id), None
    try:
        gateway = gateway_for(row.gateway_account_id)
        if not isinstance(gateway, VerifiesAccounts):
            raise NothingToVerify
        try:
            answer = attempt(gateway, row)
        except (OutcomeUnknown, Refused) as error:  # it may have counted, or somebody was faster
            lost = error if isinstance(error, OutcomeUnknown) else None
            answer = keeper(row.gateway_account_id).read_saving(row.gateway_saving)
        with widened(), writing():
            now = apply_answer(row.pk, answer)
    finally:
        with writing():
            Saving.objects.filter(pk=row.pk).update(busy_until=None)
    if now.status != S.VERIFYING:
        return now
    if lost is not None and not _one_less(row.tries_left, now.tries_left):
        raise lost  # what was typed may well be right
    raise WrongProof(now.tries_left)


def _one_less(before: int | None, after: int | None) -> bool:
    return before is not None and after is not None and after < before


def _claim(saving_id: UUID) -> Saving:
    """Keep others from trying at the same time: each try counts, and there are few."""
    now = clock.now()
    with writing():
        waiting = Saving.objects.filter(pk=saving_id, status=S.VERIFYING)
        free = Q(busy_until__isnull=True) | Q(busy_until__lt=now)
        if not waiting.filter(free).update(busy_until=now + _BUSY):
            raise BeingVerified if waiting.exists() else NothingToVerify
        return waiting.get()
