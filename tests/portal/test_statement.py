"""The statement: its lines make its balance, and the same entries make the same statement."""

from __future__ import annotations

import csv
import random
import re
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from quittance.connections.open import erp_for
from quittance.core.money import Money
from quittance.erp.documents import LedgerEntryRecord, LedgerKind, ShowsDocuments
from quittance.portal.statement.table import csv_of, xlsx_of
from quittance.receivables.statement import Source, Statement, draw
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
    found: list[LedgerEntryRecord], *, since: date | None = None, until: date = TODAY
) -> Statement:
    return draw(
        found, account=("Harborline", HARBORLINE), currency="USD", source=Source.LEDGER,
        since=since, until=until, today=TODAY,
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
    aged = sum(amount.minor for _, amount in whole.aging) + whole.unapplied.minor
    assert aged == (whole.closing - whole.taken_off).minor == sum(e.open.minor for e in own)
    assert first.aging == ()  # what was late on another day is not known


def test_a_fingerprint_tells_every_entry_and_nothing_of_the_moment() -> None:
    found = entries(1)
    other = [*found[:-1], found[-1]]
    own = next(each for each in found if each.amount.currency == "USD")
    changed = [each for each in found if each is not own]

    assert drawn(found).fingerprint == drawn(other).fingerprint
    assert drawn(found).fingerprint != drawn(changed).fingerprint
    assert drawn(found).fingerprint != drawn(found, since=TODAY).fingerprint


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
    one, two = (client.get(address.replace("?", ".pdf?")).content for _ in range(2))
    rows = list(csv.reader(downloaded(client, address.replace("?", ".csv?")).splitlines()))
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
    from quittance.receivables.statement import ledger_of

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

    owed = sum(each.open.minor for each in found if each.amount.currency == "USD")
    assert (statement.closing - statement.taken_off).minor == owed
    assert erp.balance(account.erp_id).total.minor == owed


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


@pytest.mark.parametrize(
    "query", ["since=x&until=9999-99-99", "since=2030-01-01&until=2020-01-01", "currency=%00%00%00"]
)
def test_an_address_that_makes_no_sense_shows_a_statement_all_the_same(
    query: str, door: Door
) -> None:
    client = door.buyer()

    assert client.get(f"/statement?{query}").status_code == 200
    assert questions(client, "/statement") <= 8
