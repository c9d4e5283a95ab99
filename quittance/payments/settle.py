"""Takes a payment as far as it goes now: asks what is unknown, posts what is ours, sends back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q

from quittance.core import clock
from quittance.core.errors import OutsideError, Unavailable
from quittance.gateways.charges import StartedBy
from quittance.jobs.later import next_look
from quittance.payments.asking import ask, attempts_to_ask
from quittance.payments.capture import cancel_untouched
from quittance.payments.checkout import ask_gateway
from quittance.payments.disputes import UNDECIDED
from quittance.payments.keeping import keep_what_was_saved
from quittance.payments.models import GatewayAttempt, GatewayMessage, Payment
from quittance.payments.models.attempt import WITH_MONEY
from quittance.payments.outside import look_into_the_books
from quittance.payments.postings import advance_postings
from quittance.payments.puzzles import look_at_what_came
from quittance.payments.sending import MOVING, advance_reversals
from quittance.tenancy.moving import ChangedMeanwhile
from quittance.tenancy.rows import reading, writing

log = logging.getLogger(__name__)
P = Payment.Status
UNTOUCHED_FOR: Final = timedelta(minutes=2)  # then nobody is on the way to ask the gateway


def advance_payment(payment_id: UUID) -> None:
    """Do whatever is next for one payment. Run it as often as you like, from anywhere.

    The row says what is to be done; a job is only the hand that does it. An outside failure is not
    raised: it is written down as the time of the next look. What fails at the gateway does not keep
    the ERP waiting. A payment that is over is asked about too: money may come late, or go back.
    """
    with reading():
        payment = Payment.objects.filter(pk=payment_id).first()
        if payment is None:
            return None
        attempts = list(payment.attempts.order_by("ordinal"))
        heard = _waiting_messages(attempts)
    if payment.status == P.CREATED:
        return _begin_or_cancel(payment, attempts)
    return _Round(payment, attempts, heard, seen=payment.next_at).go()


def _begin_or_cancel(payment: Payment, attempts: Sequence[GatewayAttempt]) -> None:
    """Nobody was ever asked. What we start ourselves is begun; what a payer clicked is old news."""
    is_ours = any(each.started_by == StartedBy.SELLER for each in attempts)
    if not is_ours or payment.created_at > clock.now() - UNTOUCHED_FOR:
        return _cancel_if_untouched(payment)
    try:
        ask_gateway(payment)
    except (OutsideError, ChangedMeanwhile) as error:
        log.warning("payment %s was not begun: %s", payment.pk, error)


def _cancel_if_untouched(payment: Payment) -> None:
    if payment.created_at > clock.now() - UNTOUCHED_FOR:
        with writing():
            rows = Payment.objects.filter(pk=payment.pk, status=P.CREATED)
            rows.update(next_at=payment.created_at + UNTOUCHED_FOR)
        return
    with writing():
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        if payment.status == P.CREATED:
            cancel_untouched(payment, cause="nothing was ever sent to the gateway")


@dataclass(slots=True)
class _Round:
    """One look at a payment, and what it says of the next one."""

    payment: Payment
    attempts: Sequence[GatewayAttempt]
    heard: Mapping[UUID, str]  # messages of the gateway that nobody has answered, and their objects
    seen: datetime | None  # the time of the next look before this one
    looks: list[datetime] = field(default_factory=list)
    asked: bool = False  # so that ``attempts`` are not what they were
    failed: bool = False

    def go(self) -> None:
        """Do each part; one that fails outside does not keep the others."""
        was_over = self.payment.is_over
        asked = self._try(self._ask, needed=lambda: not was_over or bool(self.heard))
        self._try(self._look_at_what_came)
        looked = True
        if self.payment.is_over and (was_over or self.heard):
            looked = self._try(self._look_into_the_books, needed=self._waits_for_word)
        if self.payment.is_over:
            self._try(lambda: advance_reversals(self.payment))
        if self.payment.status == P.SUCCEEDED:
            self._try(lambda: advance_postings(self.payment))
            self._try(lambda: keep_what_was_saved(self.payment, self.attempts))
        self._end(self.heard if asked and looked else {})

    def _ask(self) -> datetime | None:
        looks = []
        for attempt in attempts_to_ask(self.payment, self.attempts, set(self.heard.values())):
            self.asked = True
            self.payment, look = ask(self.payment, attempt)
            self.seen = self.payment.next_at
            looks.append(look)
        return min(filter(None, looks), default=None)

    def _look_at_what_came(self) -> datetime | None:
        """Money under another id than ours may be a wrong word of the gateway's: ask about it."""
        if not self.asked and not any(each.came_object for each in self.attempts):
            return None
        with reading():
            marked = list(self.payment.attempts.exclude(came_object="").order_by("ordinal"))
        looks = [look_at_what_came(each) for each in marked]
        return min(filter(None, looks), default=None)

    def _look_into_the_books(self) -> None:
        with_money = [each for each in self.attempts if each.status in WITH_MONEY]
        if not (with_money or self.asked):
            return
        with reading():  # an account that is switched off has no books to look into
            attempts = list(
                self.payment.attempts.filter(
                    status__in=WITH_MONEY, gateway_account__is_active=True
                ).order_by("ordinal")
            )
        for attempt in attempts:
            if attempt.gateway_object:
                look_into_the_books(attempt)

    def _waits_for_word(self) -> bool:
        """Whether something that went back, or may, waits for the gateway's or the bank's word."""
        if self.heard:
            return True
        with reading():
            refunds = self.payment.reversals.filter(status__in=MOVING).exists()
            return refunds or self.payment.disputes.filter(status__in=UNDECIDED).exists()

    def _try(
        self, part: Callable[[], datetime | None], *, needed: Callable[[], bool] = lambda: True
    ) -> bool:
        """Do one part; a failure of one that is not needed is only a question without answer."""
        try:
            look = part()
        except OutsideError as error:
            log.warning("payment %s waits: %s", self.payment.pk, error)
            if needed():
                wait = error.retry_after_seconds if isinstance(error, Unavailable) else None
                self.looks.append(next_look(self.payment.failures, at_least_seconds=wait))
                self.failed = True
            return False
        if look is not None:
            self.looks.append(look)
        return True

    def _end(self, heard: Mapping[UUID, str]) -> None:
        """Say when to look next, unless somebody has asked for an earlier look meanwhile."""
        waits = self.failed or not self.payment.is_over
        with writing():
            if heard:
                GatewayMessage.objects.filter(pk__in=list(heard)).update(done_at=clock.now())
            # Messages about an object that we have only just learned of have woken nobody.
            if self.asked and not self.failed and _waiting_messages(self.payment.attempts.all()):
                self.looks.append(clock.now())
            look = min(self.looks, default=None)
            rows = Payment.objects.filter(pk=self.payment.pk)
            # The sweep has counted this look when it began it.
            failures = F("failures") if waits else 0
            as_seen = rows.filter(next_at=self.seen).update(next_at=look, failures=failures)
            if not as_seen and look is not None:
                rows.filter(Q(next_at__isnull=True) | Q(next_at__gt=look)).update(next_at=look)


def _waiting_messages(attempts: Iterable[GatewayAttempt]) -> Mapping[UUID, str]:
    """Return the gateway's messages about these attempts that nobody has answered yet."""
    accounts: set[UUID] = set()
    objects: set[str] = set()
    for each in attempts:
        accounts.add(each.gateway_account_id)
        objects.update(filter(None, (each.gateway_object, each.came_object)))
    if not objects:
        return {}
    waiting = GatewayMessage.objects.filter(
        gateway_account_id__in=accounts, gateway_object__in=objects, done_at__isnull=True
    )
    return dict(waiting.values_list("pk", "gateway_object"))
