"""Keeps the rules of what a way to pay costs the payer; how they count is in ``fees.py``.

A rule that has begun is never changed: it is ended on a day, and another one begins. So what a
payer was quoted on any day can be told from the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from babel import Locale
from django.db import connection
from django.db.models import Q, QuerySet

from quittance.audit.record import record_event
from quittance.connections.method_names import method_name
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.gateways.facts import METHODS
from quittance.payments.models import FeeRule
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id

# Nobody asks for a fee on what goes past every gateway.
KNOWN_METHODS: Final = tuple(sorted(METHODS - {"transfer"}))
MOST_BASIS_POINTS: Final = 1000  # 10 %; the database says the same
_MOST_MINOR: Final = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A rule as a person writes it. ``basis_points`` are hundredths of a percent of the amount."""

    method: str
    currency: str
    basis_points: int = 0
    fixed_minor: int = 0
    at_most_minor: int | None = None
    valid_from: date
    valid_until: date | None = None  # the last day

    @property
    def fixed(self) -> Money:
        """What is charged beside the share."""
        return Money(self.fixed_minor, self.currency)

    @property
    def at_most(self) -> Money | None:
        """The highest fee of one payment."""
        return None if self.at_most_minor is None else Money(self.at_most_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one field of a rule."""

    field: str
    sentence: str


class CannotCharge(RuleBroken):
    """This fee cannot be charged so."""

    def __init__(self, wrongs: Sequence[Wrong]) -> None:
        super().__init__(" ".join(each.sentence for each in wrongs))
        self.wrongs = wrongs


class FeeIsOver(RuleBroken):
    """This fee has ended already, or is gone. Nothing was changed."""


class TooEarly(RuleBroken):
    """Days that are over cannot be changed: payers were quoted this fee. Choose a later day."""


def fee_rules() -> list[FeeRule]:
    """Return every rule that was ever kept, in a transaction of the caller.

    By method and currency, of each the newest first.
    """
    return list(FeeRule.objects.order_by("method", "currency", "-valid_from", "-pk"))


def as_fee(row: FeeRule) -> Fee:
    """Return a kept rule as a person would write it."""
    return Fee(
        method=row.method, currency=row.currency, basis_points=row.basis_points,
        fixed_minor=row.fixed_minor, at_most_minor=row.at_most_minor, valid_from=row.valid_from,
        valid_until=row.valid_until,
    )  # fmt: skip


def keep_fee(fee: Fee, *, today: date) -> FeeRule:
    """Keep a new rule, from ``today`` on or later. Raises ``CannotCharge``.

    Two rules for one method and currency never count on the same day: a payer is quoted one fee.
    """
    wrongs = list(_contradictions(fee, today))
    if wrongs:
        raise CannotCharge(wrongs)
    with writing():
        _one_at_a_time()
        other = _overlapping(fee).order_by("valid_from").first()
        if other is not None:
            until = f" until {other.valid_until}" if other.valid_until else ""
            words = (
                f"From {other.valid_from}{until} there is a fee for"
                f" {method_name(fee.method).lower()} in {fee.currency} already."
                " End that one first, or choose other days."
            )
            raise CannotCharge([Wrong("valid_from", words)])
        row = FeeRule.objects.create(**asdict(fee))
        record_event("fee rule kept", subject_kind="fee_rule", subject_id=row.pk, now=_written(fee))
        return row


def end_fee(rule_id: UUID, *, last_day: date, today: date) -> None:
    """Let a rule count on ``last_day`` for the last time: yesterday at the earliest.

    One that would never have counted is removed. Raises ``FeeIsOver``, ``TooEarly``.
    """
    if last_day < today - timedelta(days=1):
        raise TooEarly
    with writing():
        row = FeeRule.objects.select_for_update().filter(pk=rule_id).first()
        if row is None or (row.valid_until is not None and row.valid_until <= last_day):
            raise FeeIsOver
        before = _written(as_fee(row))
        if last_day < row.valid_from:
            row.delete()
            record_event(
                "fee rule removed", subject_kind="fee_rule", subject_id=rule_id, before=before
            )
            return
        FeeRule.objects.filter(pk=row.pk).update(valid_until=last_day)
        record_event(
            "fee rule ended",
            subject_kind="fee_rule",
            subject_id=rule_id,
            before=before,
            last_day=last_day.isoformat(),
        )


def _contradictions(fee: Fee, today: date) -> Sequence[Wrong]:
    """What is wrong with a rule whatever else there is."""
    found = []
    if fee.method not in KNOWN_METHODS:
        found.append(Wrong("method", f"There is no method {fee.method or 'without a name'}."))
    if fee.currency not in Locale.parse("en").currencies:
        found.append(Wrong("currency", "A currency is three capital letters, such as EUR."))
    if not 0 <= fee.basis_points <= MOST_BASIS_POINTS:
        found.append(Wrong("percent", "A share is between 0 and 10 percent."))
    if not 0 <= fee.fixed_minor <= _MOST_MINOR:
        found.append(Wrong("fixed", "An amount is zero or more."))
    if not fee.basis_points and not fee.fixed_minor:
        found.append(Wrong("percent", "Say a share, an amount, or both: this would be no fee."))
    if fee.at_most_minor is not None and not 0 < fee.at_most_minor <= _MOST_MINOR:
        found.append(Wrong("at_most", "The highest fee is above zero."))
    elif fee.at_most_minor is not None and fee.at_most_minor < fee.fixed_minor:
        found.append(Wrong("at_most", "The highest fee is below the amount of each payment."))
    if fee.valid_from < today:
        found.append(Wrong("valid_from", "A fee cannot begin on a day that is over."))
    if fee.valid_until and fee.valid_until < fee.valid_from:
        found.append(Wrong("valid_until", "The last day is before the first one."))
    return found


def _overlapping(fee: Fee) -> QuerySet[FeeRule]:
    others = FeeRule.objects.filter(method=fee.method, currency=fee.currency)
    others = others.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=fee.valid_from))
    return others.filter(valid_from__lte=fee.valid_until) if fee.valid_until else others


def _one_at_a_time() -> None:
    """Let one person at once add a rule, until the transaction ends: two might overlap."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"fee rules of {current_organization_id()}"],
        )


def _written(fee: Fee) -> dict[str, Any]:
    return {name: None if value is None else str(value) for name, value in asdict(fee).items()}
