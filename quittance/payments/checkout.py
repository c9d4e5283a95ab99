"""Starts a payment: write it down, ask the gateway for it, write its answer down."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from django.db import IntegrityError

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.gateways.charges import StartedBy
from quittance.jobs.later import ASKING
from quittance.payments.again import begin_later, begun_perhaps
from quittance.payments.asked import begin
from quittance.payments.capture import apply_answer, give_up
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.orders import AmountNotOwed, PaymentOrder
from quittance.payments.payers import named
from quittance.payments.recording import record_order
from quittance.payments.taking import our_move, why_refused
from quittance.payments.transitions import move_attempt, move_payment
from quittance.payments.tries import admit
from quittance.payments.without_money import address_of, succeed_without_money
from quittance.tenancy.moving import ChangedMeanwhile
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened


def start_payment(
    order: PaymentOrder,
    *,
    key: str,
    is_try: bool = False,
    only_if: Callable[[], None] | None = None,
) -> Payment:
    """Write the payment down, ask the gateway for it, write its answer down.

    Idempotent: a second call with the same ``key`` returns the first payment and asks nobody. One
    that ``is_try`` is held up by too many others of the same person: see ``tries``. ``only_if`` is
    called in the transaction that writes a new one down, and what it raises undoes that.
    Raises what ``record_order`` raises (an ``AmountNotOwed`` names who was faster),
    ``TriedTooOften``, or the
    gateway's ``OutsideError``; then nothing was charged. A payment whose answer was lost comes back
    with ``IN_FLIGHT``, and its attempt ``UNKNOWN``; one for which credits pay all ``SUCCEEDED``;
    one that we start and the gateway did not begin yet ``IN_FLIGHT``, and is begun later.
    """
    try:
        payment = _record(order, key, is_try=is_try and order.total.minor > 0, only_if=only_if)
    except AmountNotOwed as error:
        if order.guest:
            raise  # a guest knows no names
        raise named(error, reader=order.user_id) from None
    if payment.status == Payment.Status.CREATED:
        with suppress(ChangedMeanwhile):  # the same form's other click asks, or a worker did
            ask_gateway(payment)
        with reading():
            payment.refresh_from_db()
    return payment


def redirect_url(payment: Payment) -> str:
    """Return where the payer goes on; "" when there is nothing for them to do at the gateway."""
    with reading():
        attempt = payment.attempts.filter(status=GatewayAttempt.Status.OPEN).first()
    return attempt.redirect_url if attempt else ""


def ask_gateway(payment: Payment) -> None:
    """Ask the gateway for a payment that is written down and was surely never asked for.

    Raises ``ChangedMeanwhile`` when somebody else asks or has asked, or the gateway's
    ``OutsideError``.
    """
    gateway = gateway_for(payment.gateway_key)
    attempt = _send(payment)
    try:
        answer = begin(gateway, attempt)
    except OutcomeUnknown as error:
        return begun_perhaps(attempt, cause=f"answer lost: {error}")
    except Unavailable as error:
        if attempt.started_by == StartedBy.SELLER:
            return begin_later(attempt, error)
        give_up(attempt, error)
        raise
    except Refused as error:
        give_up(attempt, error, reason=why_refused(gateway, attempt))
        raise
    except OutsideError as error:
        give_up(attempt, error)
        raise
    if answer.waits_for_us:
        try:
            answer = our_move(gateway, attempt, answer)
        except OutsideError:
            return None  # what is known is written down, and a worker goes on
    with widened(), writing():
        apply_answer(attempt.pk, answer)
    return None


def _record(
    order: PaymentOrder, key: str, *, is_try: bool, only_if: Callable[[], None] | None
) -> Payment:
    mail_to = "" if order.total.minor else address_of(order.user_id)
    try:
        return _write(order, key, mail_to, is_try=is_try, only_if=only_if)
    except IntegrityError:
        # Two first clicks at once with no invoice in common to wait at: the other one is written.
        return _write(order, key, mail_to, is_try=is_try, only_if=only_if)


def _write(
    order: PaymentOrder,
    key: str,
    mail_to: str,
    *,
    is_try: bool,
    only_if: Callable[[], None] | None,
) -> Payment:
    with writing():
        if is_try and (order.user_id or order.guest):
            admit(
                user_id=order.user_id, pay_link_id=order.guest.link_id if order.guest else None,
                customer_account_id=order.customer_account_id, key=key,
            )  # fmt: skip
        payment, is_new = record_order(order, key=key)
        if is_new and only_if is not None:
            only_if()
        if is_new and not payment.amount_minor:
            succeed_without_money(payment, mail_to=mail_to)
    return payment


def _send(payment: Payment) -> GatewayAttempt:
    """Say that the gateway is being asked, before it is. Raises ``ChangedMeanwhile``."""
    with writing():
        prepared = payment.attempts.filter(status=GatewayAttempt.Status.PREPARED)
        attempt = prepared.select_related("payment").first()
        if attempt is None:
            raise ChangedMeanwhile(payment=str(payment.pk))
        later = clock.now() + ASKING
        move_payment(payment, Payment.Status.IN_FLIGHT, cause="asked the gateway", next_at=later)
        move_attempt(
            attempt, GatewayAttempt.Status.SENT, cause="asked the gateway", sent_at=clock.now()
        )
    return attempt
