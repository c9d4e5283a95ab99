"""Who left the page of a file that is being made gets a mail when it is ready; who stayed, none."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from quittance.core import clock
from quittance.exports.jobs import fill_bundle, tell_ready
from quittance.exports.models import Bundle
from quittance.notifications.models import Message
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.portal.test_files import a_pdf, asked, bring, id_of, many


def mails() -> list[Message]:
    with reading():
        return list(Message.objects.filter(kind="file_ready"))


def told(address: str) -> None:
    """The job that looks whether somebody has to be told."""
    tell_ready(organization_id=str(current_organization_id()), bundle_id=str(id_of(address)))


def test_a_mail_leads_who_left_to_the_file_once(door: Door) -> None:
    client = door.buyer()
    address = asked(client, *many(door, 9))
    bring(address, a_pdf())

    told(address)
    told(address)

    (mail,) = mails()
    assert mail.to == "dana@example.test"
    assert mail.facts["address"].endswith(f"{door.host}{address}")
    assert (mail.facts["here"], mail.facts["whole"]) == (9, 9)
    assert mail.account_id == door.ground.account(HARBORLINE).pk


def test_who_saw_it_ready_gets_no_mail(door: Door) -> None:
    client = door.buyer()
    address = asked(client, *many(door, 9))
    client.get(address)  # it is not ready yet: this is no look at the file
    bring(address, a_pdf())
    client.get(address)

    told(address)

    assert mails() == []


def test_a_file_that_is_not_ready_or_over_is_not_told(door: Door) -> None:
    client = door.buyer()
    waiting, over = (asked(client, *many(door, 9)) for _ in range(2))
    bring(over, a_pdf())
    with writing():
        Bundle.objects.filter(pk=id_of(over)).update(expires_at=clock.now() - timedelta(1))

    for each in (waiting, over):
        told(each)

    assert mails() == []


def test_the_job_that_ends_a_file_has_it_told_a_little_later(door: Door) -> None:
    address = asked(door.buyer(), *many(door, 9))
    bring(address, a_pdf())

    fill_bundle(organization_id=str(current_organization_id()), bundle_id=str(id_of(address)))

    job = ProcrastinateJob.objects.filter(
        task_name="exports.tell_ready", args__bundle_id=str(id_of(address))
    ).get()
    assert job.scheduled_at is not None
    assert job.scheduled_at > clock.now()
    assert app.tasks["exports.tell_ready"].queue == "exports"
