"""Tells a person by mail what changed about their sign-in, whatever mails they want."""

from __future__ import annotations

from quittance.core.ids import new_id
from quittance.identity.models import User
from quittance.notifications.messages import enqueue_message


def tell(person: User, what: str, *, name: str = "") -> None:
    """Write the mail down, in the transaction that makes it true.

    ``what`` is a word of ``notifications/personal.py``; ``name`` is what a passkey is called.
    """
    enqueue_message(
        key=f"factor:{new_id()}", kind="factor_changed", to=person.email,
        facts={"what": what, "name": name, "language": person.language},
    )  # fmt: skip
