"""Changes who acts for a customer account, and as what; somebody always administers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.identity.browsers import end_all
from quittance.identity.models import User
from quittance.identity.permissions import BuyerPermission, BuyerRole
from quittance.identity.role_words import ROLES
from quittance.notifications.messages import enqueue_message
from quittance.receivables.models import Contact, CustomerAccount, FormerContact
from quittance.receivables.people import check_may
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened


class LastAdministrator(RuleBroken):
    """Somebody must administer this account. Give another person that role first."""


class NotInTeam(RuleBroken):
    """This person does not act for the account any more. Nothing was changed."""


class NotRemoved(RuleBroken):
    """This person was let in again meanwhile, or is gone. Nothing was changed."""


class NoRole(RuleBroken):
    """Choose one of the roles. Nothing was changed."""


class NoLimit(RuleBroken):
    """Say up to which amount this person may pay."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person who acts for an account, and as what."""

    contact_id: UUID
    user_id: UUID
    name: str
    email: str
    role: str
    limit: Money | None


@dataclass(frozen=True, slots=True)
class Former:
    """A person whom the team removed."""

    former_id: UUID
    name: str
    email: str
    left_at: datetime


def team_of(account_id: UUID) -> list[Member]:
    """Return who acts for an account, by name. The reader was seen to manage it."""
    with widened(), reading():
        rows = Contact.objects.filter(
            customer_account_id=account_id, user__is_active=True, user__staff_role=""
        )
        return [_member(each) for each in rows.select_related("user").order_by("user__name", "pk")]


def removed_from(account_id: UUID) -> list[Former]:
    """Return whom the team removed from an account, by name. The reader was seen to manage it."""
    with widened(), reading():
        rows = _removed(account_id).select_related("user").order_by("user__name", "pk")
        return [
            Former(each.pk, each.user.name or each.user.email, each.user.email, each.left_at)
            for each in rows
        ]


def change_role(
    account_id: UUID, contact_id: UUID, role: str, *, limit: Money | None, by: UUID
) -> None:
    """Give somebody another role, from their next request on, and tell them by mail.

    ``limit`` is for who pays within one, and for nobody else. Raises ``MayNot``,
    ``LastAdministrator``, ``NotInTeam``, ``NoRole``, ``NoLimit``.
    """
    if role not in BuyerRole.values:
        raise NoRole
    limited = role == BuyerRole.PAY_WITHIN
    if limited and (limit is None or limit.minor <= 0):
        raise NoLimit
    kept = limit if limited else None
    with widened(), writing():
        contact = _locked(account_id, contact_id, by=by)
        if (contact.role, contact.limit) == (role, kept):
            return
        if role != BuyerRole.ADMINISTER:
            _check_others_administer(contact)
        Contact.objects.filter(pk=contact.pk).update(
            role=role, limit_minor=kept.minor if kept else None,
            limit_currency=kept.currency if kept else "",
        )  # fmt: skip
        record_event(
            "role changed", subject_id=contact.user_id, subject_kind="user",
            account=str(account_id), role_before=contact.role, role=role,
            limit_minor=kept.minor if kept else None, currency=kept.currency if kept else "",
        )  # fmt: skip
        _tell(contact, "role_changed", role=ROLES[BuyerRole(role)])


def remove(account_id: UUID, contact_id: UUID, *, by: UUID) -> None:
    """Let somebody act for an account no more, and end their sessions; tell them by mail.

    Raises ``MayNot``, ``LastAdministrator``, ``NotInTeam``.
    """
    with widened(), writing():
        contact = _locked(account_id, contact_id, by=by)
        _check_others_administer(contact)
        Contact.objects.filter(pk=contact.pk).delete()
        FormerContact.objects.update_or_create(
            user=contact.user, customer_account_id=account_id,
            defaults={"left_at": clock.now(), "by_team": True, "limit_minor": None,
                      "limit_currency": ""},
        )  # fmt: skip
        end_all(contact.user)
        record_event(
            "person removed", subject_id=contact.user_id, subject_kind="user",
            account=str(account_id), role_before=contact.role,
        )  # fmt: skip
        _tell(contact, "access_removed")


def let_in_again(account_id: UUID, former_id: UUID, *, by: UUID) -> None:
    """Let somebody whom the team removed act for the account again, as who only sees it.

    Tell them by mail. Raises ``MayNot``, ``NotRemoved``.
    """
    with widened(), writing():
        check_may(by, [account_id], BuyerPermission.MANAGE_TEAM)
        rows = _removed(account_id).select_for_update(of=("self",)).select_related("user")
        former = rows.filter(pk=former_id).first()
        if former is None:
            raise NotRemoved
        FormerContact.objects.filter(pk=former.pk).delete()
        contact = Contact.objects.create(
            user=former.user, customer_account_id=account_id, role=BuyerRole.VIEW
        )
        record_event(
            "person let in again", subject_id=former.user_id, subject_kind="user",
            account=str(account_id), role=contact.role,
        )  # fmt: skip
        _tell(contact, "role_changed", role=ROLES[BuyerRole.VIEW])


def _removed(account_id: UUID) -> QuerySet[FormerContact]:
    there = Contact.objects.filter(customer_account_id=account_id).values("user_id")
    return FormerContact.objects.filter(
        customer_account_id=account_id, by_team=True, user__is_active=True,
        user__staff_role=User.StaffRole.NONE,
    ).exclude(user_id__in=there)  # fmt: skip


def admit(
    user: User, account_id: UUID, *, role: str, limit: Money | None, asked_at: datetime
) -> bool:
    """Let somebody act for an account, in a transaction of the caller; return whether he does.

    Who acts for it already stays what he is; whom the team removed after ``asked_at`` stays out.
    """
    former = FormerContact.objects.filter(user=user, customer_account_id=account_id)
    if former.filter(by_team=True, left_at__gt=asked_at).exists():
        return False
    former.delete()
    _contact, made = Contact.objects.get_or_create(
        user=user, customer_account_id=account_id,
        defaults={
            "role": role, "limit_minor": limit.minor if limit else None,
            "limit_currency": limit.currency if limit else "",
        },
    )  # fmt: skip
    if made:
        record_event(
            "person joined", subject_id=user.pk, subject_kind="user", account=str(account_id),
            role=role,
        )  # fmt: skip
    return True


def _locked(account_id: UUID, contact_id: UUID, *, by: UUID) -> Contact:
    """Return one of the account, all of whose people stay as they are until the caller is done."""
    rows = Contact.objects.select_for_update(of=("self",)).select_related("user")
    team = {each.pk: each for each in rows.filter(customer_account_id=account_id).order_by("pk")}
    check_may(by, [account_id], BuyerPermission.MANAGE_TEAM)
    if contact_id not in team:
        raise NotInTeam
    return team[contact_id]


def _check_others_administer(contact: Contact) -> None:
    others = Contact.objects.filter(
        customer_account_id=contact.customer_account_id, role=BuyerRole.ADMINISTER,
        user__is_active=True, user__staff_role=User.StaffRole.NONE,
    )  # fmt: skip
    if contact.role == BuyerRole.ADMINISTER and not others.exclude(pk=contact.pk).exists():
        raise LastAdministrator


def _tell(contact: Contact, kind: str, **facts: str) -> None:
    account = CustomerAccount.objects.get(pk=contact.customer_account_id)
    enqueue_message(
        key=f"{kind}:{new_id()}", kind=kind, to=contact.user.email,
        facts={"account": account.name, **facts},
    )  # fmt: skip


def _member(contact: Contact) -> Member:
    return Member(
        contact.pk, contact.user_id, contact.user.name or contact.user.email, contact.user.email,
        contact.role, contact.limit,
    )  # fmt: skip
