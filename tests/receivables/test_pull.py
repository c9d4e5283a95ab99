"""The pull: everything once, then what changed; a bad answer loses nothing."""

from __future__ import annotations

from functools import partial

import pytest
from django.db.models import Count

from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.errors import Misconfigured, OutsideError, Unavailable
from quittance.erp.base import CustomerRecord
from quittance.erp.business_central.limits import LATEST_COMMIT
from quittance.receivables.jobs import pull
from quittance.receivables.mirror import UnfitValue, apply_customers
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.receivables.pull import pull_changes, refresh_invoices
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.together import all_at_once
from tests.receivables.by_api import call
from tests.receivables.records import cursors, invented, mirrored

INVOICES = r"GET .*salesInvoices"


def pulled(ground: Ground) -> Ground:
    """A ground whose mirror is up to date."""
    pull_changes(ground.legal_entity_id)
    return ground


def dispute(ground: Ground, erp_id: str, status: str) -> None:
    """Have somebody mark the invoice as disputed, or not any more."""
    call(ground, "PATCH", f"salesInvoices({erp_id})", {"disputeStatus": status})


def how_many() -> dict[str, int]:
    """How many invoices of each status the mirror holds."""
    with reading():
        counted = Invoice.objects.values_list("erp_status").annotate(n=Count("pk"))
        return dict(counted)


def test_the_first_pull_brings_every_customer_and_every_posted_invoice(ground: Ground) -> None:
    pulled(ground)

    with reading():
        assert CustomerAccount.objects.count() >= 24
    found = how_many()
    assert set(found) == {"open", "paid", "cancelled"}
    assert found["paid"] > 100
    assert cursors()["customers"].first_run_done
    assert cursors()["invoices"].first_run_done


def test_later_pulls_read_only_what_changed(ground: Ground) -> None:
    again_from = clock.now() - LATEST_COMMIT  # read once more: it may have come to light late
    pulled(ground)
    before = cursors()["invoices"].records_read
    made = ground.world.clerk("invoice", customer="C-10482", amount="12.00")

    pulled(ground)

    assert mirrored(made["id"]) is not None
    with reading():
        young = Invoice.objects.filter(changed_at__gte=again_from).count()
        assert young < Invoice.objects.count()
    assert 0 < cursors()["invoices"].records_read - before <= young


def test_pulling_again_without_a_change_changes_nothing(ground: Ground) -> None:
    pulled(ground)
    before = how_many()
    pulled(ground)

    assert how_many() == before


def test_a_clerks_part_payment_appears_although_nothing_of_the_invoice_moved(
    ground: Ground,
) -> None:
    invoice = ground.bill("100.00")
    pulled(ground)
    ground.world.clerk("post-payment", invoice=invoice.number, amount="40.00")

    pulled(ground)

    after = mirrored(invoice.erp_id)
    assert after is not None
    assert after.open_minor == 6000
    assert (after.erp_etag, after.changed_at) == (invoice.erp_etag, invoice.changed_at)


def test_a_cancelled_invoice_owes_nothing(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    pulled(ground)
    ground.world.clerk("cancel-invoice", invoice=invoice.number)

    pulled(ground)

    after = mirrored(invoice.erp_id)
    assert after is not None
    assert (after.erp_status, after.open_minor) == ("cancelled", 0)


def test_a_malformed_page_leaves_cursors_and_rows_as_they_were(ground: Ground) -> None:
    pulled(ground)
    before, rows = cursors(), how_many()
    made = ground.world.clerk("invoice", customer="C-10482", amount="12.00")
    ground.world.erp_fault(INVOICES, "malformed_json")

    with pytest.raises(Unavailable):
        pull_changes(ground.legal_entity_id)

    after = cursors()
    assert after["invoices"].cursor == before["invoices"].cursor
    assert after["invoices"].succeeded_at == before["invoices"].succeeded_at
    assert how_many() == rows
    assert mirrored(made["id"]) is None


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("status", {"status": 503}),
        ("status", {"status": 429, "retry_after": 1}),
        ("status", {"status": 401, "times": 2}),
        ("html", {}),
        ("drop_before", {"times": 3}),
        ("malformed_json", {}),
    ],
)
def test_an_erp_in_trouble_leaves_the_last_known_state_and_a_note(
    ground: Ground, kind: str, facts: dict[str, object]
) -> None:
    pulled(ground)
    rows, before = how_many(), cursors()["invoices"].succeeded_at
    ground.world.erp_fault(INVOICES, kind, **facts)

    with pytest.raises(OutsideError):
        pull_changes(ground.legal_entity_id)

    noted = cursors()["invoices"]
    assert how_many() == rows
    assert (noted.succeeded_at, bool(noted.failed_at), noted.failure != "") == (before, True, True)


@pytest.mark.parametrize("name", ["a\0b", "x" * 300])
def test_a_value_that_no_table_holds_is_noted_as_the_erps_fault(ground: Ground, name: str) -> None:
    pulled(ground)
    account = ground.account()
    record = CustomerRecord(
        erp_id=account.erp_id, etag="new", number=account.number, name=name, email="",
        currency=account.currency, blocked=False, changed_at=clock.now(),
    )  # fmt: skip

    with pytest.raises(UnfitValue), writing():
        apply_customers([record], legal_entity_id=ground.legal_entity_id, read_at=clock.now())

    assert ground.account().name == account.name


def test_the_note_of_a_failure_goes_with_the_next_success(ground: Ground) -> None:
    ground.world.erp_fault(INVOICES, "status", status=503)
    pull(organization_id=str(ground.organization_id), legal_entity_id=str(ground.legal_entity_id))
    failed = cursors()["invoices"]

    pulled(ground)

    good = cursors()["invoices"]
    assert (failed.succeeded_at, failed.failed_at is not None) == (None, True)
    assert (good.failure, good.failed_at, good.succeeded_at is not None) == ("", None, True)


def test_a_slow_erp_is_not_waited_for_longer_than_told(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    ground.world.erp_fault(INVOICES, "delay", seconds=5)

    with pytest.raises(Unavailable):
        refresh_invoices(ground.legal_entity_id, [invoice.erp_id], seconds=0.3)

    kept = mirrored(invoice.erp_id)
    assert kept is not None
    assert kept.synced_at == invoice.synced_at


def test_a_failed_pull_does_not_stop_the_worker(ground: Ground) -> None:
    ground.world.erp_fault(INVOICES, "status", status=503)

    pull(organization_id=str(ground.organization_id), legal_entity_id=str(ground.legal_entity_id))

    assert cursors()["invoices"].failure != ""


def test_two_pulls_at_once_end_with_the_whole_mirror(ground: Ground) -> None:
    got = all_at_once(*[partial(pull_changes, ground.legal_entity_id)] * 3)

    assert all(each is None or isinstance(each, Unavailable) for each in got)
    pulled(ground)
    read_once = how_many()
    with reading():
        twice = Invoice.objects.values("erp_id").annotate(n=Count("pk")).filter(n__gt=1)
        assert not twice.exists()
    assert sum(read_once.values()) > 500


def test_a_pull_in_small_pages_brings_the_same(ground: Ground, small_pages: Ground) -> None:
    pulled(small_pages)

    assert how_many().keys() == {"open", "paid", "cancelled"}
    assert cursors()["invoices"].records_read > 500


def test_a_first_run_that_breaks_off_goes_on_where_it_broke(small_pages: Ground) -> None:
    small_pages.world.erp_fault(INVOICES, "status", status=503, skip=5)  # one counts
    with pytest.raises(Unavailable):
        pull_changes(small_pages.legal_entity_id)
    broken = cursors()["invoices"]

    pulled(small_pages)

    whole = cursors()["invoices"]
    assert (broken.records_read, broken.first_run_done) == (200, False)
    assert whole.first_run_done
    assert whole.records_read < 700


def test_a_run_over_open_invoices_that_broke_off_is_made_again(small_pages: Ground) -> None:
    pulled(small_pages)
    invoice = small_pages.bill("100.00")
    at_first = cursors()["open_invoices"].ledger_position
    small_pages.world.erp_fault(r"status eq 'Open'", "status", status=503, skip=1)
    with pytest.raises(Unavailable):
        pull_changes(small_pages.legal_entity_id)
    broken = cursors()["open_invoices"]
    small_pages.world.clerk("post-payment", invoice=invoice.number, amount="40.00")

    pulled(small_pages)
    ended = cursors()["open_invoices"]
    pulled(small_pages)

    assert broken.cursor != ""
    assert (broken.ledger_position, ended.ledger_position) == (at_first, at_first)
    assert ended.cursor == ""
    assert cursors()["open_invoices"].ledger_position != at_first
    after = mirrored(invoice.erp_id)
    assert after is not None
    assert after.open_minor == 6000


def test_while_nothing_was_posted_open_invoices_are_not_read_again(ground: Ground) -> None:
    pulled(ground)
    pulled(ground)
    before = cursors()["open_invoices"].records_read

    pulled(ground)

    assert cursors()["open_invoices"].records_read == before


def test_what_is_posted_while_the_first_run_is_under_way_is_seen_next(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    ground.world.erp_fault(INVOICES, "status", status=503)
    with pytest.raises(Unavailable):
        pull_changes(ground.legal_entity_id)
    ground.world.clerk("post-payment", invoice=invoice.number, amount="40.00")

    pulled(ground)

    after = mirrored(invoice.erp_id)
    assert after is not None
    assert after.open_minor == 6000


def test_a_connection_that_is_switched_off_is_noted(ground: Ground) -> None:
    from quittance.connections.models import ErpConnection

    with writing():
        ErpConnection.objects.update(is_active=False)

    with pytest.raises(Misconfigured):
        pull_changes(ground.legal_entity_id)

    assert "no active connection" in cursors()["invoices"].failure


def test_invoices_that_are_asked_for_and_not_there_change_nothing(ground: Ground) -> None:
    pulled(ground)
    before = how_many()

    refresh_invoices(ground.legal_entity_id, ["00000000-0000-0000-0000-000000000001"], seconds=20)

    assert how_many() == before


@pytest.mark.failure("F08")
def test_an_invoice_that_is_asked_for_and_not_there_any_more_is_not_owed(ground: Ground) -> None:
    pulled(ground)
    kept = ground.bill("100.00")
    gone = invented(ground.legal_entity_id, ground.account().erp_id)

    refresh_invoices(ground.legal_entity_id, [kept.erp_id, gone.erp_id], seconds=20)

    found, other = mirrored(gone.erp_id), mirrored(kept.erp_id)
    assert found is not None
    assert other is not None
    assert (found.erp_status, found.open_minor, found.gone_at is not None) == ("cancelled", 0, True)
    assert (other.erp_status, other.open_minor, other.gone_at) == ("open", 10000, None)


def test_a_released_draft_that_was_found_out_is_not_open_again_with_the_next_list(
    ground: Ground,
) -> None:
    pulled(ground)
    erp = erp_for(ground.legal_entity_id)
    listed = [each.erp_id for each in erp.open_invoices("").records]
    drafts = [each.erp_id for each in erp.read_invoices(listed) if each.status == "draft"]
    assert drafts
    refresh_invoices(ground.legal_entity_id, drafts, seconds=20)
    paid = ground.bill("100.00")
    ground.world.clerk("post-payment", invoice=paid.number, amount="40.00")

    pulled(ground)

    found = [mirrored(erp_id) for erp_id in drafts]
    assert {(each.erp_status, each.open_minor) for each in found if each} == {("cancelled", 0)}


def test_a_dispute_in_the_erp_comes_with_the_invoice_and_goes_again(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    pulled(ground)
    dispute(ground, invoice.erp_id, "PRICE")
    pulled(ground)
    disputed = mirrored(invoice.erp_id)
    dispute(ground, invoice.erp_id, "")

    pulled(ground)

    settled = mirrored(invoice.erp_id)
    assert disputed is not None
    assert settled is not None
    assert (disputed.hindrance, settled.hindrance) == ("disputed", "")


def test_a_customer_pays_only_in_the_currency_that_the_erp_books(ground: Ground) -> None:
    pulled(ground)

    with reading():
        found = set(CustomerAccount.objects.values_list("currency", "pays_only"))
    assert {(own, own) for own, _ in found} == found
