"""Sets an account's rule of approval, and who stands in for an approver; for who runs its team."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from quittance.approvals.models import ApprovalRule, Deputy
from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.identity.permissions import BuyerPermission
from quittance.receivables.models import Contact
from quittance.receivables.people import check_may, who_may
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

MOST_DEPUTIES: Final = 100  # of one account


class NobodyElse(RuleBroken):
    """With this rule nobody could approve what others pay. Give two people that role first."""


class NotAnApprover(RuleBroken):
    """Choose somebody whose role for this account may approve. Nothing was changed."""


class NotADeputy(RuleBroken):
    """Choose another person of this account, and days that are not over. Nothing was changed."""


class NoAmount(RuleBroken):
    """An amount must be zero or more. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an account's rule shall be; both amounts in one currency."""

    currency: str
    above: Money | None
    month: Money | None
    approvers: Sequence[UUID] = ()  # none: everybody whose role may approve


def rules_of(account_ids: Collection[UUID], *, lock: bool = False) -> Mapping[UUID, ApprovalRule]:
    """Return the rule of each account that has one, in a transaction of the caller.

    Locked, they stay as they are, and who pays for the same account waits.
    """
    rows = ApprovalRule.objects.filter(customer_account_id__in=account_ids).order_by("pk")
    if lock:
        rows = rows.select_for_update()
    return {each.customer_account_id: each for each in rows}


def set_rule(account_id: UUID, wish: Wish, *, by: UUID) -> ApprovalRule:
    """Set an account's rule; it counts from the next click on.

    Raises ``MayNot``, ``NoAmount``, ``NotAnApprover``, ``NobodyElse``.
    """
    for amount in (wish.above, wish.month):
        if amount is not None and (amount.minor < 0 or amount.currency != wish.currency):
            raise NoAmount
    with widened(), writing():
        check_may(by, [account_id], BuyerPermission.MANAGE_TEAM)
        may_approve = set(who_may(BuyerPermission.APPROVE, account_id).values_list("pk", flat=True))
        chosen = list(dict.fromkeys(wish.approvers))
        if not set(chosen) <= may_approve:
            raise NotAnApprover
        if not _decide_for_others(account_id, set(chosen) or may_approve):
            raise NobodyElse
        before = rules_of([account_id], lock=True).get(account_id)
        said = {
            "currency": wish.currency, "above_minor": wish.above.minor if wish.above else None,
            "month_minor": wish.month.minor if wish.month else None,
            "approvers": sorted(map(str, chosen)),
        }  # fmt: skip
        rule, _made = ApprovalRule.objects.update_or_create(
            customer_account_id=account_id, defaults={**said, "changed_at": clock.now()}
        )
        record_event(
            "approval rule set", subject_kind="approval_rule", subject_id=rule.pk,
            account=str(account_id), before=_facts(before), **said,
        )  # fmt: skip
    return rule


def drop_rule(account_id: UUID, *, by: UUID) -> None:
    """Let nothing need an approval any more; what was asked for may still be decided.

    Raises ``MayNot``. Without a rule nothing is changed.
    """
    with widened(), writing():
        check_may(by, [account_id], BuyerPermission.MANAGE_TEAM)
        rule = rules_of([account_id], lock=True).get(account_id)
        if rule is None:
            return
        record_event(
            "approval rule dropped", subject_kind="approval_rule", subject_id=rule.pk,
            account=str(account_id), before=_facts(rule),
        )  # fmt: skip
        ApprovalRule.objects.filter(pk=rule.pk).delete()


def appoint(
    account_id: UUID, approver_id: UUID, deputy_id: UUID, days: tuple[date, date], *, by: UUID
) -> Deputy:
    """Let somebody decide in an approver's place on these days, first and last.

    Raises ``MayNot``, ``NotAnApprover``, ``NotADeputy``.
    """
    with widened(), writing():
        check_may(by, [account_id], BuyerPermission.MANAGE_TEAM)
        if not who_may(BuyerPermission.APPROVE, account_id).filter(pk=approver_id).exists():
            raise NotAnApprover
        people = who_may(BuyerPermission.SEE, account_id)
        zones = Contact.objects.filter(customer_account_id=account_id)
        zone = zones.values_list("customer_account__legal_entity__zone", flat=True).first()
        wrong = deputy_id == approver_id or not people.filter(pk=deputy_id).exists()
        if wrong or days[1] < days[0] or days[1] < clock.today(zone or "UTC"):
            raise NotADeputy
        if Deputy.objects.filter(customer_account_id=account_id).count() >= MOST_DEPUTIES:
            raise NotADeputy
        made = Deputy.objects.create(
            id=new_id(), customer_account_id=account_id, approver_id=approver_id,
            deputy_id=deputy_id, from_date=days[0], until_date=days[1],
        )  # fmt: skip
        _write_down("deputy appointed", made)
    return made


def dismiss(account_id: UUID, deputy_row_id: UUID, *, by: UUID) -> None:
    """Let a deputy decide no more, from the next click on. Raises ``MayNot``."""
    with widened(), writing():
        check_may(by, [account_id], BuyerPermission.MANAGE_TEAM)
        rows = Deputy.objects.select_for_update().filter(customer_account_id=account_id)
        found = rows.filter(pk=deputy_row_id).first()
        if found is None:
            return
        _write_down("deputy dismissed", found)
        Deputy.objects.filter(pk=found.pk).delete()


def deputies_of(account_id: UUID) -> list[tuple[Deputy, str, str]]:
    """Return who stands in, with the names of approver and deputy; for who runs the team."""
    with widened(), reading():
        rows = Deputy.objects.filter(customer_account_id=account_id)
        rows = rows.select_related("approver", "deputy").order_by("from_date", "pk")
        return [
            (each, each.approver.name or each.approver.email, each.deputy.name or each.deputy.email)
            for each in rows
        ]


def _decide_for_others(account_id: UUID, approvers: set[UUID]) -> bool:
    """Say whether two approve, so that each has another, or one does and somebody else pays."""
    payers = who_may(BuyerPermission.PAY, account_id).exclude(pk__in=approvers)
    return len(approvers) > 1 or (len(approvers) == 1 and payers.exists())


def _facts(rule: ApprovalRule | None) -> dict[str, object] | None:
    if rule is None:
        return None
    return {
        "currency": rule.currency, "above_minor": rule.above_minor,
        "month_minor": rule.month_minor, "approvers": rule.approvers,
    }  # fmt: skip


def _write_down(what: str, row: Deputy) -> None:
    record_event(
        what, subject_kind="user", subject_id=row.deputy_id, account=str(row.customer_account_id),
        approver=str(row.approver_id), first=row.from_date.isoformat(),
        last=row.until_date.isoformat(),
    )  # fmt: skip
