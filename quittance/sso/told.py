"""What a company's directory told of somebody: whether he left, and in which groups he is."""

from __future__ import annotations

from django.db.models import Q

from quittance.identity.models import User
from quittance.sso.models import DirectoryMember, DirectoryPerson, IdentityProvider


def is_shut_out(provider: IdentityProvider, email: str, user: User | None) -> bool:
    """Say whether the directory says that he left, in a transaction of the caller.

    Whoever vouches for him at the sign-in: a leaver comes back by the directory's word alone.
    """
    switched_off = Q(email=email, gone_at=None, active=False)
    if user is not None:
        switched_off |= Q(user=user, ended_at__isnull=False)
    return DirectoryPerson.objects.filter(switched_off, provider=provider).exists()


def groups_told(provider: IdentityProvider, email: str) -> frozenset[str]:
    """Return the groups of who has this address there; as ``groups_of``."""
    people = DirectoryPerson.objects.filter(provider=provider, email=email, gone_at=None)
    person = people.first()
    return groups_of(person) if person else frozenset()


def groups_of(person: DirectoryPerson) -> frozenset[str]:
    """Return the groups that somebody is in: by their names, and by the directory's own keys."""
    rows = DirectoryMember.objects.filter(person=person).values_list(
        "group__name", "group__external_id"
    )
    return frozenset(word for row in rows for word in row if word)


def link(provider: IdentityProvider, user: User) -> None:
    """Know from now on who somebody is of whom the directory had told before he came."""
    people = DirectoryPerson.objects.filter(provider=provider, email=user.email, gone_at=None)
    people.filter(user=None).update(user=user)
