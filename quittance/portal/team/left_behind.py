"""What people who act for an account no more have left there, and what waits for somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from quittance.approvals.models import ALIVE, ApprovalRequest, ApprovalRule, Deputy
from quittance.core import clock
from quittance.identity.models import User
from quittance.identity.permissions import BuyerPermission
from quittance.invitations.models import InvitedRole
from quittance.portal.access import Account
from quittance.receivables.people import who_may
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """One thing that waits: whose it was, what it is, and where somebody takes it over."""

    who: str
    what: str
    to: str


def left_behind(account: Account) -> list[LeftBehind]:
    """Return what waits for somebody else. The reader was seen to manage the account's team.

    Whoever was removed, switched off or named as a leaver by the company's directory has left.
    """
    with widened(), reading():
        here = set(who_may(BuyerPermission.SEE, account.id).values_list("pk", flat=True))
        approving = set(who_may(BuyerPermission.APPROVE, account.id).values_list("pk", flat=True))
        return [
            *_requests(account.id, here),
            *_deputies(account, here, approving),
            *_named(account.id, here),
            *_invitations(account.id, here),
        ]


def _requests(account_id: UUID, here: set[UUID]) -> Iterator[LeftBehind]:
    rows = ApprovalRequest.objects.select_related("maker").filter(
        customer_account_id=account_id, status__in=ALIVE, expires_at__gt=clock.now()
    )
    for each in rows.exclude(maker_id__in=here).order_by("created_at", "pk"):
        what = _("A payment that was asked for. Only who asked can make it: begin it anew.")
        yield LeftBehind(
            _name(each.maker), what, reverse("portal:approval", kwargs={"approval_id": each.pk})
        )


def _deputies(account: Account, here: set[UUID], approving: set[UUID]) -> Iterator[LeftBehind]:
    day = clock.now().astimezone(ZoneInfo(account.zone)).date()
    rows = Deputy.objects.select_related("approver", "deputy").filter(
        ~Q(deputy_id__in=here) | ~Q(approver_id__in=approving),
        customer_account_id=account.id, until_date__gte=day,
    )  # fmt: skip
    for each in rows.order_by("until_date", "pk"):
        gone = each.approver if each.deputy_id in here else each.deputy
        yield LeftBehind(
            _name(gone), _("Part of standing in for an approver. Name somebody else."),
            reverse("portal:approval_rule"),
        )  # fmt: skip


def _named(account_id: UUID, here: set[UUID]) -> Iterator[LeftBehind]:
    rule = ApprovalRule.objects.filter(customer_account_id=account_id).first()
    named = {UUID(each) for each in rule.approvers} - here if rule else set()
    for each in User.objects.filter(pk__in=named).order_by("name", "pk"):
        yield LeftBehind(
            _name(each), _("An approver whom the rule names. Name somebody else."),
            reverse("portal:approval_rule"),
        )  # fmt: skip


def _invitations(account_id: UUID, here: set[UUID]) -> Iterator[LeftBehind]:
    rows = InvitedRole.objects.select_related("invitation__invited_by").filter(
        customer_account_id=account_id, invitation__accepted_at=None,
        invitation__withdrawn_at=None, invitation__expires_at__gt=clock.now(),
        invitation__invited_by__staff_role=User.StaffRole.NONE,
    )  # fmt: skip
    for each in rows.exclude(invitation__invited_by_id__in=here).order_by("pk"):
        yield LeftBehind(
            _name(each.invitation.invited_by),
            _("An invitation, which lets nobody in any more. Send it again, or take it back."),
            reverse("portal:team"),
        )  # fmt: skip


def _name(person: User) -> str:
    return person.name or person.email
