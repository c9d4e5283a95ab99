"""Finds an invitation by its token, and makes who accepts it what he was invited as, once."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.identity.newcomers import new_person
from quittance.identity.wrong_tokens import note_wrong_token
from quittance.invitations.inviting import hash_of, still_asked
from quittance.invitations.models import Invitation, State
from quittance.receivables.team import admit
from quittance.tenancy.rows import reading, writing

ACT: Final = "invitation"
_LONGEST: Final = 100
_OPENED: Final = "invitation.opened"


class NoInvitation(RuleBroken):
    """This link does not open anything. Look whether all of its address was copied."""


class Over(RuleBroken):
    """This invitation was used, was taken back, or has expired. Nothing was changed."""


class OtherSide(RuleBroken):
    """Your sign-in cannot take this invitation. Ask who invited you to use another address."""


def find_invitation(token: str, *, ip: str) -> Invitation:
    """Return what a token opens, good or over. Raises ``NoInvitation``, ``TooManyWrong``."""
    with reading():
        found = Invitation.objects.filter(token_hash=hash_of(token[:_LONGEST])).first()
    if found is None:
        note_wrong_token(ACT, ip)
        raise NoInvitation
    with writing():
        _note_opened(found.pk)
    return found


def invitation_with(invitation_id: UUID) -> Invitation | None:
    """Return an invitation with its roles, in a transaction of the caller."""
    rows = Invitation.objects.prefetch_related("roles__customer_account")
    return rows.select_related("invited_by").filter(pk=invitation_id).first()


def sign_in_of(invitation: Invitation) -> User | None:
    """Return whose address it was sent to, in a transaction of the caller."""
    return User.objects.filter(email=invitation.email).first()


def accept_as_new(invitation_id: UUID, *, name: str, hashed: str) -> User:
    """Make the person who was invited, with this password, and let him be what he was invited as.

    Who has the link has the mailbox: it was sent there only. Raises ``Over``, ``Taken``.
    """
    user = None
    with writing():
        invitation = _waiting(invitation_id)
        if still_asked(invitation):
            user = new_person(
                invitation.email, name=name, hashed=hashed, staff_role=invitation.staff_role
            )
            _keep(invitation, user)
        else:
            _take_back(invitation)
    if user is None:
        raise Over
    return user


def accept(invitation_id: UUID, user: User) -> list[UUID]:
    """Let a person who is signed in be what he was invited as; what he is stays as it is.

    Return for which accounts he acts by it; for none, if he is of the staff. One address is either
    of the seller's staff or of customers. Raises ``Over``, ``OtherSide``.
    """
    with writing():
        invitation = _waiting(invitation_id)
        if user.email != invitation.email or user.is_staff != bool(invitation.staff_role):
            raise OtherSide
        accounts = _keep(invitation, user) if still_asked(invitation) else None
        if accounts is None:
            _take_back(invitation)
    if accounts is None:
        raise Over
    return accounts


def _note_opened(invitation_id: UUID) -> None:
    """Write down that a link was opened: once for each that was sent, while it is good."""
    found = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation_id)
    told = AuditEvent.objects.filter(
        what=_OPENED, subject_id=found.pk, happened_at__gte=found.sent_at
    )
    if found.state(clock.now()) == State.SENT and not told.exists():
        record_event(_OPENED, subject_kind="invitation", subject_id=found.pk)


def _waiting(invitation_id: UUID) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",))
    found = rows.filter(pk=invitation_id).first()
    if found is None or found.state(clock.now()) != State.SENT:
        raise Over
    return found


def _keep(invitation: Invitation, user: User) -> list[UUID] | None:
    """Return for which accounts the person acts; ``None``: all of them removed him meanwhile."""
    accounts = [
        each.customer_account_id
        for each in invitation.roles.order_by("customer_account_id")
        if admit(
            user, each.customer_account_id, role=each.role, limit=each.limit,
            asked_at=invitation.created_at,
        )
    ]  # fmt: skip
    if not accounts and not invitation.staff_role:
        return None
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=clock.now())
    record_event(
        "invitation.accepted", subject_kind="invitation", subject_id=invitation.pk,
        user=str(user.pk), staff_role=invitation.staff_role,
    )  # fmt: skip
    return accounts


def _take_back(invitation: Invitation) -> None:
    """End what nobody who may stands for any more, so that a new invitation can be sent."""
    Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=clock.now())
    record_event("invitation.withdrawn", subject_kind="invitation", subject_id=invitation.pk)
