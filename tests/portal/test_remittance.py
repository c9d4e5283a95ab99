"""A list of what to pay becomes a checkout: what fits is taken, what does not says why."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from datetime import date
from typing import Any, Final

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.payments.models import Basket, BasketItem
from quittance.portal.amounts import currency_in, point_of, readings
from quittance.portal.remittance.columns import typed_lines
from quittance.portal.remittance.grid import Grid, read_file, read_text
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import reading, writing
from tests.ground import ALPINE, EVENTS, HARBORLINE
from tests.portal.doors import Door, fields_of
from tests.portal.mirrored import put_invoice


def meanings(text: str, currency: str = "USD") -> list[int]:
    return sorted(each.money.minor for each in readings(text, currency))


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1240.5", 124_050), ("1,240.50", 124_050), ("1.240,50", 124_050), ("1 240,50", 124_050),
        ("1\u202f240,50 €", 124_050), ("1'240.50", 124_050), ("$1,240.50", 124_050),
        ("USD 1240.50", 124_050), ("1240,50 EUR", 124_050), ("1,24,050.00", 12_405_000),
        ("1.240.500", 124_050_000), ("100", 10_000), (".5", 50), ("0,5", 50), ("100.0000", 10_000),
        ("-100.00", -10_000), ("100.00-", -10_000), ("(100.00)", -10_000), ("١٬٢٤٠٫٥٠", 124_050),
        ("1.234", 123_400),
    ],
)  # fmt: skip
def test_an_amount_is_read_with_a_point_or_a_comma(text: str, minor: int) -> None:
    assert meanings(text) == [minor]


@pytest.mark.parametrize(
    "text", ["", "x", "1.2.3", "12,34,5", "1,2345.00", "1.005", "1-2", "1e5", "١٢x", "NaN", "--1"]
)
def test_what_is_no_amount_has_no_meaning(text: str) -> None:
    assert meanings(text) == [] or text == "1.005"
    assert meanings("1.005") == [100_500]  # of dollars only a group can be meant


def test_what_can_mean_two_amounts_has_two_meanings_until_others_tell() -> None:
    assert meanings("1.200") == [120, 120_000]
    assert meanings("1.234", "KWD") == [1_234, 1_234_000]
    assert meanings("1,234", "JPY") == [1_234]
    assert point_of(["1.200", "3,50"], "USD") == ","
    assert point_of(["1.200", "3,50", "4.25"], "USD") == ""


AMOUNTS = st.integers(1, 10**12)


@given(minor=AMOUNTS, group=st.sampled_from(["", ".", " ", "'"]))
def test_what_is_written_with_its_decimals_means_one_amount(minor: int, group: str) -> None:
    whole, cents = f"{minor // 100:,}".replace(",", group), f"{minor % 100:02d}"

    assert meanings(f"{whole},{cents}") == [minor]


@given(st.text(max_size=40), st.sampled_from(["USD", "JPY", "KWD"]))
def test_no_text_breaks_the_reader_of_amounts(text: str, currency: str) -> None:
    assert len(readings(text, currency)) <= 2
    assert len(currency_in(text)) in {0, 3}


def lines_of(grid: Grid) -> list[tuple[str, str]]:
    return [(each.number, each.amount) for each in typed_lines(grid, lambda _: ())[0]]


@pytest.mark.parametrize(
    "text",
    [
        "INV-1;100,50\nINV-2;7", "INV-1\t100,50\nINV-2\t7", '"INV-1","100,50"\n"INV-2",7',
        "number,amount\nINV-1,100,50\nINV-2,7", "Betrag;Rechnungsnr.\n100,50;INV-1\n7;INV-2",
        "Date;Amount;Invoice\n01.03.2026;100,50;INV-1\n2026-03-01;7;INV-2", "INV-1 100,50\nINV-2 7",
        "INV-1   2026-03-01   100,50\n\nINV-2   01/03/2026   7", "100,50|INV-1\n7|INV-2",
        "2026-03-01;INV-1;100,50\n2026-03-02;INV-2;7", "\ufeffINV-1;100,50\r\nINV-2;7\r\n",
        "invoice;total;paid\nINV-1;900;100,50\nINV-2;900;7",
    ],
)  # fmt: skip
def test_columns_are_found_in_any_sensible_order(text: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        assert lines_of(read_file(text.encode(encoding))) == [("INV-1", "100,50"), ("INV-2", "7")]


def test_two_columns_that_may_be_the_amount_are_not_guessed() -> None:
    with pytest.raises(RuleBroken, match="Name them"):
        typed_lines(read_text("INV-1;900,00;100,50\nINV-2;900,00;7,00"), lambda _: ())


def test_the_column_of_numbers_is_the_one_that_we_know() -> None:
    grid = read_text("7001;PO-1\n7002;PO-2")

    lines, _ = typed_lines(grid, lambda texts: {"PO-1", "PO-2"} & set(texts))

    assert [(each.number, each.amount) for each in lines] == [("PO-1", "7001"), ("PO-2", "7002")]


def workbook(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, day)
                else:
                    sheet.write(place, column, cell)
    return out.getvalue()


def test_a_workbook_is_read_with_its_numbers_and_days() -> None:
    content = workbook([[date(2026, 3, 1), "INV-1", 100.5], [date(2026, 3, 2), "INV-2", 33.3 * 3]])

    assert lines_of(read_file(content)) == [("INV-1", "100.5"), ("INV-2", "99.9")]
    assert read_file(content)[0][0] == "2026-03-01"


def test_a_number_with_three_decimals_is_never_taken_for_thousands() -> None:
    ((_, amount),) = lines_of(read_file(workbook([["INV-1", 1.234]])))

    assert meanings(amount) == []


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    bomb = workbook([["x" * 30_000] for _ in range(2_000)])

    for content, said in [
        (b"x" * (1024 * 1024 + 1), "1 MB"), (b"INV-1;1\n" * 400, "300 lines"),
        (workbook([["INV-1", 1.5]] * 400), "300 lines"), (bomb, "300 lines|cannot be read"),
        (b"", "no line"), (b"\n\n ;; \n", "no line"), (b"PK\x03\x04junk", "cannot be read"),
        (b"%PDF\0", "cannot be read"),
    ]:  # fmt: skip
        with pytest.raises(RuleBroken, match=said):
            read_file(content)


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(
        st.binary(max_size=400), st.text(max_size=400).map(lambda t: t.encode("utf-8", "replace"))
    )
)
def test_no_bytes_break_the_reader(content: bytes) -> None:
    with suppress(RuleBroken):
        typed, _ = typed_lines(read_file(content), lambda _: ())
        assert 0 <= len(typed) <= 300


WHOLE: Final = workbook([["INV-1", 100.5], ["INV-2", 7]])  # made once: it holds its moment


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_no_damaged_workbook_breaks_the_reader(data: st.DataObject) -> None:
    content = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(RuleBroken):
        assert typed_lines(read_file(bytes(content)), lambda _: ())


def paste(client: Client, text: str) -> Any:
    return client.post("/remittance/read", {"text": text})


def shown(answer: Any) -> dict[str, str]:
    """What the page says of each line, by the number in it."""
    page = answer.content.decode()
    found = re.findall(
        r'name="number-(\d+)" value="([^"]*)".*?id="why-\1">(.*?)</div>', page, re.DOTALL
    )
    return {number: re.sub(r"<[^>]*>", "", said).strip() for _place, number, said in found}


def test_what_fits_goes_to_the_checkout_with_its_amounts(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    one, two, three = (put_invoice(own, 25_000, number=f"IN-{n}") for n in range(3))
    client = door.buyer()

    page = paste(client, "in-0;100,50\nIN-1;250,00\nIN-9;3,00")
    answer = client.post("/remittance/check", {**fields_of(page.content), "pay": "USD"})

    assert "350.50" in page.content.decode()
    assert answer.status_code == 303
    with reading():
        items = dict(BasketItem.objects.values_list("invoice_id", "amount_minor"))
    assert items == {one.pk: 10_050, two.pk: 25_000}
    assert three.pk not in items
    assert "100.50" in client.get(answer["Location"]).content.decode()


def test_a_file_is_read_like_a_text(door: Door) -> None:
    invoice = put_invoice(door.ground.account(HARBORLINE), 25_000)
    client = door.buyer()
    for name, content in [
        ("list.csv", f"{invoice.number};100,50".encode()),
        ("list.xlsx", workbook([["Invoice", "Paid"], [invoice.number, 100.5]])),
    ]:
        sent = {"file": SimpleUploadedFile(name, content)}
        page = client.post("/remittance/read", sent).content.decode()

        assert "1 line fits an invoice" in page
        assert "Go on with $100.50" in page


def test_every_line_that_does_not_fit_says_why(door: Door) -> None:
    own, other = door.ground.account(HARBORLINE), door.ground.account(ALPINE)
    put_invoice(own, 25_000, number="OPEN")
    put_invoice(own, 25_000, number="MORE")
    put_invoice(own, 25_000, number="EURO")
    put_invoice(own, 25_000, number="TWO-WAYS")
    put_invoice(own, 25_000, number="MINUS")
    put_invoice(own, 25_000, number="WORDS")
    put_invoice(own, 25_000, number="HELD", hindrance="disputed")
    put_invoice(own, 0, total_minor=100, number="PAID", erp_status="paid")
    put_invoice(own, 0, total_minor=100, number="GONE", erp_status="cancelled")
    put_invoice(other, 25_000, number="FOREIGN")
    text = (
        "OPEN;1.00\nOPEN;2.00\nMORE;250.01\nEURO;€ 5.00\nTWO-WAYS;1.200\nMINUS;-5.00\nWORDS;some\n"
        "HELD;5.00\nPAID;5.00\nGONE;5.00\nFOREIGN;5.00\nNONE;5.00\n;5.00\nEMPTY;"
    ).replace("TWO-WAYS;1.200", "TWO-WAYS;1.200,0x")

    answer = paste(door.buyer(), text)
    page, said = answer.content.decode(), shown(answer)

    assert answer.status_code == 200
    assert "It is in line 1 already" in said["OPEN"]
    assert "more than is open: $250.00" in said["MORE"]
    assert "in EUR, and the invoice in USD" in said["EURO"]
    assert "above zero" in said["MINUS"]
    assert "Write an amount like $250.00" in said["WORDS"]
    assert "disputed" in said["HELD"]
    assert said["PAID"] == "It is paid already."
    assert "cancelled" in said["GONE"]
    assert said["FOREIGN"] == said["NONE"]  # nothing tells that it is there
    assert "no invoice number" in said[""]
    assert "1 line fits an invoice" in page
    assert "13 do not" in page


def test_an_amount_with_two_meanings_is_asked_about_unless_the_file_tells(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    put_invoice(own, 500_000, number="A")
    put_invoice(own, 500_000, number="B")
    client = door.buyer()

    alone = shown(paste(client, "A;1.200"))
    with_comma = paste(client, "A;1.200\nB;3,50").content.decode()
    with_point = paste(client, "A;1.200\nB;3.50").content.decode()

    assert "$1.20 or $1,200.00" in alone["A"] or "$1,200.00 or $1.20" in alone["A"]
    assert "Go on with $1,203.50" in with_comma
    assert "Go on with $4.70" in with_point


def test_a_line_can_be_corrected_or_left_out(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    put_invoice(own, 25_000, number="RIGHT")
    client = door.buyer()
    page = paste(client, "WRNG;1,00\nNONE;2,00")

    fields = fields_of(page.content) | {"number-1": "RIGHT", "drop": "2"}
    corrected = client.post("/remittance/check", fields).content.decode()

    assert "1 line fits an invoice" in corrected
    assert "Left out" in corrected
    assert "Go on with $1.00" in corrected
    assert "do not" not in corrected


def test_a_list_without_amounts_means_all_that_is_open(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    put_invoice(own, 25_000, number="A")
    put_invoice(own, 100, number="B")

    page = paste(door.buyer(), "A\nB").content.decode()

    assert "There are no amounts in the list" in page
    assert "Go on with $251.00" in page


def test_each_currency_becomes_a_checkout_of_its_own(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    with writing():
        CustomerAccount.objects.update(pays_only="")
    put_invoice(own, 25_000, number="A")
    put_invoice(own, 25_000, number="B", currency="EUR")
    client = door.buyer()
    page = paste(client, "A;10.00\nB;20.00 EUR")

    answer = client.post("/remittance/check", {**fields_of(page.content), "pay": "EUR"})

    assert "€20.00" in client.get(answer["Location"]).content.decode()
    with reading():
        assert sorted(Basket.objects.values_list("currency", flat=True)) == ["EUR", "USD"]
        assert sorted(BasketItem.objects.values_list("amount_minor", flat=True)) == [1_000, 2_000]


def test_one_number_in_two_of_the_persons_accounts_is_not_guessed(door: Door) -> None:
    for number in (HARBORLINE, EVENTS):
        put_invoice(door.ground.account(number), 25_000, number="SAME")

    said = shown(paste(door.signed_in(HARBORLINE, EVENTS), "SAME;1,00"))

    assert "Several of your accounts" in said["SAME"]


def test_what_is_paid_by_somebody_else_meanwhile_is_explained(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    client = door.buyer()
    page = paste(client, f"{invoice.number};250,00")
    door.ground.pay((invoice, "250.00"))

    answer = client.post("/remittance/check", {**fields_of(page.content), "pay": "USD"})

    assert answer.status_code == 200
    assert "under way already" in shown(answer)[invoice.number]


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"text": "\0"}, {"text": ";" * 1000}, {"text": '"' * 99}, {"text": b"\xed\xa0\x80"},
        {"text": "=1+1;1\n" * 5}, {"file": "not a file"},
        {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04" + b"\0" * 50)},
        {"file": SimpleUploadedFile("x.csv", b"\xff\xfe\x00")},
    ],
)  # fmt: skip
def test_no_list_is_a_fault_of_ours(sent: dict[str, Any], door: Door) -> None:
    client = door.buyer()

    assert client.post("/remittance/read", sent).status_code in {200, 422}
    odd = {"number-1": "\0", "amount-1": "9" * 300, "number-2": b"x\xed\xa0\x80", "pay": "?"}
    assert client.post("/remittance/check", odd | {"drop": ["x", "2"]}).status_code == 200


def test_the_page_asks_the_database_few_questions_for_any_number_of_lines(door: Door) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    own = door.ground.account(HARBORLINE)
    invoices = [put_invoice(own, 25_000) for _ in range(60)]
    client = door.buyer()
    text = "\n".join(f"{each.number};1,00" for each in invoices)
    paste(client, text)

    with CaptureQueriesContext(connection) as captured:
        page = paste(client, text).content.decode()

    assert "60 lines fit" in page
    assert len([each for each in captured if each["sql"].startswith("SELECT")]) <= 9


def test_a_money_of_the_list_is_exact() -> None:
    assert readings("0.1", "USD")[0].money == Money(10, "USD")
