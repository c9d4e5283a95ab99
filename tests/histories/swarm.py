"""Which faults a history has, where and how often, and which were met at which boundary."""

from __future__ import annotations

import random
from collections import Counter
from typing import Final

# Each class is off with a probability of 0.4, else it has a rate of its own in each history.
_RATES: Final = {
    "refused": (0.003, 0.025),
    "lost before": (0.003, 0.025),
    "answer lost": (0.003, 0.025),
    "later": (0.006, 0.04),
    "wrong answer": (0.003, 0.02),
    "crash before": (0.002, 0.012),
    "crash after": (0.002, 0.012),
    "in doubt, done": (0.002, 0.012),
    "in doubt, not done": (0.002, 0.012),
    "pause": (0.003, 0.018),
    "hook dropped": (0.05, 0.5),
    "hook doubled": (0.05, 0.5),
    "hook delayed": (0.05, 0.5),
    "hook forged": (0.02, 0.2),
    "hint lost": (0.05, 0.5),
    "hint doubled": (0.02, 0.2),
    "clock skew": (0.1, 0.9),
    "clerk": (0.5, 1.0),
    "outage": (0.1, 0.25),
    "money back": (0.2, 0.6),
    "AR at work": (0.3, 0.8),
    "part cheque": (0.05, 0.2),
}
# How often that is in every history which is no fault.
_USUAL: Final = {
    "held": 0.25,  # the gateway waits for our word, whatever its payers do
    "keeps a card": 0.5,
    "bank debit": 0.25,
    "empty line deleted": 0.5,
    "two accounts": 0.6,  # pays who can, at once
    "other currency": 0.3,
    "fee": 0.3,
    "customer ledger": 0.25,  # is published: only then are there discounts and credit notes
    "clerk refunds": 0.4,  # of all money that goes back
    "outage by an answer": 0.5,  # of all outages: they begin when an answer was lost
}
_OFF: Final = 0.4
CALL_FAULTS: Final = ("refused", "lost before", "answer lost", "later", "wrong answer")
READ_FAULTS: Final = ("refused", "lost before", "answer lost", "wrong answer")
COMMIT_FAULTS: Final = ("crash before", "crash after", "in doubt, done", "in doubt, not done")
# With the same small rate everywhere a road of sixty boundaries comes to its end, and its last ones
# are met too; where a history is sore, a fault is not an accident any more.
_SORE: Final = 0.12
_SORER: Final = 10.0
_MOST: Final = 0.35  # the last of four faults must still find an act that went well so far
_OFTEN_ENOUGH: Final = 4  # times one fault comes at one boundary of a history
# What few histories come to has more faults than what all do, so that it is met as well.
_SELDOM: Final = {
    2: (
        "erp.read account", "erp.remove journal",
        "payments.checkout.ask_gateway", "payments.checkout.send", "payments.checkout.write",
        "posting.move confirmed", "posting.move drafted", "posting.move posted", "posting.note",
        "posting.still_mine", "receivables.pages.read_on", "receivables.pull.cursors",
    ),
    5: (
        "erp.check", "erp.read customer ledger", "erp.list customers", "erp.list invoices",
        "erp.read position", "gateway.cancel", "gateway.find", "payments.disputes.keep_disputes",
        "posting.move queued", "receivables.pull.note_failure", "receivables.pull.refresh_invoices",
    ),
    10: (
        "erp.list open invoices", "erp.post", "gateway.movements",
        "payments.outside.adopt_movements", "payments.watching.wake_what_is_done_by_hand",
        "posting.gate.hold", "posting.move by_hand", "posting.move unknown",
        "receivables.pull.pull_changes", "reconciliation.books.keep",
    ),
    20: (
        "gateway.create", "gateway.find refund", "gateway.read refund",
        "payments.cancel.cancel_payment", "payments.sending.later", "payments.sending.say_so",
        "posting.lay_down", "posting.move rejected", "reconciliation.books.note_failure",
        "gateway.complete", "gateway.prepare_charge", "gateway.charge", "payments.taking.let_go",
        "payments.taking.say_so", "gateway.read method", "erp.find customers",
    ),
    40: (
        "gateway.refund", "payments.asking.nothing_there", "payments.refit.refit",
        "payments.refunds.record", "payments.repair.retry_posting", "payments.sending.apply",
        "payments.settle.cancel_if_untouched", "payments.surplus.take",
        "payments.reversal_postings.replace", "payments.sending.end", "payments.sending.look",
        "payments.taking.why_refused",
        "receivables.credits.pull_credits", "receivables.pull.pull_credits",
        "receivables.pull.pull_what_leaves_no_trace",
        "reconciliation.books.hand_over",
    ),
    200: (
        "payments.again.begin_later", "payments.again.begun_perhaps",
        "payments.again.say_so", "payments.capture.give_up", "payments.taking.answer_lost",
        "payments.taking.take_word_back",
        "posting.queue.queue_again", "posting.verify.keep",
    ),
}  # fmt: skip
_TIMES: Final = {name: times for times, names in _SELDOM.items() for name in names}
_NOT_AT_A_BOUNDARY: Final = frozenset({"webhook", "job"})


class Swarm:
    """The fault classes of one history."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.on = True
        self.aim: tuple[str, str] | None = None  # a boundary and a fault that comes there once
        self.rates = {
            name: 0.0 if rng.random() < _OFF else rng.uniform(*limits)
            for name, limits in _RATES.items()
        } | _USUAL
        self.deed = ""  # what all payers do: see people.py; "" is for chance
        self._sore: dict[str, float] = {}
        self.met: Counter[tuple[str, str]] = Counter()
        self.crossed: Counter[str] = Counter()

    def make_sure(self, often: str) -> None:
        """Let happen what ``often`` names: "held, deed cancel" are a rate and what payers do."""
        for name in filter(None, often.split(", ")):
            if name.startswith("deed "):
                self.deed = name.removeprefix("deed ")
            else:
                self.rates[name] = 1.0

    def cross(self, boundary: str) -> None:
        """Count that a boundary is crossed while there may be faults."""
        if self.on:
            self.crossed[boundary] += 1

    def flip(self, fault: str, boundary: str = "", *, times: float = 1.0) -> bool:
        """Say whether ``fault`` happens here; what happens at a boundary is counted."""
        if not self.on:
            return False
        rate = self.rates[fault] * times
        if boundary and boundary not in _NOT_AT_A_BOUNDARY:
            if self.met[boundary, fault] >= _OFTEN_ENOUGH:
                return False
            rate = min(rate * self._soreness(boundary), _MOST)
        hit = rate > 0 and self._rng.random() < rate
        if (boundary, fault) == self.aim and not self.met[boundary, fault]:
            hit = True  # drawn all the same: until now it is the history without an aim
        if hit and boundary:
            self.met[boundary, fault] += 1
        return hit

    def _soreness(self, boundary: str) -> float:
        if boundary not in self._sore:
            sore = _SORER if self._rng.random() < _SORE else 1.0
            self._sore[boundary] = sore * _TIMES.get(boundary, 1)
        return self._sore[boundary]
