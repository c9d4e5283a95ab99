"""Until when the payer's bank may take a payment back: by method, currency and account holder.

Source: the ``windows`` of ``bank_rules``. What a gateway itself promises may be shorter, or longer
by the days that it needs to tell; see ``ReturnRule`` of ``gateways/facts.py``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.return_codes import Window, rules_on
from quittance.wallet.models import ConsentRecord, KeptMethod

_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Returnable:
    """How long money of a payment may go back by its bank's word alone."""

    until: datetime  # without a reason that the seller could check
    unauthorized_until: datetime  # when the payer says that he never agreed
    by_dispute: bool  # a card: the bank would ask first, and a refund avoids that


def window_of(payment: Payment) -> Returnable | None:
    """Return how long a payment may be taken back, in a transaction of the caller.

    ``None``: no money came, or no bank takes such a payment back. While it is not known whose
    account it is, the longest window counts.
    """
    if payment.succeeded_at is None:
        return None
    holder, scheme = _whose(payment)
    day = payment.succeeded_at.date()
    fitting = [
        _days(payment.succeeded_at, window, rules.holidays)
        for rules in rules_on(day)
        for window in rules.windows
        if _fits(window, payment, holder, scheme) and _is_closest(window, payment, scheme, day)
    ]
    return max(fitting, key=lambda each: (each.unauthorized_until, each.until), default=None)


def banking_days_after(day: date, count: int, holidays: Collection[date]) -> date:
    """Return the day that is so many days of work of a bank after ``day``."""
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY and day not in holidays:
            count -= 1
    return day


def _whose(payment: Payment) -> tuple[str, str]:
    """Return holder and scheme of the account that was debited, as far as they are known."""
    attempt = payment.attempts.filter(status=GatewayAttempt.Status.SUCCEEDED).first()
    if attempt is None:
        return "", ""
    kept_id = attempt.kept_method_id
    kept = KeptMethod.objects.filter(pk=kept_id).first() if kept_id else None
    if kept is not None:
        return kept.holder, kept.scheme
    consent_id = (attempt.asked_with or {}).get("consent_id")
    said = ConsentRecord.objects.filter(pk=UUID(consent_id)).first() if consent_id else None
    return (said.holder, said.scheme) if said else ("", "")


def _fits(window: Window, payment: Payment, holder: str, scheme: str) -> bool:
    return (
        window.method == payment.method
        and window.currency in {"", payment.currency}
        and (not holder or window.holder in {"", holder})
        and window.scheme in {"", scheme}
    )


def _is_closest(window: Window, payment: Payment, scheme: str, day: date) -> bool:
    """A window of this scheme, then one of this currency, counts instead of a general one."""
    every = [each for rules in rules_on(day) for each in rules.windows
             if each.method == payment.method]  # fmt: skip
    if scheme and any(each.scheme == scheme for each in every):
        return window.scheme == scheme
    if any(each.currency == payment.currency for each in every):
        return window.currency == payment.currency
    return True


def _days(came: datetime, window: Window, holidays: Collection[date]) -> Returnable:
    until = came + timedelta(days=window.days)
    if window.banking_days:
        last = banking_days_after(came.date(), window.banking_days, holidays)
        until = datetime.combine(last, time.max, tzinfo=UTC)
    unauthorized = came + timedelta(days=window.unauthorized_days)
    return Returnable(
        until=until, unauthorized_until=max(until, unauthorized), by_dispute=window.by_dispute
    )
