"""Says which person it is for whom a provider vouches, and gives him the role of his groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import IntegrityError

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.identity.permissions import BUYER_TABLE, BuyerRole
from quittance.identity.sign_in import normal
from quittance.receivables.models import Contact
from quittance.sso.models import ExternalIdentity, IdentityProvider, ProviderDomain
from quittance.sso.vouched import Vouched
from quittance.tenancy.domains import NotADomain, domain_name
from quittance.tenancy.rows import writing

# Who is in several groups has the role that stands last.
_STAFF_ORDER: Final = ("auditor", "integrator", "clerk", "manager", "administrator")
_BUYER_ORDER: Final = tuple(BUYER_TABLE)


class NotLetIn(RuleBroken):
    """Your company vouches for you, but nobody here knows what you may see. Ask who runs it."""


def person_for(provider: IdentityProvider, vouched: Vouched) -> User:
    """Return the person, made or linked if need be, with the role of his groups.

    A provider speaks for its own proven domains only, and for one side only: a customer's provider
    never lets in the seller's staff. Somebody whom it has let in before is known by its own key of
    him; before that, the address links him to a person who is here already only if the provider
    has seen the mailbox, or was set up to be believed. Raises ``NotLetIn``.
    """
    try:
        return _person(provider, vouched)
    except IntegrityError:  # the same person came by another tab: now he is here
        return _person(provider, vouched)


def _person(provider: IdentityProvider, vouched: Vouched) -> User:
    email = normal(vouched.email)
    with writing():
        _check_domain(provider, email)
        known = (
            ExternalIdentity.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(provider=provider, subject=vouched.subject)
            .first()
        )
        user = known.user if known else _by_mail(provider, vouched, email)
        if user is not None:
            _check_side(provider, user)
            _check_domain(provider, user.email)
        role = _role(provider, vouched.groups)
        if user is None:
            user = User.objects.create(
                email=email, name=(vouched.name.strip() or email)[:150], password="",
                staff_role=role if provider.for_staff else "",
            )  # fmt: skip
            record_event("person made by single sign-on", subject_id=user.pk)
        _give(provider, user, role)
        if known is None:
            ExternalIdentity.objects.create(
                provider=provider, subject=vouched.subject, user=user, seen_at=clock.now()
            )
            record_event(
                "linked to an identity provider", subject_id=user.pk, provider=str(provider.pk)
            )
        else:
            ExternalIdentity.objects.filter(pk=known.pk).update(seen_at=clock.now())
    return user


def provider_for(email: str) -> IdentityProvider | None:
    """Return who vouches for an address, by its domain alone, in a transaction of the caller.

    So the answer says nothing of whether anybody has this address.
    """
    try:
        domain = domain_name(email.rpartition("@")[2])
    except NotADomain:
        return None
    found = ProviderDomain.objects.select_related("provider").filter(
        domain=domain, proven_at__isnull=False, provider__is_active=True
    )
    row = found.first()
    return row.provider if row else None


def is_there() -> bool:
    """Say whether anybody signs in elsewhere here, in a transaction of the caller."""
    return IdentityProvider.objects.filter(is_active=True).exists()


def _by_mail(provider: IdentityProvider, vouched: Vouched, email: str) -> User | None:
    user = User.objects.select_for_update().filter(email=email).first()
    if user and not (vouched.mail_seen or provider.links_by_mail):
        raise NotLetIn(problem="the provider does not say that it has seen the mailbox")
    if user and ExternalIdentity.objects.filter(provider=provider, user=user).exists():
        raise NotLetIn(problem="the provider knows the address as somebody else's")
    return user


def _check_domain(provider: IdentityProvider, email: str) -> None:
    found = provider_for(email)
    if found is None or found.pk != provider.pk:
        raise NotLetIn(problem=f"{email.rpartition('@')[2]} is no domain of {provider.name}")


def _check_side(provider: IdentityProvider, user: User) -> None:
    if user.is_staff != provider.for_staff or not user.is_active:
        raise NotLetIn(problem="of the other side, or switched off")


def _role(provider: IdentityProvider, groups: frozenset[str]) -> str:
    """Return the strongest role that the groups have. Raises ``NotLetIn`` when none has one."""
    rows = provider.roles.values_list("group", "role")
    found = {role for group, role in rows if not group or group in groups}
    order: Iterable[str] = _STAFF_ORDER if provider.for_staff else _BUYER_ORDER
    role = [each for each in order if each in found][-1:]
    if not role:
        raise NotLetIn(problem="none of the groups has a role")
    return role[0]


def _give(provider: IdentityProvider, user: User, role: str) -> None:
    if provider.for_staff:
        if user.staff_role != role:
            record_event("role by groups", subject_id=user.pk, before=user.staff_role, after=role)
            User.objects.filter(pk=user.pk).update(staff_role=role)
            user.staff_role = role
        return
    for account_id in provider.accounts.values_list("customer_account_id", flat=True):
        contact, made = Contact.objects.get_or_create(
            user=user, customer_account_id=account_id, defaults={"role": role}
        )
        if not made and _is_of_the_team(contact, role):
            continue
        if made or contact.role != role:
            record_event(
                "role by groups", subject_id=user.pk, account=str(account_id),
                before="" if made else contact.role, after=role,
            )  # fmt: skip
            Contact.objects.filter(pk=contact.pk).update(
                role=role, limit_minor=None, limit_currency=""
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


ROLES_OF_BUYERS: Final = tuple(
    role
    for role in _BUYER_ORDER
    if role != BuyerRole.PAY_WITHIN  # a group has no amount
)
ROLES_OF_STAFF: Final = _STAFF_ORDER
