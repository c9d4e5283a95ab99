"""Asks the rules of approval before money is promised, by whatever road somebody came.

``check_approved`` stands where a payment or a transfer is written down, in that transaction: it
counts under the lock of the rule, so that two tabs cannot pass together, and uses the approval up.
Guests with a pay link act for nobody; they are outside of these rules.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.approvals.models import ApprovalRule
from quittance.approvals.needing import Need, Why, needs_of
from quittance.approvals.pledges import pledged_minor
from quittance.approvals.requests import use
from quittance.approvals.rules import rules_of
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.permissions import BuyerPermission
from quittance.payments.contents import Contents
from quittance.payments.models import CreditUse, Payment
from quittance.payments.sealing import accounts_in, disposed
from quittance.receivables.models import CustomerAccount
from quittance.receivables.people import AboveLimit, check_may
from quittance.tenancy.rows import seeing_all

_COUNTS: Final = (Payment.Status.CREATED, Payment.Status.IN_FLIGHT, Payment.Status.SUCCEEDED)
_WHY: Final[Mapping[Why, str]] = {
    Why.OWN_LIMIT: noop("It is above your limit of %(limit)s for one payment of %(account)s."),
    Why.ABOVE: noop("Payments of %(account)s above %(limit)s need another person’s approval."),
    Why.MONTH: noop(
        "You have paid %(spent)s for %(account)s this month; above %(limit)s a month another person"
        " approves."
    ),
    Why.CURRENCY: noop(
        "Payments of %(account)s in another currency than its approval rule’s need another person’s"
        " approval."
    ),
}


class NeedsApproval(RuleBroken):
    """Another person must approve this first. Nothing was charged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody who is signed in wants to pay."""

    payer_id: UUID
    account_ids: Collection[UUID]
    money: Money  # with the fee
    credit_minor: int = 0


def wanted_of(contents: Contents, payer_id: UUID) -> Wanted:
    """Return what a basket comes to for its payer."""
    return Wanted(
        payer_id=payer_id, account_ids=accounts_in(contents), money=contents.total,
        credit_minor=contents.credit.minor,
    )  # fmt: skip


def check_approved(
    wanted: Wanted, *, basket_id: UUID | None, fingerprint: str, used_for: UUID
) -> None:
    """Let the payer through who may pay so much, or whose very basket another person approved.

    In the transaction that writes it down as ``used_for``. The approval is used up by it. Raises
    ``MayNot``, ``AboveLimit`` (where nobody approves for the account), ``NeedsApproval``.
    """
    check_may(wanted.payer_id, wanted.account_ids, BuyerPermission.PAY)
    needs = needs_now(wanted, lock=True)
    if not needs:
        return
    if basket_id is not None:
        given = use(basket_id, fingerprint=fingerprint, payer_id=wanted.payer_id, used_for=used_for)
        if given is not None:
            return
    raise NeedsApproval(
        _("%(why)s Nothing was charged. Send it for approval.") % {"why": why_of(needs)}
    )


def needs_now(wanted: Wanted, *, lock: bool = False) -> Sequence[Need]:
    """Return why another person must approve; nothing: the payer may by himself.

    In a transaction of the caller. Raises ``AboveLimit`` where the payer's own limit is in the way
    and an account has no rule, so that nobody can lift it.
    """
    rules = rules_of(wanted.account_ids, lock=lock)
    own: list[Need] = []
    try:
        check_may(wanted.payer_id, wanted.account_ids, BuyerPermission.PAY, wanted.money)
    except AboveLimit as error:
        account_id = UUID(str(error.facts["customer_account"]))
        if set(rules) != set(wanted.account_ids):
            raise
        limit = Money(int(str(error.facts["limit_minor"])), str(error.facts["currency"]))
        own = [Need(account_id, Why.OWN_LIMIT, limit)]
    if not rules:
        return []
    spent = {
        account_id: _spent_minor(rule, wanted.payer_id)
        for account_id, rule in rules.items()
        if rule.month_minor is not None
    }
    return own + needs_of(rules, disposed(wanted.money, wanted.credit_minor), spent)


def why_of(needs: Sequence[Need]) -> str:
    """Say why another person must approve, in a transaction of the caller."""
    first = needs[0]
    account = CustomerAccount.objects.get(pk=first.account_id)
    return _(_WHY[first.why]) % {
        "account": account.name, "limit": first.limit, "spent": first.spent,
    }  # fmt: skip


def _spent_minor(rule: ApprovalRule, payer_id: UUID) -> int:
    """Return what a person has paid, or begun to pay, for an account in the month of its books.

    Credits that were used count; what came back later counts all the same. Whose rule is locked
    sees all that others have written down under it.
    """
    account_id, currency = rule.customer_account_id, rule.currency
    with seeing_all():
        zone = CustomerAccount.objects.values_list("legal_entity__zone", flat=True).get(
            pk=account_id
        )
        since = _month_begins(zone)
        paid = Payment.objects.filter(
            user_id=payer_id, accounts__customer_account_id=account_id, currency=currency,
            status__in=_COUNTS, created_at__gte=since,
        )  # fmt: skip
        ids = list(paid.values_list("pk", flat=True))
        money = paid.aggregate(minor=Sum("amount_minor"))["minor"] or 0
        credits_ = CreditUse.objects.filter(payment_id__in=ids)
        used = credits_.aggregate(minor=Sum("amount_minor"))["minor"] or 0
        return (
            int(money)
            + int(used)
            + pledged_minor(account_id, payer_id, since=since, currency=currency)
        )


def _month_begins(zone: str) -> datetime:
    first = clock.today(zone).replace(day=1)
    return datetime(first.year, first.month, 1, tzinfo=ZoneInfo(zone))
