"""What an organization wants of newcomers: whether they may ask, what they must know."""

from __future__ import annotations

from typing import Final, NamedTuple

from quittance.arrivals.models import ROLES, ArrivalRules
from quittance.audit.record import record_event
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import BuyerRole
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id

RECENT_DAYS: Final = (30, 365)
AtOnce = ArrivalRules.AtOnce


class NoChoice(RuleBroken):
    """Say who is let in at once, as what, by how many invoices, and how old one may be."""


class Rules(NamedTuple):
    """What holds for an organization; one that said nothing lets nobody in by itself."""

    is_open: bool = False
    at_once: str = AtOnce.NOBODY
    role: str = BuyerRole.VIEW
    invoices: int = 1
    recent_days: int = 90


def rules_of() -> Rules:
    """Return what holds, in a transaction of the caller."""
    row = ArrivalRules.objects.values_list(*Rules._fields).first()
    return Rules(*row) if row else Rules()


def keep_rules(rules: Rules) -> None:
    """Have this hold from now on. Raises ``NoChoice``."""
    shortest, longest = RECENT_DAYS
    if rules.at_once not in AtOnce.values or rules.role not in ROLES:
        raise NoChoice
    if rules.invoices not in {1, 2} or not shortest <= rules.recent_days <= longest:
        raise NoChoice
    with writing():
        before = rules_of()
        ArrivalRules.objects.update_or_create(
            organization_id=current_organization_id(), defaults=rules._asdict()
        )
        record_event("self-registration changed", before=before._asdict(), now=rules._asdict())
