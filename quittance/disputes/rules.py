"""The organization's rules about disputes: reasons to choose from, and what a dispute holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.audit.record import record_event
from quittance.core.errors import RuleBroken
from quittance.disputes.models import DisputeRules, InvoiceDispute
from quittance.tenancy.rows import writing

L = DisputeRules.LeavesOut
# Standard reasons of receivables; an organization may take some of them, or words of its own.
REASONS: Final[Mapping[str, str]] = {
    "price": noop("Wrong price"),
    "quantity": noop("Wrong quantity"),
    "damaged": noop("Damaged goods"),
    "not_received": noop("Not received"),
    "not_ordered": noop("Not ordered"),
    "duplicate": noop("Billed twice"),
    "other": noop("Another reason"),
}
MOST_REASONS: Final = 20
_LONGEST: Final = 60


class NoReasons(RuleBroken):
    """Keep one to twenty reasons of at most 60 characters, one a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What counts for an organization."""

    reasons: Sequence[str] = field(default_factory=lambda: tuple(REASONS))
    leaves_out: str = L.PART
    closes_itself: bool = True


def rules_of() -> Rules:
    """Return the organization's rules, in a transaction of the caller."""
    row = DisputeRules.objects.first()
    if row is None:
        return Rules()
    return Rules(
        reasons=tuple(row.reasons or REASONS), leaves_out=row.leaves_out,
        closes_itself=row.closes_itself,
    )  # fmt: skip


def word_of(reason: str) -> str:
    """Return a reason's words: ours in the reader's language, the seller's as they wrote them."""
    return _(REASONS[reason]) if reason in REASONS else reason


def plain_word_of(reason: str) -> str:
    """Return a reason's words for whoever reads them later: ours are translated when written."""
    return REASONS.get(reason, reason)


def read_reasons(text: str) -> Sequence[str]:
    """Read one reason a line; the words of one of ours stand for it. Raises ``NoReasons``."""
    ours = {_(word).casefold(): key for key, word in REASONS.items()}
    lines = [" ".join(line.split()) for line in text.replace("\0", "").splitlines()]
    found = list(dict.fromkeys(ours.get(line.casefold(), line) for line in lines if line))
    if not 0 < len(found) <= MOST_REASONS or any(len(each) > _LONGEST for each in found):
        raise NoReasons
    return found


def keep_rules(*, reasons: Sequence[str], leaves_out: str, closes_itself: bool) -> None:
    """Keep the rules from now on; disputes that exist keep their reason."""
    kept = [] if list(reasons) == list(REASONS) else list(reasons)
    with writing():
        if closes_itself:  # what the ERP has shown meanwhile is looked at once more, by this rule
            InvoiceDispute.objects.filter(ended_at__isnull=True).update(version_seen=0)
        DisputeRules.objects.update_or_create(
            defaults={
                "reasons": kept, "leaves_out": L(leaves_out), "closes_itself": closes_itself,
            }
        )  # fmt: skip
        record_event(
            "disputes.rules_kept", reasons=kept, leaves_out=leaves_out, closes_itself=closes_itself
        )
