"""Says who agreed to something on a page, and from where."""

from __future__ import annotations

import hashlib

from quittance.portal.access import BuyerRequest
from quittance.tenancy.caller import caller
from quittance.wallet.consents import Witness


def witness_of(request: BuyerRequest) -> Witness:
    """Return what proves a buyer's yes; of his session a hash, for the session itself signs in."""
    session = request.session.session_key or ""
    return Witness(
        user_id=request.person.pk, ip_address=caller(request),
        user_agent=request.headers.get("User-Agent", ""),
        session_hash=hashlib.sha256(session.encode()).hexdigest(),
    )  # fmt: skip
