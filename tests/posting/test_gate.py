"""An ERP that throttles, or takes no credentials, holds up its own postings and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quittance.connections.keep import keep_erp_connection
from quittance.core import clock
from quittance.payments.models import Payment
from quittance.posting import gate
from quittance.posting.models import ErpPosting, PostingGate
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground, _erp_settings, make_ground
from tests.posting.rows import posting_of

LEDGER = "GET .*generalLedgerEntries"


def _paid_on_page(ground: Ground) -> Payment:
    payment = ground.pay((ground.bill("10.00"), "10.00"))
    ground.on_page(payment)
    return payment


def _requests(ground: Ground) -> int:
    said = ground.world.client.get(f"{ground.world.erp.control_url}/requests").json()
    return sum(said.values())


def _until(ground: Ground) -> PostingGate:
    with reading():
        return PostingGate.objects.get(legal_entity_id=ground.legal_entity_id)


@pytest.mark.failure("F39")
def test_what_an_erp_asked_to_wait_holds_back_all_its_postings(ground: Ground) -> None:
    first, second = _paid_on_page(ground), _paid_on_page(ground)
    ground.world.erp_fault(LEDGER, "status", status=429, retry_after=600)
    began = clock.now()
    ground.advance(first)
    asked = _requests(ground)

    ground.advance(second)

    assert _requests(ground) == asked  # the second one asked for nothing
    for payment in (first, second):
        posting = posting_of(payment)
        assert posting.status == ErpPosting.Status.QUEUED
        assert posting.next_at is not None
        assert posting.next_at >= began + timedelta(seconds=600)
    assert posting_of(second).failures == 0


@pytest.mark.failure("F39")
def test_the_postings_of_others_go_on_meanwhile(ground: Ground) -> None:
    held = _paid_on_page(ground)
    ground.world.erp_fault(LEDGER, "status", status=429, retry_after=600)
    ground.advance(held)

    with make_ground(ground.world) as other:
        payment = other.advance(_paid_on_page(other))
        assert posting_of(payment).status == ErpPosting.Status.CONFIRMED


@pytest.mark.failure("F39")
def test_after_the_wait_they_are_posted(ground: Ground) -> None:
    payment = _paid_on_page(ground)
    ground.world.erp_fault(LEDGER, "status", status=429, retry_after=600)
    ground.advance(payment)
    with writing():  # ten minutes later
        PostingGate.objects.update(wait_until=clock.now())

    ground.advance(payment)

    assert posting_of(payment).status == ErpPosting.Status.CONFIRMED


@pytest.mark.failure("F44")
def test_while_the_erp_takes_no_credentials_one_posting_tries_for_all(ground: Ground) -> None:
    first, second = _paid_on_page(ground), _paid_on_page(ground)
    _set_secret(ground, "wrong")
    ground.advance(first)
    asked = _requests(ground)

    ground.advance(second)

    assert _requests(ground) == asked
    assert "secret" in _until(ground).wait_because.lower()
    assert {posting_of(each).status for each in (first, second)} == {"queued"}

    _set_secret(ground, "sandbox-secret")
    with writing():  # a minute later
        PostingGate.objects.update(wait_until=clock.now())
    for payment in (first, second):
        ground.advance(payment)
        assert posting_of(payment).status == ErpPosting.Status.CONFIRMED


def test_a_gate_that_nobody_closed_is_open(ground: Ground) -> None:
    assert gate.closed_until(ground.legal_entity_id) is None


def test_a_stop_is_kept_until_it_is_released_and_stops_once(ground: Ground) -> None:
    with writing():
        stopped = [gate.stop(ground.legal_entity_id, because="gone") for _ in range(2)]

    payment = ground.advance(_paid_on_page(ground))

    assert stopped == [True, False]
    assert posting_of(payment).status == ErpPosting.Status.QUEUED
    with writing():
        gate.release_stop(ground.legal_entity_id, note="Looked at.")
    assert posting_of(ground.advance(payment)).status == ErpPosting.Status.CONFIRMED


def _set_secret(ground: Ground, secret: str) -> None:
    settings = {**_erp_settings(ground.world), "client_secret": secret}
    with writing():
        keep_erp_connection(
            legal_entity_id=ground.legal_entity_id, kind="business_central", settings=settings
        )
