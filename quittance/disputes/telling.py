"""Tells the other side of a dispute by mail that something happened."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from quittance.disputes.models import DisputeNote, InvoiceDispute
from quittance.disputes.rules import plain_word_of
from quittance.identity.models import User
from quittance.identity.permissions import Permission, may
from quittance.notifications.messages import enqueue_message
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened


def team_addresses(owner_id: object) -> Sequence[str]:
    """Return who of the seller is told: the one who looks after it, else all who may.

    Outside of a transaction: a buyer's act may not see the staff itself.
    """
    with widened(), reading():
        staff = User.objects.filter(is_active=True).exclude(staff_role=User.StaffRole.NONE)
        found = [each for each in staff.order_by("pk") if may(each, Permission.HANDLE)]
    own = [each for each in found if each.pk == owner_id]
    return [each.email for each in own or found]


def tell(dispute: InvoiceDispute, note: DisputeNote, to: Collection[str], *, team: bool) -> None:
    """Put the mails about ``note`` into the outbox, inside the transaction that wrote it.

    The buyer reads no name of the seller's staff: where ``who`` is empty the seller speaks.
    """
    facts = {
        "act": note.act, "number": dispute.number, "invoice": dispute.invoice.number,
        "reason": plain_word_of(dispute.reason), "amount_minor": dispute.amount_minor,
        "agreed_minor": dispute.agreed_minor, "remedy": dispute.remedy,
        "currency": dispute.currency, "text": note.text,
        "who": "" if note.by_staff and not team else note.author_name,
    }  # fmt: skip
    for address in to:
        enqueue_message(
            key=f"invoice_dispute:{note.pk}:{address}"[:100],
            kind="dispute_team" if team else "dispute_buyer", to=address, facts=facts,
        )  # fmt: skip
