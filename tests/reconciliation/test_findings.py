"""What the views say is kept: opened, told, healed, handled, and opened again."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.core.mail import EmailMessage

from quittance.audit.models import StatusChange
from quittance.core import clock
from quittance.identity.models import User
from quittance.notifications.messages import send_message
from quittance.notifications.models import Message
from quittance.payments.models import GatewayMessage
from quittance.project.money import check_money
from quittance.reconciliation.catalogue import CATALOGUE
from quittance.reconciliation.exceptions import handle
from quittance.reconciliation.findings import look_and_keep, tell_team
from quittance.reconciliation.models import Finding
from quittance.reconciliation.raising import PREFIX
from quittance.tenancy.rows import reading, writing
from tests.reconciliation.rows import a_finding, again, findings, new_clerk, queue, some_message

ALL = timedelta(0)


def opened() -> Finding:
    """Let an old message that belongs to nothing be found."""
    some_message("pay_nobody")
    look_and_keep(older_than=ALL)
    (finding,) = findings()
    return finding


def test_what_a_view_says_becomes_a_finding_once(organization: UUID) -> None:
    finding = opened()
    seen_at = finding.last_seen_at

    change = look_and_keep(older_than=ALL)

    assert [each.pk for each in findings()] == [finding.pk]
    assert (change.opened, change.healed) == (0, 0)
    assert (finding.kind, finding.status) == ("q6_messages_are_read", "open")
    assert again(finding).last_seen_at > seen_at
    (row,) = queue()
    assert "belongs to no payment" in row.sentence


def test_what_is_young_is_left_alone(organization: UUID) -> None:
    some_message("pay_nobody")

    assert look_and_keep().opened == 0


def test_a_finding_that_is_gone_heals_by_itself(organization: UUID) -> None:
    finding = opened()
    with writing():
        GatewayMessage.objects.update(done_at=clock.now())

    change = look_and_keep(older_than=ALL)

    assert change.healed == 1
    assert again(finding).status == "healed"
    assert finding.closed_at is not None
    assert queue() == []


def test_a_finding_that_comes_back_is_opened_again_and_told_again(organization: UUID) -> None:
    new_clerk()
    finding = opened()
    for done_at in (clock.now(), None):
        with writing():
            GatewayMessage.objects.update(done_at=done_at)
        look_and_keep(older_than=ALL)

    assert again(finding).status == "open"
    assert finding.closed_at is None
    with reading():
        causes = StatusChange.objects.filter(subject_id=finding.pk).order_by("sequence")
        steps = list(causes.values_list("to_status", flat=True))
        assert Message.objects.filter(kind="alert").count() == 2
    assert steps == ["open", "healed", "open"]


def test_what_a_person_handled_stays_so_while_it_is_the_same(organization: UUID) -> None:
    finding = opened()
    handle(f"finding:{finding.pk}", note="It is the other shop's.")

    look_and_keep(older_than=ALL)
    assert again(finding).status == "handled"

    with writing():
        GatewayMessage.objects.update(gateway_object="pay_another")
    assert look_and_keep(older_than=ALL).opened == 1
    assert again(finding).status == "open"


def test_handled_and_gone_is_healed(organization: UUID) -> None:
    finding = opened()
    handle(f"finding:{finding.pk}", note="It is the other shop's.")
    with writing():
        GatewayMessage.objects.update(done_at=clock.now())

    look_and_keep(older_than=ALL)

    assert again(finding).status == "healed"


def test_each_of_the_team_is_told_once_for_all_that_is_new(
    organization: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = new_clerk("Priya Raman"), new_clerk("Sam Ortiz")
    with writing():
        User.objects.create(email="dana@harborline.example", name="Dana Okafor")
        User.objects.create(email="eye@northwind.example", name="An Eye", staff_role="auditor")
    a_finding()
    a_finding()

    with caplog.at_level(logging.ERROR):
        assert (tell_team(), tell_team()) == (2, 0)

    assert "2 new findings: s1_returned_debit 2" in caplog.text
    with reading():
        told = Message.objects.filter(kind="alert")
        assert {message.to for message in told} == {first.email, second.email}


@contextmanager
def broken(view: str) -> Iterator[None]:
    """Take a view away for a while, as a slow or a broken one is."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute(f"ALTER VIEW {PREFIX}{view} RENAME TO {PREFIX}{view}_gone")
        try:
            yield
        finally:
            owner.execute(f"ALTER VIEW {PREFIX}{view}_gone RENAME TO {PREFIX}{view}")


def test_a_view_that_gives_no_answer_is_told_once_a_day_and_stops_no_other(
    organization: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    new_clerk()
    some_message("pay_nobody")

    with broken(next(iter(CATALOGUE))), caplog.at_level(logging.ERROR):
        first, _second = look_and_keep(older_than=ALL), look_and_keep(older_than=ALL)
        said = [line for count, line in check_money(older_than=ALL) if count]

    assert first.opened == 1
    assert "not checked" in caplog.text
    assert "NOT CHECKED" in said[0]
    with reading():
        told = Message.objects.get(kind="unchecked")
    assert told.facts == {"title": CATALOGUE[next(iter(CATALOGUE))].title}


def test_the_mail_says_what_and_how_many_and_no_amount(
    organization: UUID, outbox: list[EmailMessage]
) -> None:
    new_clerk()
    a_finding(amount_minor=2418_00, currency="USD")
    tell_team()
    with reading():
        message = Message.objects.get(kind="alert")

    send_message(message.pk)

    (sent,) = outbox
    assert sent.subject.startswith("1 thing waits for you")
    assert "1  A bank took a debit back" in str(sent.body)
    assert "2418" not in str(sent.body)
