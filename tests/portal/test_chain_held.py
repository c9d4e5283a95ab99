"""Who has to wait too long for the chain of events is told so, and nothing is half done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg

from quittance.payments.models import Payment
from quittance.receivables.models import Contact
from quittance.tenancy.rows import reading
from tests.ground import HARBORLINE
from tests.portal.doors import Door, begin_checkout, fields_of
from tests.portal.roles import as_role


@contextmanager
def held(organization_id: UUID) -> Iterator[None]:
    """The chain of this organization is held by somebody who does not come to an end."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('quittance.audit:' || %s, 0))",
            [str(organization_id)],
        )
        yield


def test_a_buyer_whose_act_cannot_be_chained_is_told_and_the_act_is_not_done(door: Door) -> None:
    head = as_role(door, "administer", email="head@example.test")
    head.raise_request_exception = False
    colleague = door.person(HARBORLINE, email="otto@example.test")
    with reading():
        contact = Contact.objects.get(user=colleague)

    with held(door.ground.organization_id):
        refused = head.post(f"/team/{contact.pk}/change", {"role": "view"})
    with reading():
        between = Contact.objects.get(pk=contact.pk).role
    again = head.post(f"/team/{contact.pk}/change", {"role": "view"})

    assert refused.status_code == 503
    assert "Nothing is lost" in refused.content.decode()
    assert (between, again.status_code) == ("pay", 303)


def test_confirming_a_payment_does_not_wait_for_the_chain(door: Door) -> None:
    client, invoice = door.buyer(), door.ground.bill("250.00")
    basket = begin_checkout(client, invoice)
    client.post(f"{basket}/amounts", fields_of(client.get(f"{basket}/amounts").content))
    version = fields_of(client.get(f"{basket}/method").content)["version"]
    client.post(f"{basket}/method", {"version": version, "method": "card"})
    fields = fields_of(client.get(f"{basket}/review").content)

    with held(door.ground.organization_id):
        answer = client.post(f"{basket}/pay", fields)

    assert answer.status_code == 303
    with reading():
        assert Payment.objects.count() == 1
