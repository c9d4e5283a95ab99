"""Bugs that are planted, one at a time, to see that the histories are not blind.

Each changes the product only while it is planted, from here: nothing of it is in product code.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from unittest import mock

from django.db import transaction

from quittance.core import clock
from quittance.gateways.base import PaymentState
from quittance.gateways.sandbox import gateway as sandbox
from quittance.payments import (
    again,
    asked,
    asking,
    capture,
    checkout,
    inbox,
    owed,
    postings,
    recording,
    settle,
    taking,
    transitions,
)
from quittance.payments.models import Allocation, GatewayAttempt, Payment
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_scope, working_for
from tests.histories import mutants_erp, workers

Put = Callable[[Any, str, Any], None]
_NEVER_RAISED: Final = type("NeverRaised", (Exception,), {})


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Have one bug in the product until the block ends."""
    with ExitStack() as stack:

        def put(place: Any, attribute: str, new: Any) -> None:
            stack.enter_context(mock.patch.object(place, attribute, new))

        MUTANTS[name](put)
        yield


# ---- the click


def _no_lock(put: Put) -> None:
    found = recording.free_to_pay
    put(recording, "free_to_pay", lambda ids, *, lock=False: found(ids))  # noqa: PLW0108


def _no_reservation(put: Put) -> None:
    put(owed, "in_flight_minor", lambda ids: {})


def _no_idempotency_key(put: Put) -> None:
    record, numbers = checkout.record_order, itertools.count()
    put(
        checkout, "record_order",
        lambda order, *, key, **more: record(order, key=f"{key}#{next(numbers)}", **more),
    )  # fmt: skip


def _sum_not_checked(put: Put) -> None:
    put(recording, "_check_line", lambda *_: None)


def _asked_before_intent(put: Put) -> None:
    send = checkout._send

    def early(payment: Payment) -> GatewayAttempt:
        attempt = payment.attempts.select_related("payment")
        with working_for(current_scope().organization_id, actor="bug"):
            from quittance.tenancy.rows import reading

            with reading():
                first = attempt.get()
        checkout.gateway_for(payment.gateway_account_id).create_payment(asked.request_of(first))
        return send(payment)

    put(checkout, "_send", early)


def _failed_on_timeout(put: Put) -> None:
    put(checkout, "OutcomeUnknown", _NEVER_RAISED)


def _freed_on_timeout(put: Put) -> None:
    move = again.move_attempt

    def freeing(attempt: GatewayAttempt, to: str, *, cause: str, **changes: object) -> bool:
        if to == GatewayAttempt.Status.UNKNOWN:
            Allocation.objects.filter(payment_id=attempt.payment_id).update(status="released")
        return move(attempt, to, cause=cause, **changes)

    put(again, "move_attempt", freeing)


# ---- the janitor


def _no_janitor(put: Put) -> None:
    put(workers, "SWEEPS", ())


def _ended_at_once_when_not_found(put: Put) -> None:
    """The request is still under way, and the gateway takes it after our end."""
    nothing = asking._nothing_there
    put(
        asking, "_nothing_there",
        lambda payment, attempt, _: nothing(payment, _long_ago(attempt), attempt.sent_at),
    )  # fmt: skip


def _long_ago(attempt: GatewayAttempt) -> GatewayAttempt:
    attempt.sent_at = clock.now() - timedelta(days=1)
    return attempt


def _only_living(_: Payment, attempts: Any, heard: Any) -> list[GatewayAttempt]:
    return [each for each in attempts if each.status in {"sent", "unknown", "open", "processing"}]


def _expired_without_asking(put: Put) -> None:
    def cancel(self: Any, gateway_object: str) -> Any:
        return replace(self.read_payment(gateway_object), state=PaymentState.CANCELLED)

    put(sandbox.SandboxGateway, "cancel_payment", cancel)


def _only_by_hand(plant: Put) -> None:
    """What comes too late is taken over only when a person asks for it."""
    keep = capture._keep_surplus

    def by_hand(*of: Any, refund: Any = None, **more: Any) -> Any:
        return keep(*of, refund=refund, **more) if refund else None

    plant(capture, "_keep_surplus", by_hand)


def _late_success_ignored(put: Put) -> None:
    _only_by_hand(put)


def _failed_ones_never_asked_again(put: Put) -> None:
    _only_by_hand(put)
    put(settle, "attempts_to_ask", _only_living)


def _surplus_kept(put: Put) -> None:
    refund = capture.refund_surplus
    put(
        capture, "refund_surplus",
        lambda attempt, amount, **by: refund(attempt, amount, **by) if by else None,
    )  # fmt: skip


def _dead_lease_forgotten(put: Put) -> None:
    def forgetting(found: Any) -> Any:
        now = clock.now()
        looks = [each.lease_until for each in found if each.lease_until and each.lease_until > now]
        looks += [each.next_at for each in found if each.next_at and each.lease_until is None]
        return min(looks, default=None)

    put(postings, "_next", forgetting)


# ---- our word


def _word_said_for_what_was_given_up(put: Put) -> None:
    put(taking, "_is_given_up", lambda _: False)


def _charged_before_its_id_is_kept(put: Put) -> None:
    begin = checkout.begin

    def at_once(gateway: Any, attempt: GatewayAttempt) -> Any:
        made = begin(gateway, attempt)
        if asked.is_charge(attempt) and made.waits_for_us:
            return gateway.charge(made.gateway_object, asked.charge_of(attempt))
        return made

    put(checkout, "begin", at_once)


def _word_said_to_another_amount(put: Put) -> None:
    def only_reference(attempt: GatewayAttempt, answer: Any) -> str:
        return "" if answer.reference == attempt.reference else "another"

    put(asking, "does_not_fit", only_reference)
    put(taking, "does_not_fit", only_reference)


# ---- the gateway's word


def _amount_not_compared(put: Put) -> None:
    put(capture, "does_not_fit", lambda *_: "")


def _amount_changed_on_the_way(put: Put) -> None:
    book = capture.book_capture

    def booked(payment: Payment, attempt: GatewayAttempt) -> None:
        book(payment, attempt)
        Payment.objects.filter(pk=payment.pk).update(amount_minor=payment.amount_minor + 1)

    put(capture, "book_capture", booked)


def _forged_webhook_taken(put: Put) -> None:
    put(sandbox, "_signed_with", lambda *_: True)


def _webhook_body_trusted(put: Put) -> None:
    """A declined try is taken for the end of the payment, because the message says "failed"."""
    wake, kinds = inbox._wake_payment, {}
    check = inbox._check_length

    def remember(event: Any) -> None:
        kinds[event.gateway_object] = event.kind
        check(event)

    def trusting(account_id: Any, gateway_object: str) -> None:
        found = GatewayAttempt.objects.filter(gateway_object=gateway_object, status="open")
        attempt = found.select_related("payment").first()
        if attempt is not None and kinds.get(gateway_object) == "payment.attempt_failed":
            transitions.move_attempt(attempt, "failed", cause="the webhook said so")
            capture._close(attempt.payment, "failed", cause="the webhook said so", reason="")
        wake(account_id, gateway_object)

    put(inbox, "_check_length", remember)
    put(inbox, "_wake_payment", trusting)


def _outbox_in_a_second_transaction(put: Put) -> None:
    tell = capture.tell_erp

    def later(payment: Payment, attempt: Any) -> None:
        def do() -> None:
            with writing():
                tell(payment, attempt)

        transaction.on_commit(do)

    put(capture, "tell_erp", later)


def _no_receipt(put: Put) -> None:
    put(capture, "enqueue_message", lambda **_: None)


def _no_ledger_entry(put: Put) -> None:
    put(capture, "book_capture", lambda *_: None)


def _compare_and_set_without_compare(put: Put) -> None:
    def careless(
        row: Any, steps: Any, to: str, *, cause: str, changes: Mapping[str, object], lost: Any
    ) -> bool:
        transitions.because(cause)
        type(row).objects.filter(pk=row.pk).update(status=to, **changes)
        row.status = to
        return True

    put(transitions, "move", careless)


MUTANTS: Final[Mapping[str, Callable[[Put], None]]] = {
    name.removeprefix("_").replace("_", " "): plant
    for name, plant in [*globals().items(), *vars(mutants_erp).items()]
    if callable(plant) and getattr(plant, "__annotations__", {}).get("put") == "Put"
}
