"""Money at a gateway that no payment of ours belongs to: whose it is, or back with it."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import OutsideError, Refused, RuleBroken
from quittance.core.money import Money
from quittance.gateways.base import PaymentState, RefundRequest, Refunds
from quittance.payments.adopting import adopt_charge
from quittance.payments.jobs import wake
from quittance.payments.models import GatewayAttempt, Payment
from quittance.receivables.models import CustomerAccount
from quittance.reconciliation.books import hand_over
from quittance.reconciliation.checking import NOW, look
from quittance.reconciliation.exceptions import NothingWaits
from quittance.reconciliation.models import Finding, GatewayMovement
from quittance.tenancy.rows import reading, writing

log = logging.getLogger(__name__)
KIND: Final = "q2_charge_nobody_knows"
_AT_ONCE: Final = 50


class CannotRefundHere(RuleBroken):
    """This gateway takes no refunds from here. Make it in its own pages; it is seen here."""


class RefundUnderWay(RuleBroken):
    """This money is being sent back already."""


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
        with suppress(OutsideError):
            _send_back(finding)
    return found


def refund_unknown(finding_id: UUID) -> None:
    """Send unknown money back the way it came. Written down first; a second call sends it once.

    Raises ``NothingWaits``, ``CannotRefundHere``, or the gateway's ``OutsideError``; after
    ``OutcomeUnknown`` and ``Unavailable`` it is looked for, and asked again, by itself.
    """
    with reading():
        movement = _movement_of(_open(finding_id))
    if not isinstance(gateway_for(movement.gateway_account_id), Refunds):
        raise CannotRefundHere
    with writing():
        finding = _open(finding_id, lock=True)
        Finding.objects.filter(pk=finding.pk, refund_asked_at=None).update(
            refund_asked_at=clock.now()
        )
        record_event("unknown money sent back", subject_id=finding.pk, charge=movement.movement_id)
    _send_back(finding)


def adopt_unknown(finding_id: UUID, *, customer_account_id: UUID) -> Payment:
    """Book unknown money on a customer's account, after a person found out whose it is.

    Look into the ERP first: if it was posted there before, it would be posted twice. Raises
    ``NothingWaits``, ``RefundUnderWay``, ``NotPaid``, or the gateway's ``OutsideError``.
    """
    with reading():
        movement = _movement_of(_open(finding_id))
    answer = gateway_for(movement.gateway_account_id).read_payment(movement.gateway_object)
    if answer.state is not PaymentState.SUCCEEDED:
        raise NotPaid
    with writing():
        finding = _open(finding_id, lock=True)
        if finding.refund_asked_at:
            raise RefundUnderWay
        if not CustomerAccount.objects.filter(pk=customer_account_id).exists():
            raise RuleBroken("Choose a customer of yours.")
        payment = adopt_charge(
            answer, gateway_account_id=movement.gateway_account_id,
            customer_account_id=customer_account_id,
        )  # fmt: skip
        record_event("unknown money booked", subject_id=payment.pk, charge=movement.movement_id)
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


def _open(finding_id: UUID, *, lock: bool = False) -> Finding:
    found = Finding.objects.filter(pk=finding_id, kind=KIND, status=Finding.Status.OPEN)
    finding = (found.select_for_update() if lock else found).first()
    if finding is None:
        raise NothingWaits
    return finding


def _movement_of(finding: Finding) -> GatewayMovement:
    return GatewayMovement.objects.get(pk=UUID(finding.subject))


def _send_back(finding: Finding) -> None:
    """Look, then send: the finding's id is the idempotency key."""
    with reading():
        movement = _movement_of(finding)
    gateway = gateway_for(movement.gateway_account_id)
    if not isinstance(gateway, Refunds):
        raise CannotRefundHere
    reference = str(finding.pk)
    if gateway.find_refund(reference, gateway_object=movement.gateway_object):
        return
    try:
        gateway.create_refund(
            RefundRequest(
                reference=reference, gateway_object=movement.gateway_object,
                amount=Money(movement.gross_minor, movement.currency),
            )
        )  # fmt: skip
    except Refused as error:  # surely not made: a person decides anew
        log.warning("the gateway does not send %s back: %s", movement.gateway_object, error)
        with writing():
            Finding.objects.filter(pk=finding.pk).update(refund_asked_at=None)
        raise
