"""The words of ``quittance sync``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from quittance.receivables.models import Comparison, SyncCursor
from quittance.receivables.state import Progress, SyncState

_STALE: Final = timedelta(minutes=15)
_WHAT: Final = {"first_run": "first reading", "comparison": "full comparison"}
_SORTS: Final = {
    "missing": "was missing, it is",
    "changed": "was",
    "deleted": "is not in the ERP any more; it was",
}
Line = tuple[int, str]


def progress_line(progress: Progress, *, seconds: float) -> str:
    """Return how far a long reading is: count, rate, rest."""
    whole = f" of about {progress.expected:,}" if progress.expected is not None else ""
    rate = f", {progress.rate:,.0f} a second" if progress.rate else ""
    rest = f", about {_time(progress.rest_seconds)} to go" if progress.rest_seconds else ""
    return f"  {_WHAT[progress.what]}: {progress.records:,}{whole}{rate}{rest} ({_time(seconds)})"


def result_line(state: SyncState, *, compared: bool) -> Iterator[Line]:
    """Yield what the mirror holds now."""
    yield 0, f"  {_counts(state)}"
    if compared and state.comparison:
        yield from _comparison(state.comparison)


def lines_of(state: SyncState, *, now: datetime) -> Iterator[Line]:
    """Yield everything that is known of one legal entity's mirror; 1 for what is not right."""
    if state.succeeded_at is None:
        yield 1, "  never read to the end"
    else:
        age = now - state.succeeded_at
        late = age > _STALE
        yield int(late), f"  as of {_moment(state.succeeded_at)}, {_ago(age)} ago"
    if state.failure:
        failed = _moment(state.failed_at) if state.failed_at else ""
        yield 1, f"  last failure, {failed}: {state.failure}"
    yield 0, f"  {_counts(state)}"
    yield from ((0, _stream(row, now)) for row in state.streams)
    if state.under_way:
        yield (
            0,
            progress_line(state.under_way, seconds=0).rpartition(" (")[0]
            + (
                ", stands still; the next run goes on with it" if state.under_way.broken_off else ""
            ),
        )
    yield from _hints(state, now)
    if state.comparison:
        yield from _comparison(state.comparison)
    else:
        yield 0, "  never compared in full"


def _counts(state: SyncState) -> str:
    by_status = ", ".join(
        f"{number:,} {status}" for status, number in state.invoices.items() if number
    )
    return f"{state.customers:,} customers; invoices: {by_status or 'none'}"


def _stream(row: SyncCursor, now: datetime) -> str:
    first = "" if row.first_run_done else ", its first run is not done"
    last = f", last page {_ago(now - row.run_page_at)} ago" if row.run_page_at else ""
    return f"    {row.stream}: {row.records_read:,} read{last}{first}"


def _hints(state: SyncState, now: datetime) -> Iterator[Line]:
    if not state.hints:
        yield 0, "  the ERP does not tell us of changes; the clock finds them"
    for row in state.hints:
        until = f"until {_moment(row.expires_at)}, checked {_ago(now - row.checked_at)} ago"
        lost = f"; forgotten by the ERP and made anew {_moment(row.lost_at)}" if row.lost_at else ""
        yield int(row.expires_at < now), f"    tells of {row.resource} {until}{lost}"


def _comparison(row: Comparison) -> Iterator[Line]:
    when = _moment(row.ended_at or row.began_at)
    if row.status == Comparison.Status.RUNNING:
        yield 0, f"  full comparison, begun {when}, is not at its end"
        return
    found = f"{row.missing} missing, {row.changed} changed, {row.deleted} deleted"
    yield 0, f"  full comparison of {row.rows:,} invoices, {when}: {found}"
    for each in row.findings:
        yield 0, f"    {_finding(each)}"
    if row.status == Comparison.Status.HELD:
        yield (
            1,
            (
                f"  {row.deleted} or more invoices seem deleted in the ERP, too many to be"
                " believed. Nothing was marked. Is a right missing, or is this another company? If"
                " they are really deleted: quittance sync --full --believe-deletions"
            ),
        )


def _finding(said: dict[str, str]) -> str:
    if said["sort"] == "customers":
        return f"{said['now']} customers had changed"
    was = said["now"] if said["sort"] == "missing" else said["was"]
    now = f", it is {said['now']}" if said["sort"] == "changed" else ""
    return f"{said['number']} {_SORTS[said['sort']]} {was}{now}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _ago(age: timedelta) -> str:
    return _time(max(0.0, age.total_seconds()))


def _time(seconds: float | None) -> str:
    whole = round(seconds or 0)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"
