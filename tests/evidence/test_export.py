"""Whoever has a file of the audit can verify it without us."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db.models import Max, Min

from quittance.audit.chain import BEFORE_THE_FIRST, FIELDS, hash_of
from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.core import clock
from quittance.evidence import export, links
from quittance.evidence.anchors import drop_anchor
from quittance.evidence.export import NothingThen, TooManyEvents, csv_file, lines_file, part_of
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import Origin, coming_from

_PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/verify-the-audit.md"
_ODD = ("plain", "=1+1", "'quoted", "'=1", "@x", "a,b:3:c\r\n", "漢\U0001f600", "\u2028", "-1")
_LONG_AGO, _SOON = datetime(2020, 1, 1, tzinfo=UTC), clock.now() + timedelta(days=1)


@pytest.fixture
def chain(organization: UUID, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """An organization that did odd things; three links are read at once."""
    monkeypatch.setattr(links, "_AT_ONCE", 3)
    for text in _ODD:
        with coming_from(Origin("2001:db8::1", text, "")), writing():
            record_event(text, text=text)
    return organization


def _verify(file: Path) -> subprocess.CompletedProcess[str]:
    """Run the script of the page."""
    script = re.findall(r"```python\n(.*?)```", _PAGE.read_text("utf-8"), re.DOTALL)[0]
    return subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "-c", script, str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def _lines(folder: Path) -> Path:
    file = folder / "audit.jsonl"
    with lines_file(part_of(_LONG_AGO, _SOON)) as content:
        file.write_bytes(content.read())
    return file


def test_the_script_of_the_page_verifies_a_file_and_finds_the_anchor(
    chain: UUID, tmp_path: Path
) -> None:
    head = drop_anchor(clock.now().date())

    done = _verify(_lines(tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[len(_ODD) - 1] == str(head)


@pytest.mark.parametrize("place", [1, 5, 9])
def test_the_script_finds_a_changed_line(chain: UUID, tmp_path: Path, place: int) -> None:
    file = _lines(tmp_path)
    rows = [json.loads(line) for line in file.read_bytes().splitlines()]
    rows[place - 1]["fields"]["actor"] += "x"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")

    done = _verify(file)

    assert (done.returncode, done.stderr) == (1, f"Event {place} is not what was written down.\n")


def test_the_script_finds_a_line_that_was_taken_out(chain: UUID, tmp_path: Path) -> None:
    file = _lines(tmp_path)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:3] + lines[4:]))

    assert _verify(file).stderr == "Event 5 is not what was written down.\n"


def test_a_csv_file_runs_nothing_and_can_be_computed_anew(chain: UUID) -> None:
    with csv_file(part_of(_LONG_AGO, _SOON)) as content:
        text = content.read().decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))

    assert rows[0] == ["before", *FIELDS, "hash"]
    before = BEFORE_THE_FIRST
    for row in rows[1:]:
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert row[0] == before.hex()
        before = hash_of(before, [cell.removeprefix("'") for cell in row[1:-1]])
        assert row[-1] == before.hex()
    assert len(rows) == len(_ODD) + 1


def test_a_part_begins_where_its_first_event_is_and_has_no_gap(chain: UUID, tmp_path: Path) -> None:
    with reading():
        moments = list(
            AuditEvent.objects.order_by("happened_at").values_list("happened_at", flat=True)
        )

    part = part_of(moments[3], moments[6])

    assert (part.first, part.last) == (4, 6)
    assert [row.fields["place"] for row in export.rows_of(part)] == ["4", "5", "6"]
    with reading():
        event = AuditEvent.objects.get(what="audit exported")
    assert event.facts == {"first": 4, "last": 6}


def test_too_many_or_none_are_said_before_anything_is_written(
    chain: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST", len(_ODD) - 1)
    with pytest.raises(TooManyEvents):
        part_of(_LONG_AGO, _SOON)
    with pytest.raises(NothingThen):
        part_of(_LONG_AGO, _LONG_AGO + timedelta(days=1))

    with reading():
        assert not AuditEvent.objects.filter(what="audit exported").exists()


def test_a_file_of_one_day_is_whole_however_much_was_done(
    chain: UUID, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(export, "MOST", 2)
    with reading():
        ends = AuditEvent.objects.aggregate(first=Min("happened_at"), last=Max("happened_at"))
    since = ends["last"] + timedelta(seconds=1) - timedelta(hours=25)
    assert since < ends["first"]

    part = part_of(since, since + timedelta(hours=25))
    file = tmp_path / "day.jsonl"
    with lines_file(part) as content:
        file.write_bytes(content.read())

    assert len(file.read_bytes().splitlines()) == len(_ODD)
    assert _verify(file).returncode == 0
