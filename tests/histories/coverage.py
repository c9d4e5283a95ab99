"""Which fault was met at which boundary, and which one never was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from tests.histories.pool import Cell, in_words
from tests.histories.swarm import CALL_FAULTS, COMMIT_FAULTS, READ_FAULTS
from tests.histories.wire import CALLS, WRITES

ENOUGH: Final = 1500  # histories: with fewer a cell may be empty by chance
CRASHES: Final = ("crash before", "crash after")
# Every act of the product that commits something on the road of money, as ports.py names it.
COMMITS: Final = (
    "payments.again.begin_later",
    "payments.again.begun_perhaps",
    "payments.again.say_so",
    "payments.asking.ask",
    "payments.asking.nothing_there",
    "payments.cancel.cancel_payment",
    "payments.capture.give_up",
    "payments.checkout.ask_gateway",
    "payments.checkout.send",
    "payments.checkout.write",
    "payments.disputes.keep_disputes",
    "payments.inbox.keep_messages",
    "payments.jobs.sweep",
    "payments.outside.adopt_movements",
    "payments.refit.refit",
    "payments.refunds.record",
    "payments.repair.retry_posting",
    "payments.sending.apply",
    "payments.sending.later",
    "payments.sending.look",
    "payments.sending.say_so",
    "payments.settle.cancel_if_untouched",
    "payments.settle.end",
    "payments.surplus.take",
    "payments.taking.answer_lost",
    "payments.taking.let_go",
    "payments.taking.say_so",
    "payments.taking.take_word_back",
    "payments.taking.why_refused",
    "payments.watching.wake_what_is_done_by_hand",
    "posting.claim",
    "posting.gate.hold",
    "posting.lay_down",
    "posting.move by_hand",
    "posting.move confirmed",
    "posting.move drafted",
    "posting.move posted",
    "posting.move queued",
    "posting.move rejected",
    "posting.move sending",
    "posting.move unknown",
    "posting.note",
    "posting.queue.queue_again",
    "posting.release",
    "posting.still_mine",
    "posting.verify.keep",
    "receivables.credits.pull_credits",
    "receivables.pages.read_on",
    "receivables.pull.cursors",
    "receivables.pull.note_failure",
    "receivables.pull.pull_changes",
    "receivables.pull.pull_credits",
    "receivables.pull.pull_what_leaves_no_trace",
    "receivables.pull.refresh_invoices",
    "reconciliation.books.hand_over",
    "reconciliation.books.keep",
    "reconciliation.books.note_failure",
)
# So seldom in a storm that no run owes them a fault; tests/payments and tests/posting do.
BESIDE: Final = (
    "payments.puzzles.look_at_what_came",
    "payments.reversal_postings.replace",
    "payments.reversal_postings.tell_of_loss",
    "payments.sending.end",
    "payments.surplus.send_rest",
    "posting.gate.stop",
)
_SHORT: Final = {
    "refused": "refused", "lost before": "lost", "answer lost": "unheard", "later": "later",
    "wrong answer": "wrong", "crash before": "die-pre", "crash after": "die-post",
    "in doubt, done": "doubt+", "in doubt, not done": "doubt-",
}  # fmt: skip


def cells() -> list[Cell]:
    """Every boundary with every fault that it can have."""
    calls = [
        (call, fault) for call in CALLS
        for fault in (*(CALL_FAULTS if call in WRITES else READ_FAULTS), *CRASHES)
    ]  # fmt: skip
    return calls + [(act, fault) for act in COMMITS for fault in COMMIT_FAULTS]


def empty_cells(met: Mapping[Cell, int]) -> list[Cell]:
    """Return the cells that no history has met."""
    return [cell for cell in cells() if not met.get(cell)]


def cell(words: str) -> Cell:
    """Return the cell that ``words`` name, as ``in_words`` writes it."""
    found = {in_words(each): each for each in cells()}
    if words not in found:
        raise SystemExit(f"There is no {words!r}. There are:\n" + "\n".join(found))
    return found[words]


def table(met: Mapping[Cell, int], crossed: Counter[str]) -> str:
    """Return the map as text: how often each boundary was crossed, and each fault met there."""
    wanted = set(cells())
    lines = []
    for title, faults, boundaries in (
        ("calls", (*CALL_FAULTS, *CRASHES), CALLS),
        ("commits", COMMIT_FAULTS, COMMITS),
    ):
        lines.append(f"{title:38}{'crossed':>9}" + "".join(f"{_SHORT[f]:>9}" for f in faults))
        for boundary in boundaries:
            row = "".join(
                f"{met.get((boundary, fault), 0) if (boundary, fault) in wanted else '':>9}"
                for fault in faults
            )
            lines.append(f"{boundary:38}{crossed[boundary]:>9}{row}")
        lines.append("")
    others = [f"{name} {crossed[name]}" for name in BESIDE if crossed[name]]
    lines.append("Beside the road of money: " + ", ".join(others))
    return "\n".join(lines)


def unlisted(crossed: Mapping[str, int]) -> list[str]:
    """Return the boundaries that histories crossed and that stand in no list here."""
    return sorted(crossed.keys() - {*CALLS, *COMMITS, *BESIDE})
