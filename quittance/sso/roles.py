"""Gives people the role that their groups at the provider have, and takes it when none has one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.identity.browsers import end_all
from quittance.identity.models import User
from quittance.identity.permissions import BUYER_TABLE, BuyerRole
from quittance.receivables.models import Contact, FormerContact
from quittance.sso.models import ExternalIdentity, IdentityProvider, ProviderAccount

# Who is in several groups has the role that stands last.
_STAFF_ORDER: Final = ("auditor", "integrator", "clerk", "manager", "administrator")
_BUYER_ORDER: Final = tuple(BUYER_TABLE)
ROLES_OF_STAFF: Final = _STAFF_ORDER
ROLES_OF_BUYERS: Final = tuple(
    role
    for role in _BUYER_ORDER
    if role != BuyerRole.PAY_WITHIN  # a group has no amount
)


def hold_still(provider: IdentityProvider) -> None:
    """Let nobody else change who administers, until the transaction of the caller ends.

    It comes before any other lock there: two who lose the role at once are counted one by one.
    """
    if provider.for_staff:
        list(_administrators().select_for_update(no_key=True).order_by("pk"))
        return
    rows = Contact.objects.select_for_update(no_key=True).order_by("pk")
    list(rows.filter(customer_account_id__in=_accounts(provider)))


def role_by_groups(provider: IdentityProvider, groups: frozenset[str]) -> str:
    """Return the strongest role that the groups have; "": none has one."""
    rows = provider.roles.values_list("group", "role")
    found = {role for group, role in rows if not group or group in groups}
    order: Iterable[str] = _STAFF_ORDER if provider.for_staff else _BUYER_ORDER
    return next((each for each in reversed(tuple(order)) if each in found), "")


def give(provider: IdentityProvider, user: User, role: str) -> None:
    """Give the role of the groups. The caller held the others still."""
    if provider.for_staff:
        _give_staff(user, role)
        return
    for account_id in _accounts(provider):
        contact = Contact.objects.filter(user=user, customer_account_id=account_id).first()
        if contact is None:
            _let_in(user, account_id, role)
        elif contact.role != role and not _is_of_the_team(contact, role):
            _note(user, account_id, before=contact.role, after=role)
            Contact.objects.filter(pk=contact.pk).update(
                role=role, limit_minor=None, limit_currency=""
            )


def take_away(provider: IdentityProvider, known: ExternalIdentity) -> None:
    """Take what groups had given from somebody who is in none any more, and end his sessions.

    Staff are switched off until a group of theirs has a role again. Only the last administrator of
    the organization keeps the role: nobody could give it to anybody. The caller held the others
    still, and lets nobody in.
    """
    if lose(provider, known.user) and provider.for_staff:
        ExternalIdentity.objects.filter(pk=known.pk).update(left_at=clock.now())


def lose(provider: IdentityProvider, user: User) -> bool:
    """Take from somebody what the groups of a provider give; say whether he lost it by that.

    Not so the last administrator of the organization, of whom only sessions end, and not who was
    switched off before: whoever did that lets him in again. As ``take_away``.
    """
    end_all(user)
    if provider.for_staff and is_last(user):
        record_event("last administrator kept", subject_id=user.pk)
        return False
    if provider.for_staff:
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            return False
        record_event("access ended by groups", subject_id=user.pk, before=user.staff_role)
        return True
    rows = Contact.objects.filter(user=user, customer_account_id__in=_accounts(provider))
    for contact in list(rows):
        _leave(contact)
    return True


def come_again(known: ExternalIdentity) -> None:
    """Switch on who was switched off because no group had a role, now that one has."""
    if not known.user.is_active:
        known.user.is_active = True
        User.objects.filter(pk=known.user_id).update(is_active=True)
        record_event("access again by groups", subject_id=known.user_id)
    ExternalIdentity.objects.filter(pk=known.pk).update(left_at=None)


def _give_staff(user: User, role: str) -> None:
    if user.staff_role == role:
        return
    if is_last(user):
        record_event("last administrator kept", subject_id=user.pk, asked=role)
        return
    record_event("role by groups", subject_id=user.pk, before=user.staff_role, after=role)
    User.objects.filter(pk=user.pk).update(staff_role=role)
    user.staff_role = role


def _let_in(user: User, account_id: UUID, role: str) -> None:
    former = FormerContact.objects.filter(user=user, customer_account_id=account_id).first()
    if former and former.by_team:
        return  # until somebody of the team lets him in again
    limit, currency = (former.limit_minor, former.limit_currency) if former else (None, "")
    if limit is not None:
        role = BuyerRole.PAY_WITHIN
    Contact.objects.create(
        user=user, customer_account_id=account_id, role=role,
        limit_minor=limit, limit_currency=currency,
    )  # fmt: skip
    FormerContact.objects.filter(user=user, customer_account_id=account_id).delete()
    _note(user, account_id, before="", after=role)


def _leave(contact: Contact) -> None:
    FormerContact.objects.update_or_create(
        user_id=contact.user_id, customer_account_id=contact.customer_account_id,
        defaults={
            "left_at": clock.now(), "by_team": False,
            "limit_minor": contact.limit_minor, "limit_currency": contact.limit_currency,
        },
    )  # fmt: skip
    contact.delete()
    record_event(
        "access ended by groups", subject_id=contact.user_id, before=contact.role,
        account=str(contact.customer_account_id),
    )  # fmt: skip


def _note(user: User, account_id: UUID, *, before: str, after: str) -> None:
    record_event(
        "role by groups", subject_id=user.pk, account=str(account_id), before=before, after=after
    )


def _is_of_the_team(contact: Contact, role: str) -> bool:
    """Whether the account's own people decide: a limit, or the last who administers it."""
    if contact.role == BuyerRole.PAY_WITHIN:
        return True
    others = Contact.objects.filter(
        customer_account_id=contact.customer_account_id, role=BuyerRole.ADMINISTER,
        user__is_active=True,
    ).exclude(pk=contact.pk)  # fmt: skip
    return contact.role == BuyerRole.ADMINISTER != role and not others.exists()


def is_last(user: User) -> bool:
    """Whether this is the only administrator of the organization who can sign in."""
    found = set(_administrators().values_list("pk", flat=True))
    return found == {user.pk}


def _administrators() -> QuerySet[User]:
    return User.objects.filter(staff_role=User.StaffRole.ADMINISTRATOR, is_active=True)


def _accounts(provider: IdentityProvider) -> QuerySet[ProviderAccount, UUID]:
    return provider.accounts.order_by("pk").values_list("customer_account_id", flat=True)
