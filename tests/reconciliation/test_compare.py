"""The three books side by side, day by day, and the commands that say so."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from quittance.core import clock
from quittance.core.money import Money
from quittance.posting.models import ErpPosting
from quittance.project.money import check_money, reconcile
from quittance.reconciliation.books import read_books
from quittance.reconciliation.checking import NOW
from quittance.reconciliation.compare import ErpDay, days_of_erps, days_of_gateways
from quittance.tenancy.rows import because, reading, writing
from tests.backoffice.office import words
from tests.ground import Ground
from tests.payments.rows import attempt_of
from tests.portal.doors import make_door, plain_files
from tests.reconciliation.rows import captured, desk, refused
from tests.reconciliation.test_unknown import charged_elsewhere

ROOT = Path(__file__).resolve().parents[2]
A_WEEK_AGO = clock.now().date() - timedelta(days=7)
NOTHING = Money(0, "USD")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def test_a_day_on_which_all_agree(ground: Ground) -> None:
    ground.paid((ground.bill("100.00"), "100.00"))
    payment = captured(ground, "50.00")
    desk(ground, f"/payments/{attempt_of(payment).gateway_object}/refund", amount_minor=2000)
    read_books(ground.gateway_account_id)

    with reading():
        (gateway,) = days_of_gateways(A_WEEK_AGO)
        (erp,) = days_of_erps(A_WEEK_AGO)

    assert (gateway.came_here, gateway.came_there) == (usd(15000), usd(15000))
    assert (gateway.went_here, gateway.went_there) == (usd(2000), usd(2000))
    assert gateway.fees == usd(320 + 175)
    assert gateway.difference == NOTHING
    assert (erp.captured, erp.posted, erp.under_way) == (usd(15000), usd(10000), usd(5000))
    assert erp.difference == NOTHING


def test_money_that_only_the_gateway_knows_makes_the_day_differ(ground: Ground) -> None:
    captured(ground, "50.00")
    charged_elsewhere(ground)
    read_books(ground.gateway_account_id)

    with reading():
        (day,) = days_of_gateways(A_WEEK_AGO)

    assert day.difference == usd(4200)
    assert "50.00 USD came" in day.sentence
    assert "92.00 USD" in day.sentence
    assert "do not know" in day.sentence


def test_what_the_erp_refused_waits_and_does_not_make_the_day_differ(ground: Ground) -> None:
    refused(captured(ground, "50.00"))

    with reading():
        (day,) = days_of_erps(A_WEEK_AGO)

    assert (day.captured, day.waiting, day.difference) == (usd(5000), usd(5000), NOTHING)


def test_a_day_before_the_first_one_asked_for_is_left_out(ground: Ground) -> None:
    captured(ground)
    read_books(ground.gateway_account_id)

    with reading():
        tomorrow = clock.now().date() + timedelta(days=2)
        assert (days_of_gateways(tomorrow), days_of_erps(tomorrow)) == ([], [])


def test_what_went_back_is_compared_with_the_erp_by_day(ground: Ground) -> None:
    first, second = captured(ground, "50.00"), captured(ground, "30.00")
    desk(ground, f"/payments/{attempt_of(first).gateway_object}/refund", amount_minor=2000)
    desk(ground, f"/payments/{attempt_of(second).gateway_object}/dispute")
    read_books(ground.gateway_account_id)

    on_its_way = erp_day()
    told = ErpPosting.objects.filter(source_kind="reversal")
    with writing():
        because("test")
        refund, dispute = told.get(amount_minor=2000), told.get(amount_minor=3000)
        told.filter(pk=refund.pk).update(status="by_hand")
        told.filter(pk=refund.pk).update(status="handled", note="given back in the ERP")
        told.filter(pk=dispute.pk).update(status="by_hand")
    told_in_part = erp_day()
    with writing():
        told.filter(pk=refund.pk).update(amount_minor=1500)
    too_little = erp_day()

    assert (on_its_way.went_back, on_its_way.back_under_way) == (usd(5000), usd(5000))
    assert (told_in_part.taken_back, told_in_part.back_waiting) == (usd(2000), usd(3000))
    assert on_its_way.agrees
    assert told_in_part.agrees
    assert (too_little.difference, too_little.difference_back) == (NOTHING, usd(500))
    assert not too_little.agrees
    assert "50.00 USD went back, 15.00 USD of it is given back in the ERP" in too_little.sentence
    assert "What went back does not add up" in too_little.sentence


def erp_day() -> ErpDay:
    """The one day of the one legal entity."""
    with reading():
        (day,) = days_of_erps(A_WEEK_AGO)
    return day


def test_each_difference_has_a_sentence_on_the_page(ground: Ground, tmp_path: Path) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    read_books(ground.gateway_account_id)
    desk(ground, f"/payments/{attempt_of(payment).gateway_object}/refund", amount_minor=4000)
    ground.world.gateway_fault("GET /v1/refunds/*", "status", status=503)
    read_books(ground.gateway_account_id)
    posted = ErpPosting.objects.filter(source_id=payment.pk)
    with writing():
        posted.update(vanished_at=clock.now())

    with make_door(ground) as door, plain_files(tmp_path):
        clerk = door.clerk()
        first = words(clerk.get("/office/books"))
        charged_elsewhere(ground)
        read_books(ground.gateway_account_id)
        with writing():
            posted.update(vanished_at=None, amount_minor=9000)
        second = words(clerk.get("/office/books"))

    assert "Something went back, or never came, that we do not know" in first
    assert "$100.00 of what was posted is not in the ERP any more" in first
    assert "Something came, or did not go back, that we do not know" in second
    assert "$90.00 is posted, $0.00 on its way, $0.00 waits for a person. That does not" in second


def test_checking_money_says_what_is_wrong_and_what_to_do(ground: Ground) -> None:
    charged_elsewhere(ground)
    read_books(ground.gateway_account_id)
    only = [ground.organization_id]

    said = list(check_money(organizations=only, older_than=NOW))

    text = "\n".join(line for _, line in said)
    assert sum(count for count, _ in said) == 1
    assert "Northwind Traders" in text
    assert "1  q2_charge_nobody_knows" in text
    assert "The gateway took 42.00 USD" in text
    assert "What to do: Give it back" in text


@pytest.mark.failure("F53")
def test_reconciling_finds_what_a_restored_database_does_not_know(ground: Ground) -> None:
    charge = charged_elsewhere(ground)

    said = [line for count, line in _reconciled(ground) if count]

    assert any("DIFFERS" in line for line in said)
    assert any(charge["id"] in line and "Give it back" in line for line in said)


def test_reconciling_when_all_is_well_finds_nothing(ground: Ground) -> None:
    ground.paid((ground.bill("100.00"), "100.00"))

    assert [line for count, line in _reconciled(ground) if count] == []


def _reconciled(ground: Ground) -> list[tuple[int, str]]:
    """What is said of this test's organization."""
    said, ours = [], False
    for count, line in reconcile(since=A_WEEK_AGO, organizations=[ground.organization_id]):
        ours = ours or str(ground.organization_id) in line
        said.append((count, line))
    assert ours
    return said


def test_the_commands_end_with_one_when_something_is_wrong(ground: Ground) -> None:
    only = ["--organization", str(ground.organization_id)]
    assert _run("check", "money", *only).returncode == 0

    charged_elsewhere(ground)
    found = _run("reconcile", "--since", date.today().isoformat(), *only)  # noqa: DTZ011
    assert found.returncode == 1, found.stderr
    assert "There is no autopay yet" in found.stdout
    checked = _run("check", "money", "--older-than", "0", *only)
    assert checked.returncode == 1, checked.stderr
    assert "1 findings." in checked.stdout


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "quittance", *arguments], cwd=ROOT, env=dict(os.environ),
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
