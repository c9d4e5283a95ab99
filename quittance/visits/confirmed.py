"""Has another person confirm a look as a customer, where the organization wants that; once each."""

from __future__ import annotations

from uuid import UUID

from quittance.confirmations.models import Confirmation, Kind
from quittance.confirmations.requests import Wish, ask, content_of
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.identity.models import User
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import reading
from quittance.visits.visiting import NotConfirmed, begin_visit, reasoned


def ask_to_look(
    by: User, account: CustomerAccount, *, title: str, reason: str, ticket: str
) -> None:
    """Ask for another person's word, in a transaction of the caller.

    Raises ``NoReason``, and what ``ask`` raises.
    """
    reason, ticket = reasoned(reason, ticket)
    shown = [("Customer", "", f"{account.name} ({account.number})"), ("Why", "", reason)]
    if ticket:
        shown.append(("Ticket", "", ticket))
    ask(Wish(
        kind=Kind.VISITS, about=f"visit:{by.pk}:{account.pk}", subject_id=new_id(), title=title,
        customer_account_id=account.pk, shown=shown,
        content={"account": str(account.pk), "reason": reason, "ticket": ticket},
    ), by=by)  # fmt: skip


def looks_confirmed(by: User) -> list[Confirmation]:
    """Return the looks that this person may begin now, in a transaction of the caller."""
    rows = Confirmation.objects.filter(
        kind=Kind.VISITS, asked_by=by, status=Confirmation.Status.CONFIRMED,
        expires_at__gt=clock.now(),
    )  # fmt: skip
    return list(rows.select_related("decided_by").order_by("decided_at", "pk"))


def begin_confirmed(by: User, word_id: UUID, *, sign_in_id: UUID) -> str:
    """Begin the look that another person confirmed, as it was asked for; return the token.

    Raises ``NotConfirmed``, and what ``begin_visit`` raises.
    """
    with reading():
        row = next((each for each in looks_confirmed(by) if each.pk == word_id), None)
        if row is None:
            raise NotConfirmed
        content = content_of(row)
    return begin_visit(
        by, UUID(content["account"]), reason=content["reason"], ticket=content["ticket"],
        sign_in_id=sign_in_id, word_id=word_id,
    )  # fmt: skip
