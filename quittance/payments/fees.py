"""What a way of paying costs the payer: only where the seller has written a rule, dated.

Source: features.md, 5.5. What the law and the card networks ask is not the same in any two places,
so no fee is built in: without a ``FeeRule`` there is none, and whether one is legal says the
seller's counsel. What holds for every fee is kept here:

- It is quoted after the way of paying is chosen and before the payer confirms; the review, the
  receipt and the payment's page show it on a line of its own.
- It is never part of what is applied to an invoice.
- It is taken on money only: a credit, a discount, and a payment that moves no money carry none.
- Credit cards may carry one in some places, debit and prepaid cards hardly anywhere; a gateway's
  page does not tell us which one will be used. So a rule for "card" is a fee on all cards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from quittance.payments.models import FeeRule

_WHOLE = 10_000  # basis points


def rules_of(currency: str, *, day: date) -> Sequence[FeeRule]:
    """Return the rules of a currency on ``day``, the newest first, in the caller's transaction."""
    still = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    rules = FeeRule.objects.filter(still, currency=currency, valid_from__lte=day)
    return list(rules.order_by("-valid_from", "-pk"))


def fee_minor(rules: Sequence[FeeRule], method: str, money_minor: int) -> int:
    """Return the fee in minor units: of several rules for a method the newest counts.

    The share is rounded half up to the smallest unit of the currency, once, on the sum.
    """
    rule = next((each for each in rules if each.method == method), None)
    if rule is None or money_minor <= 0:
        return 0
    share = (money_minor * rule.basis_points * 2 + _WHOLE) // (2 * _WHOLE)
    fee = share + rule.fixed_minor
    return fee if rule.at_most_minor is None else min(fee, rule.at_most_minor)
