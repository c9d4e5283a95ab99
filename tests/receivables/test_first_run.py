"""The first reading: several parts at once, killed at any page, and still everything once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from quittance.connections.open import erp_for
from quittance.core.errors import Misconfigured, Unavailable
from quittance.erp.base import Erp, InvoiceStatus, ReadsInParts
from quittance.erp.contract import all_of
from quittance.receivables import pull
from quittance.receivables.first_run import is_in_parts
from quittance.receivables.models import Invoice, SyncCursor, SyncPart
from quittance.receivables.pull import pull_changes
from quittance.tenancy.rows import reading
from tests.ground import Ground
from tests.receivables.by_api import call
from tests.receivables.records import cursors, mirrored

PART_ROWS = 120
INVOICES = r"GET .*salesInvoices"


def in_the_erp(ground: Ground) -> dict[str, tuple[str, int]]:
    """Every posted invoice that the ERP has: its status and what is open."""
    records, _ = all_of(erp_for(ground.legal_entity_id).invoices)
    return {
        each.erp_id: (
            each.status.value,
            each.open.minor if each.status is InvoiceStatus.OPEN else 0,
        )
        for each in records
        if each.status is not InvoiceStatus.DRAFT
    }


def in_the_mirror() -> dict[str, tuple[str, int]]:
    """The same as the mirror has it."""
    with reading():
        rows = Invoice.objects.values_list("erp_id", "erp_status", "open_minor")
        return {erp_id: (status, open_minor) for erp_id, status, open_minor in rows}


def parts() -> list[SyncPart]:
    with reading():
        return list(SyncPart.objects.order_by("place"))


@contextmanager
def pulling(ground: Ground) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own that pulls."""
    command = [
        sys.executable, "-m", "tests.receivables.one_pull", str(ground.organization_id),
        str(ground.legal_entity_id), str(PART_ROWS),
    ]  # fmt: skip
    with subprocess.Popen(command) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_customer_who_comes_while_the_first_run_goes_on_stops_nothing(
    small_pages: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    real = is_in_parts

    def once_the_customers_are_read(erp: Erp, cursor: SyncCursor) -> bool:
        if not made:
            number = f"C-{uuid4().hex[:8].upper()}"
            call(small_pages, "POST", "customers", {"number": number, "displayName": "Just came"})
            made.append(small_pages.world.clerk("invoice", customer=number, amount="12.00")["id"])
        return real(erp, cursor)

    monkeypatch.setattr(pull, "is_in_parts", once_the_customers_are_read)

    pull_changes(small_pages.legal_entity_id, part_rows=PART_ROWS)

    assert mirrored(made[0]) is not None
    assert cursors()["invoices"].first_run_done
    assert in_the_mirror() == in_the_erp(small_pages)


def kill_at(ground: Ground, page: int) -> bool:
    """Pull and kill it once so many pages were kept; say whether it was killed."""
    before = cursors()["invoices"].records_read if cursors() else 0
    deadline = time.monotonic() + 120
    with pulling(ground) as process:
        while process.poll() is None and time.monotonic() < deadline:
            here = cursors().get("invoices")
            if here and here.records_read - before >= 50 * page:
                process.kill()
                return True
            time.sleep(0.01)
    return False


def test_every_invoice_is_in_one_of_the_parts(small_pages: Ground) -> None:
    erp = erp_for(small_pages.legal_entity_id)
    assert isinstance(erp, ReadsInParts)

    cut = erp.invoice_parts(PART_ROWS)

    read: list[str] = []
    for begin in cut.cursors:
        more, cursor = True, begin
        while more:
            page = erp.invoices(cursor)
            read += [each.erp_id for each in page.records]
            more, cursor = page.more, page.cursor
    everything, _ = all_of(erp.invoices)
    assert len(cut.cursors) > 3
    assert cut.expected == len(everything)
    assert sorted(read) == sorted(each.erp_id for each in everything)


def test_a_first_run_in_parts_brings_what_one_after_the_other_brings(small_pages: Ground) -> None:
    pull_changes(small_pages.legal_entity_id, part_rows=PART_ROWS)

    assert in_the_mirror() == in_the_erp(small_pages)
    assert parts() == []
    here = cursors()["invoices"]
    assert here.first_run_done
    assert (here.expected_records or 0) > 500


def test_what_changes_in_a_part_that_was_read_already_is_seen(small_pages: Ground) -> None:
    open_ones = [id_ for id_, (status, _) in in_the_erp(small_pages).items() if status == "open"]
    records = erp_for(small_pages.legal_entity_id).read_invoices(sorted(open_ones)[:20])
    untouched = next(each for each in records if each.open == each.total)  # else no one may cancel
    small_pages.world.erp_fault(INVOICES, "status", status=503, skip=10)
    with pytest.raises(Unavailable):
        pull_changes(small_pages.legal_entity_id, part_rows=PART_ROWS)
    small_pages.world.clerk("cancel-invoice", invoice=untouched.number)

    pull_changes(small_pages.legal_entity_id, part_rows=PART_ROWS)

    found = mirrored(untouched.erp_id)
    assert found is not None
    assert found.erp_status == "cancelled"


def test_a_reading_that_is_killed_at_any_page_goes_on_and_ends_with_everything(
    small_pages: Ground,
) -> None:
    chance = random.Random(20261122)
    small_pages.world.erp_fault(INVOICES, "delay", seconds=0.1, times=0)
    kills = [kill_at(small_pages, chance.randrange(1, 5)) for _ in range(3)]
    half = cursors()["invoices"]
    assert sum(kills) >= 2
    assert (half.first_run_done, len(parts()) > 3) == (False, True)

    pull_changes(small_pages.legal_entity_id, part_rows=PART_ROWS)

    assert in_the_mirror() == in_the_erp(small_pages)
    again = cursors()["invoices"].records_read - (half.records_read or 0)
    assert again < len(in_the_mirror())  # it went on and did not begin anew


def test_an_erp_that_asks_to_come_back_later_is_left_alone_so_long(small_pages: Ground) -> None:
    small_pages.world.erp_fault(INVOICES, "status", status=429, retry_after=1, skip=6, times=3)

    pull_changes(small_pages.legal_entity_id, part_rows=PART_ROWS)

    assert in_the_mirror() == in_the_erp(small_pages)


def test_a_connection_that_breaks_among_many_pages_is_made_again(small_pages: Ground) -> None:
    small_pages.world.erp_fault(INVOICES, "drop_before", skip=7, times=2)

    pull_changes(small_pages.legal_entity_id, part_rows=PART_ROWS)

    assert in_the_mirror() == in_the_erp(small_pages)


def test_one_part_that_fails_ends_the_run_and_keeps_what_was_read(small_pages: Ground) -> None:
    small_pages.world.erp_fault(INVOICES, "status", status=403, skip=8, times=1)

    with pytest.raises(Misconfigured):
        pull_changes(small_pages.legal_entity_id, part_rows=PART_ROWS)

    assert 0 < cursors()["invoices"].records_read < 700
    assert cursors()["invoices"].failure != ""
    assert not cursors()["invoices"].first_run_done
