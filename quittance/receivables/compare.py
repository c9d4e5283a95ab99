"""Compares all of the mirror with the ERP, slowly: finds what the pull and the hints both missed.

The ERP's invoices come the earliest change first, so all that it says it changed up to a moment is
known once that moment is passed: what the mirror has of that time and the ERP does not is asked for
by its id, and then it was changed meanwhile or is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.erp.base import Erp, InvoiceRecord, ReadsInParts
from quittance.receivables.differences import Difference, differences
from quittance.receivables.drafts import without_drafts
from quittance.receivables.gone import Window, at_most_gone, look_for_gone, mark_gone
from quittance.receivables.mirror import apply_customers, apply_invoices
from quittance.receivables.models import Comparison
from quittance.receivables.pages import ReadElsewhere, must_move_on, this_moment
from quittance.receivables.patience import Patience
from quittance.tenancy.rows import reading, writing

_GOES_ON: Final = timedelta(hours=20)  # one that broke off longer ago is made anew
_YOUNG: Final = timedelta(minutes=15)  # what changed so shortly before is still the pull's business
_WINDOW: Final = 20_000  # invoices after which what is gone is looked for
_NAMED: Final = 50  # findings of each sort that are kept by name
_EVERYTHING: Final = 1_000_000_000
Status = Comparison.Status


def compare(
    legal_entity_id: UUID, *, believe_deletions: bool = False, window: int = _WINDOW
) -> Comparison:
    """Compare every invoice, bring into the mirror what differs, and keep what was found.

    Run it as often as you like: one that broke off goes on. Where more seem deleted than
    ``gone.at_most_gone`` nothing is marked as deleted, and the result is held for a person, unless
    ``believe_deletions``: a right that was taken away makes the ERP leave out invoices silently.
    Raises ``OutsideError``; ``ReadElsewhere`` when another process compares.
    """
    erp, patience = erp_for(legal_entity_id), Patience()
    run = _begin(erp, legal_entity_id)
    most = _EVERYTHING if believe_deletions else at_most_gone(legal_entity_id)
    if not run.cursor:
        _customers(erp, patience, run)
    seen, more = Window(since=run.reached_at), True
    cursor = run.cursor
    while more:
        read_at = this_moment()
        page = patience.ask(lambda cursor=cursor: erp.invoices(cursor))  # type: ignore[misc]
        must_move_on(page, cursor)
        records = without_drafts(erp, page.records, legal_entity_id=legal_entity_id)
        _heal(erp, run, records, read_at)
        seen.add(page.records)
        cursor, more = page.cursor, page.more
        if len(seen) >= window or not more:
            _end_window(erp, patience, run, seen, cursor=cursor, more=more, most=most)
            more = more and len(run.suspects) <= most
    _end(run, held=len(run.suspects) > most)
    return run


def latest(legal_entity_id: UUID) -> Comparison | None:
    """Return the latest comparison, in a transaction of the caller."""
    rows = Comparison.objects.filter(legal_entity_id=legal_entity_id)
    return rows.order_by("-began_at").first()


def _begin(erp: Erp, legal_entity_id: UUID) -> Comparison:
    with reading():
        last = latest(legal_entity_id)
    if last and last.status == Status.RUNNING and clock.now() - last.began_at < _GOES_ON:
        return last
    position = erp.ledger_position()
    expected = erp.invoice_parts(_EVERYTHING).expected if isinstance(erp, ReadsInParts) else None
    with writing():
        return Comparison.objects.create(
            legal_entity_id=legal_entity_id, ledger_position=position, began_at=clock.now(),
            expected_rows=expected,
        )  # fmt: skip


def _customers(erp: Erp, patience: Patience, run: Comparison) -> None:
    """Read all customers: their invoices name them."""
    cursor, more, changed = "", True, 0
    while more:
        read_at = this_moment()
        page = patience.ask(lambda cursor=cursor: erp.customers(cursor))  # type: ignore[misc]
        must_move_on(page, cursor)
        with writing():
            changed += apply_customers(
                page.records, legal_entity_id=run.legal_entity_id, read_at=read_at
            )
        cursor, more = page.cursor, page.more
    if changed:
        run.findings.append({"sort": "customers", "number": "", "was": "", "now": str(changed)})


def _heal(erp: Erp, run: Comparison, records: Sequence[InvoiceRecord], read_at: datetime) -> None:
    """Bring a page into the mirror, and count what differed although it is old enough."""
    with reading():
        found = differences(records, legal_entity_id=run.legal_entity_id)
    young = run.began_at - _YOUNG
    moved = None
    for each in found:
        if each.changed_at < young and each.without_trace and moved is None:
            moved = erp.ledger_position() != run.ledger_position
        meanwhile = each.changed_at >= young or (each.without_trace and bool(moved))
        _note(run, each, meanwhile=meanwhile)
    with writing():
        apply_invoices(records, legal_entity_id=run.legal_entity_id, read_at=read_at)
        _keep(run)


def _end_window(
    erp: Erp,
    patience: Patience,
    run: Comparison,
    seen: Window,
    *,
    cursor: str,
    more: bool,
    most: int,
) -> None:
    """Look for what the ERP has no more, and keep how far this went."""
    read_at = this_moment()
    missed, gone = look_for_gone(
        erp, patience, seen, legal_entity_id=run.legal_entity_id, to_the_end=not more, most=most
    )
    _heal(erp, run, missed, read_at)
    run.suspects += gone
    run.rows += seen.fresh
    seen.pass_on()
    run.reached_at, run.cursor = seen.since, cursor
    with writing():
        _keep(run)


def _note(run: Comparison, difference: Difference, *, meanwhile: bool) -> None:
    if meanwhile:
        run.meanwhile += 1
        return
    setattr(run, difference.sort, getattr(run, difference.sort) + 1)
    if sum(each["sort"] == difference.sort for each in run.findings) < _NAMED:
        run.findings.append(difference.kept())


def _keep(run: Comparison) -> None:
    """Write down how far the comparison is. Raises ``ReadElsewhere``."""
    mine = Comparison.objects.filter(pk=run.pk, page_at=run.page_at, status=Status.RUNNING)
    run.page_at = clock.now()
    kept = mine.update(
        cursor=run.cursor, reached_at=run.reached_at, page_at=run.page_at, rows=run.rows,
        missing=run.missing, changed=run.changed, deleted=run.deleted, meanwhile=run.meanwhile,
        findings=run.findings, suspects=run.suspects,
    )  # fmt: skip
    if not kept:
        raise ReadElsewhere


def _end(run: Comparison, *, held: bool) -> None:
    """Mark what is gone, unless it is too much to be believed, and end the comparison."""
    with writing():
        for each in [] if held else mark_gone(run.suspects, run.legal_entity_id, run.began_at):
            _note(run, each, meanwhile=False)
        if held:
            run.deleted = len(run.suspects)
        _keep(run)
        run.status = Status.HELD if held else Status.DONE
        run.ended_at = clock.now()
        Comparison.objects.filter(pk=run.pk).update(
            status=run.status, ended_at=run.ended_at, suspects=run.suspects[:_NAMED]
        )
