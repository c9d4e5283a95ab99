"""Where the approval of a checkout is, for its last step."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from quittance.approvals.models import ApprovalRequest
from quittance.approvals.requests import is_good, latest_of
from quittance.core import clock
from quittance.payments.approving import needs_now, wanted_of, why_of
from quittance.payments.contents import Contents
from quittance.payments.payers import names_of
from quittance.payments.sealing import fingerprint_of_basket
from quittance.portal.access import BuyerRequest
from quittance.portal.payer import is_guest
from quittance.receivables.people import MayNot
from quittance.tenancy.rows import reading

S = ApprovalRequest.Status


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a basket's approval is, for its last step."""

    state: str  # "needed", "asked", "approved", "refused"
    why: str = ""
    request: ApprovalRequest | None = None
    who: str = ""  # who decided


def standing_of(request: BuyerRequest, contents: Contents) -> Standing | None:
    """Say whether another person must see a basket first, and where that is; ``None``: nobody.

    Nobody must for accounts that have no rule, and then nothing is asked.
    """
    if is_guest(request) or not any(each.approves for each in request.accounts):
        return None
    person_id = request.person.pk
    with reading():
        try:
            needs = needs_now(wanted_of(contents, person_id))
        except MayNot:  # nobody lifts this limit: the button says so
            return None
        if not needs:
            return None
        why, latest = why_of(needs), latest_of(contents.basket.pk)
        fits = latest and latest.fingerprint == fingerprint_of_basket(contents)
        if latest is None or not fits or latest.maker_id != person_id:
            return Standing("needed", why)
        state = _state_of(latest, person_id)
    by = latest.decided_by_id
    return Standing(state, why, latest, names_of({by})[by] if by else "")


def _state_of(latest: ApprovalRequest, person_id: UUID) -> str:
    if is_good(latest, fingerprint=latest.fingerprint, payer_id=person_id):
        return "approved"
    if latest.status == S.ASKED and not latest.is_over(clock.now()):
        return "asked"
    return "refused" if latest.status == S.REFUSED else "needed"
