"""A signed word that shows our own look the payment page of a gateway account."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core import signing

from quittance.tenancy.scope import current_organization_id

_SALT: Final = "quittance.payment_page.sample"
_GOOD_FOR: Final = timedelta(minutes=10)


def sample_token(account_id: UUID) -> str:
    """Return the word for a gateway account of the current organization; good for ten minutes."""
    said = [str(current_organization_id()), str(account_id)]
    return signing.dumps(said, salt=_SALT, compress=False)


def read_sample(token: str) -> UUID | None:
    """Return the gateway account that a word of ours is for; ``None`` for any other word."""
    try:
        organization_id, account_id = signing.loads(token, salt=_SALT, max_age=_GOOD_FOR)
    except (signing.BadSignature, ValueError):
        return None
    if organization_id != str(current_organization_id()):
        return None
    return UUID(account_id)
