"""Counts what went wrong on the way and came right by itself."""

from __future__ import annotations

from collections import Counter
from typing import Final

from tests.chaos.house import House

_UNKNOWN = """
SELECT count(DISTINCT subject_id) FROM audit_statuschange
WHERE subject_kind = '{}' AND to_status = 'unknown'
"""
# Whether each of them ended well is what the verdict says; here they are only counted.
_ASKED: Final = {
    "payments whose answer was lost": _UNKNOWN.format("attempt"),
    "refunds whose answer was lost": _UNKNOWN.format("reversal"),
    "postings whose answer was lost": _UNKNOWN.format("posting"),
    "postings that waited and were sent again": """
        SELECT count(DISTINCT subject_id) FROM audit_statuschange
        WHERE subject_kind = 'posting' AND from_status = 'sending' AND to_status = 'queued'""",
    "postings replaced, because their invoice was paid": """
        SELECT count(*) FROM posting_erpposting WHERE status = 'replaced'""",
    "late money that was given back": """
        SELECT count(*) FROM payments_gatewayattempt WHERE status = 'surplus'""",
    "jobs that broke": """
        SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'""",
}
_BEGAN_AGAIN: Final = "the worker begins again"


def healed(house: House) -> Counter[str]:
    """Count them, at rest."""
    found: Counter[str] = Counter()
    with house.admin() as admin:
        for name, question in _ASKED.items():
            (row,) = admin.execute(question.encode()).fetchall()
            found[name] = row[0]
    workers = [each for name, each in house.programs.items() if name.startswith("worker")]
    logs = [each.log.read_text(errors="replace") for each in workers]
    found["workers that began again by themselves"] = sum(map(_times_begun, logs))
    return found


def _times_begun(log: str) -> int:
    return log.count(_BEGAN_AGAIN)
