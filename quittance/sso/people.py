"""Says which person it is for whom a provider vouches, and by which way an address signs in."""

from __future__ import annotations

from typing import NamedTuple

from django.db import IntegrityError

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.identity.sign_in import normal
from quittance.sso.models import ExternalIdentity, IdentityProvider, ProviderDomain
from quittance.sso.roles import come_again, give, hold_still, role_by_groups, take_away
from quittance.sso.told import groups_told, is_shut_out, link
from quittance.sso.vouched import Vouched
from quittance.tenancy.domains import NotADomain, domain_name
from quittance.tenancy.rows import writing


class NotLetIn(RuleBroken):
    """Your company vouches for you, but nobody here knows what you may see. Ask who runs it."""


class CompanySignsIn(RuleBroken):
    """Your company decides how you sign in: keep an address of its domain. Nothing was changed."""


class Way(NamedTuple):
    """How an address signs in.

    ``provider``: who vouches for it. ``closed``: it must be vouched for, and nobody can now,
    because the proof of its domain is lost.
    """

    provider: IdentityProvider | None = None
    closed: bool = False


def person_for(provider: IdentityProvider, vouched: Vouched) -> User:
    """Return the person, made or linked if need be, with the role of his groups.

    A provider speaks for its own proven domains only, and for one side only: a customer's provider
    never lets in the seller's staff. Somebody whom it has let in before is known by its own key of
    him; before that, the address links him to a person who is here already only if the provider
    has seen the mailbox, or was set up to be believed. Whom it has let in before, and who is in no
    group with a role any more, loses what they had given. Raises ``NotLetIn``.
    """
    try:
        user = _person(provider, vouched)
    except IntegrityError:  # the same person came by another tab: now he is here
        user = _person(provider, vouched)
    if user is None:
        raise NotLetIn(problem="none of the groups has a role")
    return user


def _person(provider: IdentityProvider, vouched: Vouched) -> User | None:
    email = normal(vouched.email)
    with writing():
        hold_still(provider)
        _check_domain(provider, email)
        known = (
            ExternalIdentity.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(provider=provider, subject=vouched.subject)
            .first()
        )
        user = known.user if known else _by_mail(provider, vouched, email)
        if user is not None:
            _check_side(provider, user, known)
            _check_domain(provider, user.email)
        if is_shut_out(provider, email, user):
            raise NotLetIn(problem="the company's directory says that this person left")
        role = role_by_groups(provider, vouched.groups | groups_told(provider, email))
        if not role:
            if known:
                take_away(provider, known)
            return None
        if user is None:
            user = _made(provider, vouched, email, role)
        if known and known.left_at:
            come_again(known)
        give(provider, user, role)
        link(provider, user)
        _note_seen(provider, vouched, user, known)
    return user


def _made(provider: IdentityProvider, vouched: Vouched, email: str, role: str) -> User:
    user = User.objects.create(
        email=email, name=(vouched.name.strip() or email)[:150], password="",
        staff_role=role if provider.for_staff else "",
    )  # fmt: skip
    record_event("person made by single sign-on", subject_id=user.pk)
    return user


def _note_seen(
    provider: IdentityProvider, vouched: Vouched, user: User, known: ExternalIdentity | None
) -> None:
    if known:
        ExternalIdentity.objects.filter(pk=known.pk).update(seen_at=clock.now())
        return
    ExternalIdentity.objects.create(
        provider=provider, subject=vouched.subject, user=user, seen_at=clock.now()
    )
    record_event("linked to an identity provider", subject_id=user.pk, provider=str(provider.pk))


def way_of(email: str) -> Way:
    """Return how an address signs in, by its domain alone, in a transaction of the caller.

    So the answer says nothing of whether anybody has this address.
    """
    try:
        domain = domain_name(email.rpartition("@")[2])
    except NotADomain:
        return Way()
    found = ProviderDomain.objects.select_related("provider")
    row = found.filter(domain=domain, provider__is_active=True).first()
    if row is None:
        return Way()
    if row.proven_at is not None:
        return Way(row.provider)
    return Way(closed=row.provider.required and row.lost_at is not None)


def check_may_leave(email: str, new: str) -> None:
    """See that another address frees nobody of a sign-in that his company wants.

    In a transaction of the caller. Raises ``CompanySignsIn``.
    """
    now = way_of(email)
    wanted = now.closed or (now.provider is not None and now.provider.required)
    if wanted and (now.provider is None or way_of(new).provider != now.provider):
        raise CompanySignsIn


def is_there() -> bool:
    """Say whether anybody signs in elsewhere here, in a transaction of the caller."""
    return IdentityProvider.objects.filter(is_active=True).exists()


def vouching_for(user: User) -> tuple[IdentityProvider, bool] | None:
    """Return which provider says what one of the staff may do; ``None``: none does.

    And whether no group of theirs had a role when it was asked last: then it alone lets them in
    again. In a transaction of the caller.
    """
    rows = ExternalIdentity.objects.select_related("provider").filter(user=user)
    known = rows.filter(provider__for_staff=True, provider__is_active=True).order_by("pk").first()
    return (known.provider, known.left_at is not None) if known else None


def _by_mail(provider: IdentityProvider, vouched: Vouched, email: str) -> User | None:
    user = User.objects.select_for_update().filter(email=email).first()
    if user and not (vouched.mail_seen or provider.links_by_mail):
        raise NotLetIn(problem="the provider does not say that it has seen the mailbox")
    if user and ExternalIdentity.objects.filter(provider=provider, user=user).exists():
        raise NotLetIn(problem="the provider knows the address as somebody else's")
    return user


def _check_domain(provider: IdentityProvider, email: str) -> None:
    if way_of(email).provider != provider:
        raise NotLetIn(problem=f"{email.rpartition('@')[2]} is no domain of {provider.name}")


def _check_side(provider: IdentityProvider, user: User, known: ExternalIdentity | None) -> None:
    by_groups = provider.for_staff and known is not None and known.left_at is not None
    off = not user.is_active and not by_groups
    if user.is_staff != provider.for_staff or off:
        raise NotLetIn(problem="of the other side, or switched off")
