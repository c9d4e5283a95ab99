"""Says whether a payment needs a second person, by the rules of its accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from quittance.approvals.models import ApprovalRule
from quittance.core.money import Money


class Why(StrEnum):
    """Which rule asks for another person."""

    OWN_LIMIT = "own_limit"  # of the person, for one payment
    ABOVE = "above"  # of the account, for one payment
    MONTH = "month"  # of the account, for one person's month
    CURRENCY = "currency"  # the rule is in another one


@dataclass(frozen=True, slots=True)
class Need:
    """Why one account asks for another person."""

    account_id: UUID
    why: Why
    limit: Money | None = None
    spent: Money | None = None  # in this month, before this payment


def needs_of(
    rules: Mapping[UUID, ApprovalRule], amount: Money, spent_minor: Mapping[UUID, int]
) -> list[Need]:
    """Return why these rules ask for another person; nothing: nobody needs to see it.

    ``amount`` is all that the payment disposes of: money, fee and credits. Another currency than a
    rule's is not converted, for rates move and are nobody's decision: it counts as above.
    """
    return [
        need
        for account_id, rule in rules.items()
        if (need := _need_of(account_id, rule, amount, spent_minor.get(account_id, 0)))
    ]


def _need_of(account_id: UUID, rule: ApprovalRule, amount: Money, spent: int) -> Need | None:
    if rule.above is None and rule.month is None:
        return None  # only people's own limits count
    if amount.currency != rule.currency:
        return Need(account_id, Why.CURRENCY, rule.above or rule.month)
    if rule.above_minor is not None and amount.minor > rule.above_minor:
        return Need(account_id, Why.ABOVE, rule.above)
    if rule.month_minor is not None and spent + amount.minor > rule.month_minor:
        return Need(account_id, Why.MONTH, rule.month, Money(spent, rule.currency))
    return None
