"""Money at a gateway that no payment of ours belongs to: whose it is, or back with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from uuid import UUID

from django.db.models import Q

from quittance.audit.record import record_event
from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import OutsideError, Refused, RuleBroken
from quittance.core.money import Money
from quittance.gateways.base import (
    GatewayPayment,
    PaymentState,
    RefundRequest,
    Refunds,
    RefundState,
)
from quittance.payments.adopting import adopt_charge, adopted
from quittance.payments.jobs import wake
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.models.attempt import LIVE
from quittance.receivables.models import CustomerAccount
from quittance.reconciliation.apart import UNKNOWN_CHARGE
from quittance.reconciliation.books import hand_over
from quittance.reconciliation.checking import NOW, look
from quittance.reconciliation.exceptions import NothingWaits
from quittance.reconciliation.models import Finding, GatewayMovement
from quittance.reconciliation.transitions import move_finding
from quittance.tenancy.rows import reading, writing

log = logging.getLogger(__name__)
KIND: Final = UNKNOWN_CHARGE
_AT_ONCE: Final = 50
_ROUNDS: Final = 20  # so often a refund that failed is asked for anew; then in the gateway's pages


class CannotRefundHere(RuleBroken):
    """This gateway takes no refunds from here. Make it in its own pages; it is seen here."""


class RefundUnderWay(RuleBroken):
    """This money is being sent back already."""


class KnownMeanwhile(RuleBroken):
    """This money belongs to a payment of ours after all. Look at that one; nothing was sent."""


class NotPaid(RuleBroken):
    """The gateway does not say that this money is ours. Look at its pages."""


def resolve_unknown() -> int:
    """Find out whose unknown charges are; return how many payments were found and woken.

    The gateway is asked for the reference that we gave it: an attempt of ours whose answer was
    lost is woken. Refunds that were asked for and not answered are asked for again.
    """
    found = 0
    for movement in _charges_without_attempt():
        with suppress(OutsideError):
            found += _wake_whose(movement)
    with reading():
        asked = list(
            Finding.objects.filter(
                kind=KIND, status=Finding.Status.OPEN, refund_asked_at__isnull=False
            )[:_AT_ONCE]
        )
    for finding in asked:
        with suppress(OutsideError, RuleBroken):
            _send_back(finding)
    return found


def refund_unknown(finding_id: UUID) -> None:
    """Send unknown money back the way it came. Written down first; a second call sends it once.

    Raises ``NothingWaits``, ``KnownMeanwhile``, ``CannotRefundHere``, or the gateway's
    ``OutsideError``; after ``OutcomeUnknown`` and ``Unavailable`` it is looked for, and asked
    again, by itself.
    """
    with reading():
        movement = _movement_of(_open(finding_id))
    if not isinstance(gateway_for(movement.gateway_account_id), Refunds):
        raise CannotRefundHere
    with writing():
        finding = _open(finding_id, lock=True)
        if _by_object(movement):
            raise KnownMeanwhile
        Finding.objects.filter(pk=finding.pk, refund_asked_at=None).update(
            refund_asked_at=clock.now()
        )
        record_event(
            "unknown money sent back",
            subject_kind="finding",
            subject_id=finding.pk,
            charge=movement.movement_id,
        )
    _send_back(finding)


def adopt_unknown(finding_id: UUID, *, customer_account_id: UUID) -> Payment:
    """Book unknown money on a customer's account, after a person found out whose it is.

    Look into the ERP first: if it was posted there before, it would be posted twice. A second call
    for the same customer returns the first payment. Raises ``NothingWaits``, ``RefundUnderWay``,
    ``KnownMeanwhile``, ``NotPaid``, or the gateway's ``OutsideError``.
    """
    with reading():
        movement = _movement_of(_known(finding_id))
        earlier = _booked(finding_id, movement, customer_account_id)
    if earlier:
        return earlier
    answer = gateway_for(movement.gateway_account_id).read_payment(movement.gateway_object)
    if answer.state is not PaymentState.SUCCEEDED:
        raise NotPaid
    with writing():
        finding = _known(finding_id, lock=True)
        earlier = _booked(finding_id, movement, customer_account_id)
        if earlier:
            return earlier
        if finding.refund_asked_at:
            raise RefundUnderWay
        if _is_known(movement, answer):
            raise KnownMeanwhile
        if not CustomerAccount.objects.filter(pk=customer_account_id).exists():
            raise RuleBroken("Choose a customer of yours.")
        payment = adopt_charge(
            answer, gateway_account_id=movement.gateway_account_id,
            customer_account_id=customer_account_id,
        )  # fmt: skip
        cause = f"booked as payment {payment.number}"
        move_finding(finding, Finding.Status.HEALED, cause=cause, closed_at=clock.now())
        record_event(
            "unknown money booked",
            subject_kind="payment",
            subject_id=payment.pk,
            charge=movement.movement_id,
        )
        wake(payment.pk)
    hand_over(movement.gateway_account_id, [movement.gateway_object])
    return payment


def _charges_without_attempt() -> list[GatewayMovement]:
    ids = [row.subject for row in look(KIND, older_than=NOW, at_most=_AT_ONCE)]
    with reading():
        return list(GatewayMovement.objects.filter(pk__in=ids))


def _wake_whose(movement: GatewayMovement) -> int:
    answer = gateway_for(movement.gateway_account_id).read_payment(movement.gateway_object)
    with writing():
        attempt = GatewayAttempt.objects.filter(
            gateway_account_id=movement.gateway_account_id, reference=answer.reference
        ).first()
        if attempt is None:
            return 0
        wake(attempt.payment_id)
    return 1


def _known(finding_id: UUID, *, lock: bool = False) -> Finding:
    found = Finding.objects.filter(pk=finding_id, kind=KIND)
    finding = (found.select_for_update() if lock else found).first()
    if finding is None:
        raise NothingWaits
    return finding


def _open(finding_id: UUID, *, lock: bool = False) -> Finding:
    finding = _known(finding_id, lock=lock)
    if finding.status != Finding.Status.OPEN:
        raise NothingWaits
    return finding


def _booked(finding_id: UUID, movement: GatewayMovement, account_id: UUID) -> Payment | None:
    """Return the payment as which it was booked for this account; ``None``: it waits."""
    payment = adopted(movement.gateway_account_id, movement.gateway_object)
    if payment is not None and payment.customer_account_id == account_id:
        return payment
    if payment is not None:
        raise NothingWaits
    _open(finding_id)
    return None


def _movement_of(finding: Finding) -> GatewayMovement:
    return GatewayMovement.objects.get(pk=UUID(finding.subject))


def _by_object(movement: GatewayMovement) -> bool:
    attempts = GatewayAttempt.objects.filter(gateway_account_id=movement.gateway_account_id)
    named = Q(gateway_object=movement.gateway_object) | Q(came_object=movement.gateway_object)
    return attempts.filter(named).exists()


def _is_known(movement: GatewayMovement, answer: GatewayPayment) -> bool:
    """Whether an attempt of ours has this money, or may take it yet, in a caller's transaction.

    An attempt that is over with another payment of the gateway's does not: this is a second charge.
    """
    may_take = GatewayAttempt.objects.filter(
        Q(gateway_object=None) | Q(status__in=LIVE), reference=answer.reference,
        gateway_account_id=movement.gateway_account_id,
    )  # fmt: skip
    return _by_object(movement) or may_take.exists()


def _send_back(finding: Finding) -> None:
    """Look whose it is and what was sent, then send what is left: the key is the finding's id."""
    with reading():
        movement = _movement_of(finding)
    gateway = gateway_for(movement.gateway_account_id)
    if not isinstance(gateway, Refunds):
        raise CannotRefundHere
    answer = gateway.read_payment(movement.gateway_object)
    with writing():
        _open(finding.pk, lock=True)
        known = _is_known(movement, answer)
        if known:
            Finding.objects.filter(pk=finding.pk).update(refund_asked_at=None)
    if known:
        raise KnownMeanwhile
    request = _next_request(finding, movement, gateway)
    if request is None:
        return
    try:
        gateway.create_refund(request)
    except Refused as error:  # surely not made: a person decides anew
        log.warning("the gateway does not send %s back: %s", movement.gateway_object, error)
        with writing():
            Finding.objects.filter(pk=finding.pk).update(refund_asked_at=None)
        raise


def _next_request(
    finding: Finding, movement: GatewayMovement, gateway: Refunds
) -> RefundRequest | None:
    """Return what is to be asked for now; ``None`` while nothing is left, or it is under way.

    A refund that failed is asked for anew, under a key of its own. One that lives is waited for
    until the books show it: then what is left has it taken off already.
    """
    with reading():
        left, seen = _left(movement)
    if left.minor <= 0:
        return None
    for reference in _references(finding, movement, left):
        found = gateway.find_refund(reference, gateway_object=movement.gateway_object)
        if found is None:
            return RefundRequest(
                reference=reference, gateway_object=movement.gateway_object, amount=left
            )
        if found.state is not RefundState.FAILED and found.gateway_refund not in seen:
            return None
    raise CannotRefundHere


def _references(finding: Finding, movement: GatewayMovement, left: Money) -> Iterator[str]:
    """Yield one key for each round; another amount is another request, so it has keys of its own.

    Whatever is sent, the gateway sends back no more than came.
    """
    first = str(finding.pk)
    if left.minor != movement.gross_minor:
        first = f"{finding.pk}:of{left.minor}"
    yield first
    for again in range(2, _ROUNDS + 1):
        yield f"{first}:{again}"


def _left(movement: GatewayMovement) -> tuple[Money, set[str]]:
    """Return what the books say is left of a charge, and the refunds that they show of it."""
    rows = GatewayMovement.objects.filter(
        gateway_account_id=movement.gateway_account_id, gateway_object=movement.gateway_object
    )
    left = sum(rows.values_list("gross_minor", flat=True))
    return Money(left, movement.currency), set(rows.values_list("subject", flat=True))
