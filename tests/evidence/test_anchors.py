"""Where the chain ends is told outside, once a day."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from quittance.audit.record import record_event
from quittance.evidence.anchors import Head, drop_anchor, read_head
from quittance.evidence.jobs import anchor
from quittance.evidence.models import Anchor
from quittance.identity.models import User
from quittance.notifications.models import Message
from quittance.notifications.words import write
from quittance.tenancy.rows import reading, writing
from tests.audit.house import new_organization

_DAY = date(2026, 3, 1)


@pytest.fixture
def people(organization: UUID) -> None:
    """One of each role; the second auditor has left."""
    with writing():
        for name, role in enumerate(["", "auditor", "clerk", "manager", "administrator"]):
            User.objects.create(
                email=f"{role or 'buyer'}@a.example", name=str(name), staff_role=role
            )
        User.objects.create(email="left@a.example", staff_role="auditor", is_active=False)
        record_event("signed in")


def _mails() -> list[Message]:
    with reading():
        return list(Message.objects.filter(kind="audit_anchor").order_by("created_at", "to"))


def test_auditors_and_administrators_get_the_anchor_by_mail(
    organization: UUID, people: None
) -> None:
    head = drop_anchor(_DAY)

    assert head is not None
    mails = _mails()
    assert {each.to for each in mails} == {"auditor@a.example", "administrator@a.example"}
    with reading():
        words = write(mails[0].kind, mails[0].facts)
    assert words.subject.startswith("Anchor of the audit, 2026-03-01: 1 events in the portal of ")
    assert f"quittance check audit --anchor {head}\n" in words.text
    assert read_head(str(head)) == head


def test_the_log_says_it_in_one_line(
    organization: UUID, people: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        head = drop_anchor(_DAY)

    assert head is not None
    assert caplog.messages == [
        f"audit anchor day=2026-03-01 organization={organization} events=1 hash={head.hash.hex()}"
    ]


def test_a_day_has_one_anchor_and_a_chain_that_did_not_grow_no_second_mail(
    organization: UUID, people: None
) -> None:
    assert drop_anchor(_DAY) is not None
    assert drop_anchor(_DAY) is None
    assert drop_anchor(date(2026, 3, 2)) is not None
    assert len(_mails()) == 2

    with writing():
        record_event("signed in")
    drop_anchor(date(2026, 3, 3))

    assert len(_mails()) == 4
    with reading():
        places = Anchor.objects.order_by("day").values_list("place", flat=True)
        assert list(places) == [1, 1, 2]


def test_every_night_each_organization_is_anchored(organization: UUID, people: None) -> None:
    with new_organization("Contoso"):
        with writing():
            record_event("signed in")

        anchor.func(int(datetime(2026, 3, 1, 0, 10, tzinfo=UTC).timestamp()))

        with reading():
            assert Anchor.objects.get().day == _DAY
    with reading():
        assert Anchor.objects.get().day == _DAY


@pytest.mark.parametrize("end", ["", ":1", "x:1:y", ":0:" + "0" * 64, ":1:" + "g" * 64])
def test_what_is_no_anchor_is_refused(end: str) -> None:
    text = f"{UUID(int=7)}{end}"
    with pytest.raises(ValueError, match="as it stands in the mail"):
        read_head(text)


def _check(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "quittance", "check", "audit", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_says_whether_it_is_whole(organization: UUID, people: None) -> None:
    head = drop_anchor(_DAY)

    done = _check("--organization", str(organization), "--anchor", str(head))

    assert (done.returncode, done.stderr) == (0, "")
    assert "  1 events, 2 anchors\n" in done.stdout
    assert done.stdout.endswith("\nAll is as it must be.\n")

    forged = Head(organization, 1, bytes(32))
    done = _check("--organization", str(organization), "--anchor", str(forged))

    assert done.returncode == 1
    assert "The first: The anchor that was given knows another event 1" in done.stdout
