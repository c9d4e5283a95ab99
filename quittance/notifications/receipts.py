"""Leads who paid by a link, and has no sign-in, to the receipt as a PDF."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core import signing
from django.urls import reverse

from quittance.notifications.models import Message
from quittance.tenancy.scope import current_organization_id

GOOD_FOR: Final = timedelta(days=30)  # as long as a pay link may be; the mail itself stays
_SALT: Final = "quittance.receipt"


def receipt_address(message: Message, *, site: str) -> str:
    """Return the address at ``site`` of a guest's receipt; "" for any other mail.

    It is signed, says one payment of this organization, and is good for that receipt alone.
    """
    if not site or message.kind != "receipt" or not message.facts.get("by_link"):
        return ""
    said = [str(current_organization_id()), str(message.facts["payment_id"])]
    token = signing.dumps(said, salt=_SALT, compress=False)
    return site + reverse("portal:guest_receipt", kwargs={"token": token})


def read_receipt(token: str) -> UUID | None:
    """Return whose receipt such an address opens at this organization; ``None`` for any other."""
    try:
        organization_id, payment_id = signing.loads(token, salt=_SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError):
        return None
    return UUID(payment_id) if organization_id == str(current_organization_id()) else None
