"""How many debits banks took back, beside what the scheme allows: for each gateway account.

Source: features.md, 5.1, ceilings that Nacha watches by originator; the figures are in
``bank_rules``. A debit counts when it was presented within the days that the ceilings look at; a
return counts when it came within them. One that its bank refused before it settled is a return.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from quittance.connections.models import GatewayAccount
from quittance.core import clock
from quittance.payments.models import GatewayAttempt, Reversal
from quittance.payments.return_codes import Ceiling, Rule, Rules, rule_of, rules_on
from quittance.payments.returned import rule_for

A = GatewayAttempt.Status
_DEBIT: Final = "bank_debit"
_PRESENTED: Final = (A.PROCESSING, A.SUCCEEDED, A.SURPLUS)
_BANKS_SAY: Final = ("insufficient_funds", "account_closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One ceiling, and how near an account is to it."""

    counts: str  # "unauthorized", "administrative" or "any"
    returned: int
    debits: int
    per_ten_thousand: int  # the ceiling

    @property
    def share(self) -> float:
        """The part that came back, in percent; zero when nothing was debited."""
        return 100 * self.returned / self.debits if self.debits else 0.0

    @property
    def ceiling(self) -> float:
        """The ceiling, in percent."""
        return self.per_ten_thousand / 100

    @property
    def is_above(self) -> bool:
        """Whether more came back than the ceiling allows, to the last debit."""
        return self.returned * 10_000 > self.per_ten_thousand * self.debits


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRates:
    """The rates of one gateway account."""

    gateway: str
    days: int
    version: str  # of the data
    rates: Sequence[Rate]


def return_rates() -> list[AccountRates]:
    """Return the rates of each gateway account with debits or returns, in a caller's transaction.

    Only a scheme that has ceilings is looked at (ACH); accounts without any debit are left out.
    """
    found = []
    for rules in rules_on(clock.now().date()):
        if not rules.ceilings:
            continue
        for account in GatewayAccount.objects.order_by("name", "pk"):
            debits, back = _debits(account.pk, rules), _returned(account.pk, rules)
            if debits or back:
                found.append(
                    AccountRates(
                        gateway=account.name, days=rules.ceiling_days, version=rules.version,
                        rates=[_rate(each, debits, back) for each in rules.ceilings],
                    )
                )  # fmt: skip
    return found


def _rate(ceiling: Ceiling, debits: int, back: Iterable[Rule]) -> Rate:
    counted = [each for each in back if ceiling.counts in {"any", each.counts}]
    return Rate(
        counts=ceiling.counts, returned=len(counted), debits=debits,
        per_ten_thousand=ceiling.per_ten_thousand,
    )  # fmt: skip


def _debits(account_id: UUID, rules: Rules) -> int:
    since = clock.now() - timedelta(days=rules.ceiling_days)
    attempts = GatewayAttempt.objects.filter(
        gateway_account_id=account_id, method=_DEBIT, currency=rules.ceiling_currency,
        sent_at__gte=since,
    )  # fmt: skip
    presented = attempts.filter(status__in=_PRESENTED).count()
    return presented + attempts.filter(status=A.FAILED, reason__in=_BANKS_SAY).count()


def _returned(account_id: UUID, rules: Rules) -> list[Rule]:
    since = clock.now() - timedelta(days=rules.ceiling_days)
    reversals = Reversal.objects.filter(
        attempt__gateway_account_id=account_id, attempt__method=_DEBIT,
        currency=rules.ceiling_currency, kind=Reversal.Kind.RETURN,
        status=Reversal.Status.SUCCEEDED, succeeded_at__gte=since,
    )  # fmt: skip
    refused = GatewayAttempt.objects.filter(
        gateway_account_id=account_id, method=_DEBIT, currency=rules.ceiling_currency,
        sent_at__gte=since, status=A.FAILED, reason__in=_BANKS_SAY,
    )  # fmt: skip
    today = clock.now().date()
    return [rule_for(each) for each in reversals] + [
        rule_of(each.reason, today) for each in refused
    ]
