"""``quittance sync``: catches up, compares, says how the mirror stands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quittance.core import clock
from quittance.project import commands
from quittance.project.sync import status, sync
from quittance.receivables.models import Comparison, HintSubscription, Invoice, SyncCursor
from quittance.receivables.state import progress_of
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground


def said(lines: list[tuple[int, str]]) -> str:
    return "\n".join(line for _, line in lines)


def stands(ground: Ground) -> list[tuple[int, str]]:
    return list(status(organizations=[ground.organization_id]))


def test_sync_brings_the_mirror_up_to_date_and_says_what_it_holds(ground: Ground) -> None:
    lines = list(sync(organizations=[ground.organization_id]))

    assert sum(count for count, _ in lines) == 0
    assert "Northwind Traders" in said(lines)
    assert "customers; invoices:" in said(lines)
    with reading():
        assert Invoice.objects.count() > 500


def test_a_full_sync_names_what_differed(ground: Ground) -> None:
    list(sync(organizations=[ground.organization_id]))
    with writing():
        lost = Invoice.objects.order_by("changed_at").first()
        assert lost is not None
        lost.delete()

    lines = list(sync(organizations=[ground.organization_id], full=True))

    assert "1 missing, 0 changed, 0 deleted" in said(lines)
    assert f"{lost.number} was missing" in said(lines)
    assert f"{lost.number} was missing" in said(stands(ground))


def test_only_the_named_legal_entity_is_read(ground: Ground) -> None:
    assert list(sync(organizations=[ground.organization_id], entities=["Fabrikam"])) == []
    assert list(sync(organizations=[ground.organization_id], entities=["Northwind Traders"]))


def test_an_erp_that_cannot_be_read_is_a_failure_in_a_sentence(ground: Ground) -> None:
    ground.world.erp_fault(r"GET .*salesInvoices", "status", status=503)

    lines = list(sync(organizations=[ground.organization_id]))

    assert [count for count, line in lines if "not read: It failed" in line] == [1]
    (failure,) = [line for count, line in stands(ground) if "last failure" in line and count]
    assert "It failed" in failure


def test_the_status_says_what_was_never_read_and_what_is_too_old(ground: Ground) -> None:
    never = stands(ground)
    list(sync(organizations=[ground.organization_id]))
    fresh = stands(ground)
    with writing():
        SyncCursor.objects.update(succeeded_at=clock.now() - timedelta(hours=3))
    old = stands(ground)

    assert (1, "  never read to the end") in never
    assert sum(count for count, _ in fresh) == 0
    assert "3 h 0 min ago" in said([each for each in old if each[0]])


def test_progress_has_count_rate_and_rest(ground: Ground) -> None:
    now = clock.now()
    with writing():
        SyncCursor.objects.create(
            legal_entity_id=ground.legal_entity_id, stream="invoices", records_read=30_000,
            run_records=20_000, run_began_at=now - timedelta(seconds=10), run_page_at=now,
            expected_records=50_000,
        )  # fmt: skip
    with reading():
        progress = progress_of(ground.legal_entity_id)

    assert progress is not None
    assert (progress.records, progress.rate, progress.rest_seconds) == (30_000, 2000.0, 10.0)
    words = "first reading: 30,000 of about 50,000, 2,000 a second, about 10 s to go"
    assert words in said(stands(ground))


def test_a_promise_that_ended_and_a_comparison_that_waits_for_a_person_are_wrong(
    ground: Ground,
) -> None:
    list(sync(organizations=[ground.organization_id]))
    now = clock.now()
    with writing():
        HintSubscription.objects.create(
            legal_entity_id=ground.legal_entity_id, resource="ledger", erp_id="1",
            expires_at=now - timedelta(hours=1), checked_at=now - timedelta(days=4),
        )  # fmt: skip
        Comparison.objects.create(
            legal_entity_id=ground.legal_entity_id, began_at=now, status="held", deleted=400
        )

    wrong = [line for count, line in stands(ground) if count]

    assert ["tells of ledger" in wrong[0], "400 or more" in wrong[1]] == [True, True]


def test_the_command_ends_with_a_code(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    own = ["--organization", str(ground.organization_id)]
    codes = []
    for arguments in (["--status", *own], own, ["--status", *own], ["--entity", "nobody", *own]):
        with pytest.raises(SystemExit) as ended:
            commands.sync(arguments)
        codes.append(ended.value.code)

    assert codes == [1, 0, 0, 1]
    assert "No legal entity" in capsys.readouterr().out
