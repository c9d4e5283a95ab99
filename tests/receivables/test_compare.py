"""The full comparison: finds what pull and hints missed, mends it, and says what it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.errors import Unavailable
from quittance.core.money import Money
from quittance.payments.owed import free_to_pay
from quittance.receivables.compare import compare
from quittance.receivables.jobs import compare_all, nightly
from quittance.receivables.models import Comparison, Invoice
from quittance.receivables.pull import pull_changes
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.receivables.records import CHANGED, invoice, keep, mirrored
from tests.receivables.test_first_run import in_the_erp, in_the_mirror

LONG_AGO = CHANGED - timedelta(days=400)
WINDOW = 120


@pytest.fixture
def pulled(small_pages: Ground) -> Ground:
    """A mirror that is up to date, of an ERP that sends 50 records a page."""
    pull_changes(small_pages.legal_entity_id)
    return small_pages


def compared(ground: Ground, *, believe_deletions: bool = False) -> Comparison:
    run = compare(ground.legal_entity_id, believe_deletions=believe_deletions, window=WINDOW)
    with reading():
        return Comparison.objects.get(pk=run.pk)


def invent(ground: Ground, count: int) -> list[str]:
    """Invoices that only the mirror knows: the ERP has deleted them since."""
    owed_by = ground.account().erp_id
    names = [f"00000000-0000-4000-a000-{number:012d}" for number in range(count)]
    asked = clock.now() - timedelta(hours=1)
    records = [invoice(name, customer_erp_id=owed_by, changed_at=LONG_AGO) for name in names]
    keep(ground.legal_entity_id, *records, read_at=asked)
    return names


def old_open_one(ground: Ground) -> Invoice:
    owed_by = ground.account().pk
    with reading():
        rows = Invoice.objects.filter(erp_status="open", customer_account=owed_by)
        found = rows.filter(changed_at__lt=clock.now() - timedelta(days=2)).first()
    assert found is not None
    return found


def test_a_mirror_that_is_right_has_nothing_to_be_found(pulled: Ground) -> None:
    found = compared(pulled)

    assert (found.status, found.findings) == ("done", [])
    assert (found.missing, found.changed, found.deleted) == (0, 0, 0)
    assert found.rows >= len(in_the_mirror())


def test_what_was_missed_is_found_mended_and_named(pulled: Ground) -> None:
    with reading():
        lost = list(Invoice.objects.order_by("changed_at").values_list("pk", "number")[5:200:60])
    old = old_open_one(pulled)
    with writing():
        Invoice.objects.filter(pk__in=[pk for pk, _ in lost]).exclude(pk=old.pk).delete()
        Invoice.objects.filter(pk=old.pk).update(open_minor=old.open_minor + 100)
    (gone,) = invent(pulled, 1)

    found = compared(pulled)

    assert (found.missing, found.changed, found.deleted) == (len(lost), 1, 1)
    named = {(each["sort"], each["number"]): each for each in found.findings}
    assert {("missing", number) for _, number in lost} <= set(named)
    was, now = old.open_amount + Money(100, "USD"), old.open_amount
    said = named["changed", old.number]
    assert (said["was"], said["now"]) == (f"open {was}", f"open {now}")
    assert ("deleted", f"INV-{gone}") in named
    real = {erp_id: each for erp_id, each in in_the_mirror().items() if erp_id != gone}
    assert real == in_the_erp(pulled)
    again = compared(pulled)
    assert (again.missing, again.changed, again.deleted) == (0, 0, 0)


def test_an_invoice_that_the_erp_has_no_more_owes_nothing_and_stays(pulled: Ground) -> None:
    (gone,) = invent(pulled, 1)

    compared(pulled)

    found = mirrored(gone)
    assert found is not None
    assert (found.erp_status, found.open_minor, found.gone_at is not None) == ("cancelled", 0, True)
    with reading():
        assert free_to_pay([found.pk])[found.pk].free.minor == 0


def test_an_invoice_that_comes_back_is_owed_again(pulled: Ground) -> None:
    old = old_open_one(pulled)
    with writing():
        Invoice.objects.filter(pk=old.pk).update(
            erp_status="cancelled", open_minor=0, gone_at=clock.now() - timedelta(hours=1)
        )

    found = compared(pulled)

    back = mirrored(old.erp_id)
    assert back is not None
    assert (back.erp_status, back.open_minor, back.gone_at) == ("open", old.open_minor, None)
    assert found.changed == 1


def test_too_many_that_are_gone_are_not_believed_until_a_person_says_so(pulled: Ground) -> None:
    names = invent(pulled, 25)

    held = compared(pulled)
    kept = [mirrored(name) for name in names]
    believed = compared(pulled, believe_deletions=True)

    assert (held.status, held.deleted >= 21) == ("held", True)
    assert {each.erp_status for each in kept if each} == {"open"}
    assert (believed.status, believed.deleted) == ("done", 25)
    assert {each.open_minor for name in names if (each := mirrored(name))} == {0}


def test_of_a_small_mirror_not_all_are_believed_to_be_gone(ground: Ground) -> None:
    names = invent(ground, 8)

    held = compared(ground)

    assert (held.status, held.deleted) == ("held", 8)
    assert {each.erp_status for name in names if (each := mirrored(name))} == {"open"}


def test_a_comparison_that_broke_off_goes_on_and_forgets_nothing(pulled: Ground) -> None:
    with writing():
        first = Invoice.objects.order_by("changed_at").first()
        assert first is not None
        first.delete()
    pulled.world.erp_fault(r"GET .*salesInvoices\?.*orderby", "status", status=503, skip=6)
    with pytest.raises(Unavailable):
        compared(pulled)
    with reading():
        broken = Comparison.objects.get()

    found = compared(pulled)

    assert (broken.status, broken.missing, broken.rows > 0) == ("running", 1, True)
    assert (found.pk, found.status, found.missing) == (broken.pk, "done", 1)
    assert found.rows < len(in_the_mirror()) + 2 * WINDOW


def test_what_changed_a_moment_ago_was_not_missed(pulled: Ground) -> None:
    pulled.world.clerk("invoice", customer="C-10482", amount="12.00")

    found = compared(pulled)

    assert (found.missing, found.meanwhile) == (0, 1)
    assert in_the_mirror() == in_the_erp(pulled)


def test_an_erp_that_asks_to_come_back_later_is_left_alone_so_long(pulled: Ground) -> None:
    pulled.world.erp_fault("salesInvoices", "status", status=429, retry_after=1, skip=3)

    assert compared(pulled).status == "done"
    assert erp_for(pulled.legal_entity_id).check()


def test_every_night_each_connected_legal_entity_is_compared_once(pulled: Ground) -> None:
    nightly(0)
    nightly(0)

    with reading():
        jobs = ProcrastinateJob.objects.filter(task_name="receivables.compare", status="todo")
        own = jobs.filter(args__legal_entity_id=str(pulled.legal_entity_id))
        assert own.count() == 1


def test_the_nights_job_compares_and_keeps_what_it_found(pulled: Ground) -> None:
    compare_all(
        organization_id=str(pulled.organization_id), legal_entity_id=str(pulled.legal_entity_id)
    )

    with reading():
        assert Comparison.objects.get().status == "done"
