"""Makes sure that a refused posting is not in the ERP and never comes to be there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from quittance.connections.open import erp_for
from quittance.core.errors import OutsideError, Refused, RuleBroken
from quittance.erp.base import Erp, PaymentInstruction
from quittance.posting.instructions import payment_of
from quittance.posting.models import ErpPosting
from quittance.posting.post import HORIZON, surely_quiet
from quittance.posting.transitions import LostClaim, claim, release
from quittance.tenancy.rows import reading

S = ErpPosting.Status


class BusyPosting(RuleBroken):
    """Somebody else is at this posting right now. Try again in a minute."""


class TooEarly(RuleBroken):
    """What was sent before may still be under way in the ERP. Try again in a quarter of an hour."""


class PostedAfterAll(RuleBroken):
    """The ERP's books have this posting after all. Press retry: nothing is posted twice."""


class PostedOtherwise(RuleBroken):
    """Something else stands in the ERP's books under this number. Close this with a note."""


class ErpSilent(RuleBroken):
    """The ERP does not answer, so nothing was changed. Try again later."""


class LeftInTheErp(RuleBroken):
    """What lies unposted in the ERP could not be removed. Delete it there by hand first."""


@contextmanager
def withdrawn(posting: ErpPosting, *, for_good: bool = False) -> Iterator[ErpPosting]:
    """Hold a rejected posting of which the ERP surely has nothing any more.

    Its draft there is removed, and the ledger is asked last. Raises ``BusyPosting``, ``TooEarly``,
    ``PostedAfterAll``, ``PostedOtherwise``, ``LeftInTheErp``, ``ErpSilent``. ``for_good``: a person
    says where the money is booked, so something else under its number is no hindrance; what is left
    unposted is one, since somebody could post it.
    """
    if not claim(posting):
        raise BusyPosting
    try:
        if posting.status != S.REJECTED:
            raise BusyPosting("This posting is not refused any more: look at it again.")
        if not surely_quiet(posting):
            minutes = int(HORIZON.total_seconds()) // 60
            raise TooEarly(
                "What was sent before may still be under way in the ERP. Try again"
                f" {minutes} minutes after it was sent."
            )
        _take_out(posting, for_good=for_good)
        yield posting
    except LostClaim:
        raise BusyPosting from None
    finally:
        _give_back(posting)


def _take_out(posting: ErpPosting, *, for_good: bool) -> None:
    with reading():
        instruction = payment_of(posting)
    try:
        erp = erp_for(posting.legal_entity_id)
        _remove(erp, instruction)
        posted = erp.find_posting(instruction)
    except Refused as error:
        if for_good:
            return
        raise PostedOtherwise(f"{error} Close this with a note.") from error
    except OutsideError as error:
        raise ErpSilent from error
    if posted is not None:
        raise PostedAfterAll


def _remove(erp: Erp, instruction: PaymentInstruction) -> None:
    try:
        erp.remove_draft(instruction)
    except Refused as error:
        raise LeftInTheErp(
            f"The ERP did not let us remove what lies there unposted: {error} Delete the lines with"
            f" document {instruction.document_number} there by hand, then try again."
        ) from error


def _give_back(posting: ErpPosting) -> None:
    if posting.status == S.REJECTED:  # else it was given back with its step
        with suppress(LostClaim):
            release(posting, next_at=None)
