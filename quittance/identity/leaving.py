"""Ends every access of somebody whose company says that he left, and gives it back."""

from __future__ import annotations

from quittance.core import clock
from quittance.identity.browsers import end_all
from quittance.identity.models import MailChange, SignInCode, User


def end_access(user: User) -> None:
    """Let somebody in no more, and end his sessions, codes and wishes; in the caller's transaction.

    What he was for each account stays written down: it counts for nobody who is switched off.
    """
    now = clock.now()
    user.is_active, user.signed_out_at = False, now
    user.save(update_fields=["is_active", "signed_out_at"])
    end_all(user)
    SignInCode.objects.filter(user=user, used_at=None).update(used_at=now)
    MailChange.objects.filter(user=user, ended_at=None).update(ended_at=now)


def give_access_back(user: User) -> None:
    """Let somebody in again, in the caller's transaction; sessions of before stay over."""
    user.is_active = True
    user.save(update_fields=["is_active"])
