"""Says what a person still has to do here, so that nobody is erased whom others wait for."""

from __future__ import annotations

from collections.abc import Iterator

from quittance.approvals.models import ALIVE, ApprovalRequest, ApprovalRule
from quittance.confirmations.models import ALIVE as WAITING
from quittance.confirmations.models import Confirmation
from quittance.core import clock
from quittance.identity.models import User
from quittance.identity.permissions import BuyerPermission, BuyerRole, buyer_may
from quittance.payments.models import Payment
from quittance.posting.models import Correction
from quittance.receivables.models import Contact
from quittance.receivables.people import who_may
from quittance.wallet.models import Saving


def duties_of(person: User) -> list[str]:
    """Return in words what has to be done first, in a transaction of the caller; none: nothing."""
    return [*_of_staff(person), *_of_accounts(person), *_under_way(person)]


def _of_staff(person: User) -> Iterator[str]:
    others = User.objects.filter(staff_role=User.StaffRole.ADMINISTRATOR, is_active=True)
    alone = not others.exclude(pk=person.pk).exists()
    if person.staff_role == User.StaffRole.ADMINISTRATOR and person.is_active and alone:
        yield "Nobody else administers here. Make another colleague an administrator first."
    actor = f"user:{person.pk}"
    if Correction.objects.filter(asked_by=actor, outcome=Correction.Outcome.WAITS).exists():
        yield "A correction of a posting that they asked for waits. Confirm or withdraw it first."
    if Confirmation.objects.filter(asked_by=person, status__in=WAITING).exists():
        yield "What they asked for waits for a second person. Have it refused or taken back first."


def _of_accounts(person: User) -> Iterator[str]:
    """What their customers would lack: somebody who administers, or who approves."""
    for contact in Contact.objects.filter(user=person).select_related("customer_account"):
        name = f"{contact.customer_account.name} ({contact.customer_account.number})"
        others = Contact.objects.filter(
            customer_account_id=contact.customer_account_id, user__is_active=True,
            user__staff_role=User.StaffRole.NONE,
        ).exclude(user=person)  # fmt: skip
        leads = contact.role == BuyerRole.ADMINISTER
        if leads and others.exists() and not others.filter(role=BuyerRole.ADMINISTER).exists():
            yield f"Nobody else administers {name}, for which others act. Invite somebody first."
        rule = ApprovalRule.objects.filter(customer_account_id=contact.customer_account_id).first()
        if rule is None:
            continue
        if str(person.pk) in rule.approvers:
            yield f"The approval rule of {name} names them. Its administrator names others first."
        elif BuyerPermission.APPROVE in buyer_may(contact.role) and others.exists():
            left = who_may(BuyerPermission.APPROVE, contact.customer_account_id)
            if not left.exclude(pk=person.pk).exists():
                yield f"Nobody else approves payments of {name}. Give another person that role."


def _under_way(person: User) -> Iterator[str]:
    waiting = ApprovalRequest.objects.filter(
        maker=person, status__in=ALIVE, expires_at__gt=clock.now()
    )
    if waiting.exists():
        yield "A payment that they made waits for approval, or to be paid. Withdraw it first."
    moving = [Payment.Status.CREATED, Payment.Status.IN_FLIGHT]
    if Payment.objects.filter(user=person, status__in=moving).exists():
        yield "A payment of theirs is under way. Wait for its end: nothing of it is lost."
    ended = [Saving.Status.SAVED, Saving.Status.FAILED, Saving.Status.CANCELLED]
    if Saving.objects.filter(user=person).exclude(status__in=ended).exists():
        yield "A way to pay of theirs is being saved. Wait for its end, or cancel it."
