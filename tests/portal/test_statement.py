"""The statement: its lines make its balance, and the same entries make the same statement."""

from __future__ import annotations

import csv
import random
import re
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from quittance.connections.open import erp_for
from quittance.core.money import Money
from quittance.erp.documents import LedgerEntryRecord, LedgerKind, ShowsDocuments
from quittance.exports.statement.table import csv_of, xlsx_of
from quittance.receivables.statement import Source, Statement, draw, ledger_of
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.portal.mirrored import put_credit, put_invoice, this_day
from tests.portal.test_overview import questions

TODAY = date(2026, 6, 30)


def entries(seed: int) -> list[LedgerEntryRecord]:
    """Entries of half a year in two currencies, partly open, by day and number."""
    draw_ = random.Random(seed)
    found = []
    for number in range(60):
        minor, sign = draw_.randrange(1, 10**9), draw_.choice((1, 1, -1))
        currency, day = draw_.choice(("USD", "JPY")), TODAY - timedelta(draw_.randrange(180))
        open_ = draw_.choice((0, minor, draw_.randrange(minor)))
        found.append(
            LedgerEntryRecord(
                number=number, kind=LedgerKind.INVOICE if sign > 0 else LedgerKind.PAYMENT,
                document_number=f"D-{number}", posted_date=day,
                due_date=day + timedelta(draw_.randrange(60)), amount=Money(sign * minor, currency),
                open=Money(sign * open_, currency),
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (each.posted_date, each.number))


def drawn(
    found: list[LedgerEntryRecord], *, since: date | None = None, until: date = TODAY,
    today: date = TODAY, name: str = "Harborline", number: str = HARBORLINE,
) -> Statement:  # fmt: skip
    return draw(
        found, account=(name, number), currency="USD", source=Source.LEDGER, since=since,
        until=until, today=today,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_a_balance_is_the_one_before_and_what_came_and_one_period_goes_on_where_another_ended(
    seed: int,
) -> None:
    found = entries(seed)
    middle = TODAY - timedelta(60)
    own = [each for each in found if each.amount.currency == "USD"]

    first, second = drawn(found, until=middle), drawn(found, since=middle + timedelta(1))
    whole = drawn(found)

    assert first.opening.minor == 0
    assert first.closing == second.opening
    assert second.closing == whole.closing == Money(sum(e.amount.minor for e in own), "USD")
    for statement in (first, second, whole):
        balance = statement.opening
        for line in statement.lines:
            balance += line.amount
            assert line.balance == balance
        assert balance == statement.closing
    assert owed(whole) == aged(whole) == sum(e.open.minor for e in own)
    assert first.standing is None  # what was late on another day is not known


def owed(statement: Statement) -> int:
    """What is still owed, by what is said below the closing balance."""
    assert statement.standing
    found = statement.closing - statement.standing.taken_off + statement.standing.settled_later
    return found.minor


def aged(statement: Statement) -> int:
    """The same, by its ages and the open credit."""
    assert statement.standing
    ages = sum(amount.minor for _, amount in statement.standing.aging)
    return ages + statement.standing.unapplied.minor


def of(day: date, minor: int, open_minor: int, *, number: int = 1) -> LedgerEntryRecord:
    """An entry; below zero it is a payment."""
    return LedgerEntryRecord(
        number=number, kind=LedgerKind.INVOICE if minor > 0 else LedgerKind.PAYMENT,
        document_number=f"D-{number}", posted_date=day, due_date=day, amount=Money(minor, "USD"),
        open=Money(open_minor, "USD"),
    )  # fmt: skip


def test_entries_of_later_days_are_left_out_and_hide_nothing_of_today() -> None:
    found = [
        of(TODAY - timedelta(40), 10_000, 4_000),
        of(TODAY + timedelta(1), 7_000, 7_000, number=2),
        of(TODAY + timedelta(2), -6_000, -500, number=3),  # 5,500 of the first; 500 taken off
    ]

    statement = drawn(found)

    assert statement.standing
    assert statement.standing.later == 2
    assert statement.standing.taken_off.minor == 500
    assert statement.standing.settled_later.minor == -5_500
    assert dict(statement.standing.aging)["late_60"].minor == 4_000
    assert owed(statement) == aged(statement) == 4_000


@pytest.mark.parametrize("seed", range(5))
def test_on_each_day_what_is_owed_is_what_its_ages_and_open_credit_sum_to(seed: int) -> None:
    found = entries(seed)

    for days in (0, 1, 30, 170):
        day = TODAY - timedelta(days)
        statement = drawn(found, until=day, today=day)
        assert owed(statement) == aged(statement)


def test_a_fingerprint_tells_every_entry_and_nothing_of_the_moment() -> None:
    found = entries(1)
    own = next(each for each in found if each.amount.currency == "USD")
    one = drawn(found)
    tomorrow = TODAY + timedelta(1)
    paid = [
        replace(each, open=Money(0, each.open.currency), due_date=tomorrow) for each in found
    ] + [of(tomorrow, -5, 0, number=999)]

    assert one.fingerprint == drawn(found, today=tomorrow).fingerprint
    assert one.fingerprint == drawn(paid, today=tomorrow).fingerprint
    assert one.fingerprint == drawn(found, name="Harborline Ltd").fingerprint
    for changed in (
        {"amount": own.amount + Money(1, "USD")}, {"document_number": "D-X"},
        {"kind": LedgerKind.REFUND}, {"posted_date": own.posted_date - timedelta(1)},
    ):  # fmt: skip
        others = [replace(each, **changed) if each is own else each for each in found]
        assert one.fingerprint != drawn(others).fingerprint, changed
    without = [each for each in found if each is not own]
    other_periods = [drawn(found, since=TODAY), drawn(found, until=TODAY - timedelta(1))]
    for other in (drawn(without), drawn(found, number="10001"), *other_periods):
        assert one.fingerprint != other.fingerprint


def test_what_was_printed_yesterday_is_the_same_statement_today(door: Door) -> None:
    client, yesterday = door.buyer(), this_day() - timedelta(1)
    account = door.ground.account(HARBORLINE)
    found = ledger_of(account.legal_entity_id, account.erp_id)
    assert found
    printed = draw(
        found, account=(account.name, account.number), currency="USD", source=Source.LEDGER,
        since=yesterday.replace(day=1), until=yesterday, today=yesterday,
    )  # fmt: skip
    period = f"since={printed.since}&until={yesterday}&currency=USD"

    page = client.get(f"/statement?{period}&fingerprint={printed.fingerprint}").content.decode()

    assert printed.standing
    assert "It is the same statement" in page


@pytest.mark.parametrize("number", ['=HYPERLINK("x")', "+1", "-1", "@A1", "\tx"])
def test_no_cell_of_the_table_is_a_formula(number: str) -> None:
    entry = LedgerEntryRecord(
        number=1, kind=LedgerKind.PAYMENT, document_number=number, posted_date=TODAY,
        due_date=TODAY, amount=Money(-105, "USD"), open=Money(-105, "USD"),
    )  # fmt: skip

    with csv_of(drawn([entry])) as table:
        rows = list(csv.reader(table.read().decode().splitlines()))
    with xlsx_of(drawn([entry])) as one, xlsx_of(drawn([entry])) as two:
        same = one.read() == two.read()
        with zipfile.ZipFile(one) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()

    assert "<f>" not in sheet
    assert "<v>-1.05</v>" in sheet
    assert same
    assert rows[2] == ["2026-06-30", "Payment", f"'{number}", "USD", "-1.05", "-1.05"]
    assert rows[3][1:] == ["closing balance", "", "USD", "", "-1.05"]


def test_it_is_drawn_from_the_sellers_ledger_and_proves_itself(door: Door) -> None:
    ground = door.ground
    asked = {"customer": HARBORLINE, "date": this_day().isoformat()}  # the seller's day, not UTC's
    invoice = ground.read(ground.world.clerk("invoice", amount="250.00", **asked)["id"])
    client = door.buyer()
    address = f"/statement?since=&until={this_day()}"

    page = client.get(address).content.decode()
    one, two = (client.get(f"/statement.pdf?since=&until={this_day()}").content for _ in range(2))
    rows = list(
        csv.reader(downloaded(client, f"/statement.csv?since=&until={this_day()}").splitlines())
    )
    printed = re.search(r'class="whole">([0-9a-f]{64})<', page)
    assert printed
    same = client.get(f"{address}&fingerprint={printed[1][:16]}").content.decode()
    ground.world.clerk("invoice", amount="10.00", **asked)
    changed = client.get(f"{address}&fingerprint={printed[1]}").content.decode()

    assert invoice.number in page
    assert "every entry of the customer ledger" in page
    assert downloaded_bytes(client, "/statement.xlsx").startswith(b"PK")
    assert one == two
    assert one.startswith(b"%PDF")
    assert "It is the same statement" in same
    assert "It is not the same statement" in changed
    sums = [round(float(row[4]) * 100) for row in rows[2:-2]]
    assert round(float(rows[-2][5]) * 100) == sum(sums)
    assert rows[-1][2] == printed[1]
    assert invoice.number in {row[2] for row in rows}


def downloaded(client: Client, address: str) -> str:
    """What a browser keeps of a file of text."""
    return downloaded_bytes(client, address).decode()


def downloaded_bytes(client: Client, address: str) -> bytes:
    """What a browser keeps of a file."""
    answer: Any = client.get(address)
    assert answer.status_code == 200
    return bytes(answer.getvalue())


def test_what_is_still_owed_is_what_the_erp_says_is_owed(door: Door) -> None:
    account = door.ground.account(HARBORLINE)
    erp = erp_for(account.legal_entity_id)
    assert isinstance(erp, ShowsDocuments)

    found = ledger_of(account.legal_entity_id, account.erp_id)
    assert found
    last = max(each.posted_date for each in found)
    statement = draw(
        found, account=("", ""), currency="USD", source=Source.LEDGER, since=None, until=last,
        today=last,
    )  # fmt: skip

    open_ = sum(each.open.minor for each in found if each.amount.currency == "USD")
    assert owed(statement) == open_
    assert erp.balance(account.erp_id).total.minor == open_


def test_while_the_ledger_does_not_answer_it_says_what_is_open_and_gives_no_file(
    door: Door,
) -> None:
    own = door.ground.account(HARBORLINE)
    invoice, credit = put_invoice(own, 12_345, late=3), put_credit(own, 345)
    door.ground.world.erp_fault("ODataV4", "status", times=0)
    client = door.buyer()

    page = client.get("/statement").content.decode()

    assert invoice.number in page
    assert credit.number in page
    assert "The ledger cannot be read just now" in page
    assert "$120.00" in page
    assert client.get("/statement.pdf").status_code == 503
    assert client.get("/statement.csv").status_code == 503
    assert client.get("/statement.xlsx").status_code == 503


def test_a_ledger_that_does_not_answer_proves_and_disproves_nothing(door: Door) -> None:
    client, period = door.buyer(), f"since=2026-01-05&until={this_day()}&currency=USD"
    page = client.get(f"/statement?{period}").content.decode()
    printed = re.search(r'class="whole">([0-9a-f]{64})<', page)
    assert printed
    door.ground.world.erp_fault("ODataV4", "status", times=0)
    address = f"/statement?{period}&fingerprint={printed[1]}"

    silent = client.get(address).content.decode()

    assert "The ledger cannot be read just now" in silent
    assert "The fingerprint was not compared" in silent
    assert "the same statement" not in silent
    assert 'class="whole"' not in silent
    assert "did not answer now" in silent
    assert "no customer ledger" not in silent
    assert f'href="{address}"'.replace("&", "&amp;") in silent  # the period stays for "Try again"
    assert 'name="since" value="2026-01-05"' in page


def test_the_page_names_what_is_left_out_and_tells_ages_all_the_same(door: Door) -> None:
    later = (this_day() + timedelta(3)).isoformat()
    door.ground.world.clerk("invoice", customer=HARBORLINE, amount="10.00", date=later)

    page = door.buyer().get("/statement").content.decode()

    assert re.search(r"\d+ entr(y of a|ies of) later days? (is|are) left out\.", page)
    assert "Open invoices by age" in page
    assert "told for today only" not in page


@pytest.mark.parametrize(
    "query", ["since=x&until=9999-99-99", "since=2030-01-01&until=2020-01-01", "currency=%00%00%00"]
)
def test_an_address_that_makes_no_sense_shows_a_statement_all_the_same(
    query: str, door: Door
) -> None:
    client = door.buyer()

    assert client.get(f"/statement?{query}").status_code == 200
    assert questions(client, "/statement") <= 8
