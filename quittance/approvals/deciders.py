"""Says who may decide about a payment today: approvers, and who stands in for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from quittance.approvals.models import Deputy
from quittance.approvals.rules import rules_of
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.identity.permissions import BuyerPermission, buyer_may
from quittance.receivables.models import Contact, CustomerAccount
from quittance.receivables.people import who_may
from quittance.tenancy.rows import seeing_all


class NotYours(RuleBroken):
    """You may not decide about this payment. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Decider:
    """A person who may decide, and for whom they do; ``None``: by their own role."""

    user_id: UUID
    in_place_of: UUID | None = None


def deciders(
    account_ids: Collection[UUID], *, maker_id: UUID, amount: Money, at: datetime | None = None
) -> Mapping[UUID, Decider]:
    """Return who may decide about what ``maker_id`` wants to pay, in a transaction of the caller.

    Whoever it is decides for each of the accounts: by their own role, where the account's rule does
    not name others, or in the place of an approver, on the days that have ``at`` in them: now, or
    when something was decided. Never the maker, nor who stands in for them alone. A deputy's own
    limit of one payment counts for what they approve, too.
    """
    found: dict[UUID, Decider] | None = None
    with seeing_all():
        days, rules = _days_of(account_ids, at or clock.now()), rules_of(account_ids)
        for account_id in account_ids:
            rule = rules.get(account_id)
            named = {UUID(each) for each in rule.approvers} if rule else set()
            here = _of_account(account_id, named, maker_id, amount, days.get(account_id))
            found = here if found is None else _both(found, here)
    return found or {}


def check_may_decide(
    user_id: UUID, account_ids: Collection[UUID], *, maker_id: UUID, amount: Money
) -> Decider:
    """Return as whom a person decides, in a transaction of the caller. Raises ``NotYours``."""
    if user_id == maker_id:
        raise NotYours(_("Another person must decide about what you want to pay."))
    decider = deciders(account_ids, maker_id=maker_id, amount=amount).get(user_id)
    if decider is None:
        raise NotYours
    return decider


def may_ever_decide(user_id: UUID, account_ids: Collection[UUID]) -> bool:
    """Say whether somebody approves for one of the accounts, or stands in today for who does."""
    own = Contact.objects.filter(user_id=user_id, customer_account_id__in=account_ids)
    if any(BuyerPermission.APPROVE in buyer_may(each.role) for each in own):
        return True
    days = _days_of(account_ids, clock.now())
    rows = Deputy.objects.filter(deputy_id=user_id, customer_account_id__in=account_ids)
    return any(each.stands_in(days[each.customer_account_id]) for each in rows)


def people_of(user_ids: Collection[UUID]) -> Mapping[UUID, User]:
    """Return people by id, in a transaction of the caller, to mail them or to name them."""
    with seeing_all():
        return User.objects.in_bulk(set(user_ids))


def _days_of(account_ids: Collection[UUID], moment: datetime) -> Mapping[UUID, date]:
    """Return which day it is at a moment in the books of each account that may be seen."""
    rows = CustomerAccount.objects.filter(pk__in=set(account_ids))
    return {
        account_id: moment.astimezone(ZoneInfo(zone)).date()
        for account_id, zone in rows.values_list("pk", "legal_entity__zone")
    }


def _of_account(
    account_id: UUID, named: set[UUID], maker_id: UUID, amount: Money, day: date | None
) -> dict[UUID, Decider]:
    approvers = set(who_may(BuyerPermission.APPROVE, account_id).values_list("pk", flat=True))
    approvers = (approvers & named if named else approvers) - {maker_id}
    found = {each: Decider(each) for each in sorted(approvers)}
    if day is None:
        return found
    rows = Deputy.objects.filter(
        customer_account_id=account_id, approver_id__in=approvers, from_date__lte=day,
        until_date__gte=day,
    )  # fmt: skip
    present = set(who_may(BuyerPermission.SEE, account_id).values_list("pk", flat=True))
    limits = {
        each.user_id: each.limit
        for each in Contact.objects.filter(customer_account_id=account_id, user_id__in=present)
    }
    for each in rows.order_by("from_date", "pk"):
        wanted = each.deputy_id in present and each.deputy_id != maker_id
        if wanted and _within(limits.get(each.deputy_id), amount):
            found.setdefault(each.deputy_id, Decider(each.deputy_id, each.approver_id))
    return found


def _within(limit: Money | None, amount: Money) -> bool:
    return limit is None or (limit.currency == amount.currency and amount.minor <= limit.minor)


def _both(one: dict[UUID, Decider], other: dict[UUID, Decider]) -> dict[UUID, Decider]:
    """Who decides for both accounts; a deputy for either is one for the whole."""
    return {
        user_id: one[user_id] if one[user_id].in_place_of else other[user_id]
        for user_id in one
        if user_id in other
    }
