"""What a company's directory told of somebody: whether he left, and in which groups he is."""

from __future__ import annotations

from django.db.models import Q

from quittance.identity.models import User
from quittance.sso.kept_out import is_kept_out, keep_out
from quittance.sso.models import DirectoryMember, DirectoryPerson, IdentityProvider


def is_shut_out(provider: IdentityProvider, email: str, user: User | None) -> bool:
    """Say whether the directory says that he left, in a transaction of the caller.

    Whoever vouches for him at the sign-in: a leaver comes back by the directory's word alone. Who
    was deleted there before he had a role, and so was nobody here, left too.
    """
    if is_kept_out(provider, email):
        return True
    his = Q(email=email) | Q(user=user) if user is not None else Q(email=email)
    told = DirectoryPerson.objects.filter(his, provider=provider)
    if user is not None and told.filter(user=user, ended_at__isnull=False).exists():
        return True
    now = told.filter(gone_at=None)
    return now.filter(active=False).exists() or (told.exists() and not now.exists())


def keep_out_leaver(user: User) -> None:
    """Have a leaver stay out whose rows are erased now, in a transaction of the caller."""
    rows = DirectoryPerson.objects.select_related("provider")
    for row in rows.filter(Q(user=user) | Q(email=user.email)):
        if is_shut_out(row.provider, row.email, user):
            keep_out(row.provider, row.email)


def shut_out_by(user: User) -> IdentityProvider | None:
    """Return by whose directory one of the staff lost every access; ``None``: by none.

    It alone lets them in again, as long as it is in use. In a transaction of the caller.
    """
    rows = DirectoryPerson.objects.select_related("provider").filter(user=user)
    ended = rows.filter(ended_at__isnull=False, provider__is_active=True)
    row = ended.order_by("-ended_at", "pk").first()
    return row.provider if row else None


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
