"""Where the money is by our ledger alone, and the command that says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quittance.core import clock
from quittance.core.money import Money
from quittance.project import commands
from quittance.project.money import ledger
from quittance.reconciliation.books import read_books
from quittance.reconciliation.standing import end_of, standing
from quittance.tenancy.rows import reading
from tests.ground import Ground
from tests.ledger.earlier import recorded_earlier
from tests.payments.rows import attempt_of
from tests.reconciliation.rows import captured, clearing, desk


def test_the_command_says_where_the_money_is_now_and_at_a_past_day(
    ground: Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    payment = captured(ground, "100.00")
    desk(ground, f"/payments/{attempt_of(payment).gateway_object}/refund", amount_minor=4000)
    read_books(ground.gateway_account_id)
    recorded_earlier(ground.organization_id, days=3)
    ground.paid((ground.bill("50.00"), "50.00"))
    only = ["--organization", str(ground.organization_id)]
    past = (clock.now() - timedelta(days=2)).date()

    commands.ledger(only)
    now = _lines(capsys)
    commands.ledger(["--at", past.isoformat(), *only])
    then = _lines(capsys)
    commands.ledger(["--at", (past - timedelta(days=9)).isoformat(), *only])
    nothing = _lines(capsys)

    with reading():
        (gateway,) = standing().gateways
    assert gateway.owed == clearing(ground)["USD"] == Money(11000 - 320, "USD")
    assert {"owed to us 106.80 USD", "posted, less taken back 50.00 USD"} <= now
    assert {
        "At Gateway, in USD", "owed to us 56.80 USD", "fees that it kept 3.20 USD",
        "refunded or returned 40.00 USD", "came, not yet posted 100.00 USD",
        "posted, less taken back 0.00 USD", "went back, not yet posted 40.00 USD",
        "All accounts sum to 0.00 USD; they must sum to zero.",
    } <= then  # fmt: skip
    assert "Nothing was recorded." in nothing


def test_another_organization_is_left_out(ground: Ground) -> None:
    said = list(ledger(before=None, organizations=[ground.organization_id]))

    assert [each for each in said if each.startswith("\n")] == [
        f"\nNorthwind Traders ({ground.organization_id})"
    ]


def test_a_day_counts_to_its_end_and_a_moment_to_itself() -> None:
    just_after = timedelta(microseconds=1)
    noon = datetime(2026, 3, 31, 12, tzinfo=UTC)

    assert end_of("2026-03-31") == datetime(2026, 4, 1, tzinfo=UTC)
    assert end_of("2026-03-31T12:00") == noon + just_after
    assert end_of("2026-03-31T14:00+02:00") == noon + just_after
    with pytest.raises(ValueError, match="month"):
        end_of("2026-13-31")


def test_a_day_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.ledger(["--at", "yesterday"])

    assert ended.value.code == 2
    assert "--at" in capsys.readouterr().err


def _lines(capsys: pytest.CaptureFixture[str]) -> set[str]:
    """What was said, without the spaces that make columns."""
    return {" ".join(line.split()) for line in capsys.readouterr().out.splitlines()}
