"""References, codes and files: as their standards say, whatever somebody else may have written."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from importlib.resources import files
from uuid import uuid4

import pytest
import segno
from stdnum import iso11649
from xmlschema import XMLSchema

from quittance.core.money import Money
from quittance.transfers.camt import MOST_LINES, Unreadable, read_camt
from quittance.transfers.models import Announcement, BankAccount
from quittance.transfers.pain001 import PayerUnclear, basic, payer_of, payment_file
from quittance.transfers.qr import code_for, swiss_payload
from quittance.transfers.reference import (
    cut_off_in,
    found_in,
    grouped,
    new_announcement_number,
    reference_of,
)
from tests.transfers.bank import IBAN, NUMBER, PAYER, ROUTING, SWISS_IBAN, Came, statement

SCHEMA = files("sepaxml") / "schemas" / "pain.001.001.09.xsd"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">&b;</Document>"""
THIEF = b"""<?xml version="1.0"?>
<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">&x;</Document>"""


def account(**changes: str) -> BankAccount:
    """A bank account that is kept nowhere."""
    parts = {"owner": "Müller & Söhne", "bank_name": "Bank", "currency": "EUR", **changes}
    return BankAccount(organization_id=uuid4(), **parts)


def transfer(minor: int = 123456, currency: str = "EUR") -> Announcement:
    """An announced transfer that is kept nowhere."""
    number = new_announcement_number()
    return Announcement(
        organization_id=uuid4(), number=number, reference=reference_of(number),
        amount_minor=minor, currency=currency,
    )  # fmt: skip


def test_a_reference_is_one_of_iso_11649_and_is_found_however_a_bank_writes_it() -> None:
    for _ in range(50):
        number = new_announcement_number()
        reference = reference_of(number)
        assert iso11649.is_valid(reference)
        for text in (
            reference, grouped(reference), reference.lower(), f"INV 1, {grouped(reference)}.",
            f"RE{reference}X1", f"/ROC/{reference}//URI/1", number, f"THANKS{number}",
            reference[4:],
        ):  # fmt: skip
            assert reference in found_in([text]), text
        assert cut_off_in([f"pay {reference[:-2]}"]) == [reference[:-2]]
        wrong = reference[:-1] + ("A" if reference[-1] != "A" else "B")
        assert reference not in found_in([wrong]), "a mistyped reference is not guessed"


@pytest.mark.parametrize(
    ("to", "currency", "payer"),
    [
        ({"iban": IBAN, "bic": "COBADEFFXXX"}, "EUR", PAYER),
        ({"iban": SWISS_IBAN, "town": "Zürich", "country": "CH", "postal_code": "8001"}, "CHF",
         SWISS_IBAN),
        ({"number": NUMBER, "bank_code": ROUTING, "currency": "USD"}, "USD", "4411223"),
        ({"number": NUMBER, "currency": "JPY"}, "JPY", "4411223"),
    ],
)  # fmt: skip
def test_the_payers_file_is_valid_by_the_schema(
    to: dict[str, str], currency: str, payer: str
) -> None:
    told, seller = transfer(currency=currency), account(**to)
    whose = payer_of(name="Đorđe’s Café Ltd", account=payer, bic_="", needs_iban=False)

    made = payment_file(told, seller, whose, made_at=NOW, execute_on=date(2026, 11, 24))

    _schema().validate(io.BytesIO(made))
    text = made.decode()
    assert f"<Ref>{told.reference}</Ref>" in text
    assert f'<InstdAmt Ccy="{currency}">{told.amount.decimal}</InstdAmt>' in text
    assert "Dorde's Cafe Ltd" in text
    assert ("<Cd>SEPA</Cd>" in text) == (currency == "EUR")


_SCHEMAS: list[XMLSchema] = []


def _schema() -> XMLSchema:
    if not _SCHEMAS:
        _SCHEMAS.append(XMLSchema(str(SCHEMA)))
    return _SCHEMAS[0]


@pytest.mark.parametrize(
    ("name", "number", "bic", "field"),
    [
        ("", PAYER, "", "name"), ("会社", PAYER, "", "name"), ("A", "DE00123", "", "account"),
        ("A", "", "", "account"), ("A", "12<3", "", "account"), ("A", PAYER, "XX", "bic"),
    ],
)  # fmt: skip
def test_a_payer_who_cannot_be_right_is_told_which_field(
    name: str, number: str, bic: str, field: str
) -> None:
    with pytest.raises(PayerUnclear) as caught:
        payer_of(name=name, account=number, bic_=bic, needs_iban=False)

    assert caught.value.field == field


def test_names_are_written_in_the_letters_that_every_bank_takes() -> None:
    assert basic("Škoda Œuvre ‹ß› & Søn №1") == "Skoda OEuvre ss + Son No1"


def test_the_code_of_sepa_has_the_lines_of_the_epc() -> None:
    seller, told = account(iban=IBAN, owner="Northwind", bic="COBADEFFXXX"), transfer(1230)

    code = code_for(seller, told.amount, told.reference, message="")

    lines = ["BCD", "002", "2", "SCT", "COBADEFFXXX", "Northwind", IBAN, "EUR12.3", "",
             told.reference]  # fmt: skip
    expected = segno.make_qr("\n".join(lines), error="m", boost_error=False, encoding="latin1")
    drawn = expected.svg_inline(omitsize=True, border=4, dark="#000", light="#fff")
    assert code is not None
    assert code.svg == drawn
    assert "style=" not in code.svg


def test_the_swiss_code_has_31_lines_and_needs_an_address() -> None:
    place = {"street": "Bahnhofstrasse", "building": "1", "postal_code": "8001", "town": "Zürich",
             "country": "CH"}  # fmt: skip
    seller = account(iban=SWISS_IBAN, currency="CHF", owner="Nord", **place)
    told = transfer(9000, "CHF")

    lines = swiss_payload(seller, told.amount, told.reference, message="T").split("\r\n")

    assert len(lines) == 31
    assert lines[:11] == ["SPC", "0200", "1", SWISS_IBAN, "S", "Nord", *place.values()]
    assert lines[18:20] == ["90.00", "CHF"]
    assert lines[27:] == ["SCOR", told.reference, "T", "EPD"]
    code = code_for(seller, told.amount, told.reference, message="T")
    assert code is not None
    assert "Swiss" in code.name
    without = account(iban=SWISS_IBAN, currency="CHF")
    assert code_for(without, told.amount, told.reference, message="T") is None
    assert code_for(account(number=NUMBER), Money(1, "USD"), told.reference, message="") is None


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (BOMB, "declares entities"), (THIEF, "declares entities"), (b"", "no XML"),
        (b"<html/>", "camt.053"), (b"%PDF-1.7", "no XML"), (b"\xff\xfe\x00", "no XML"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>', "camt.053"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>', "camt.053"),
        (statement(Came("1.00"))[:-40], "no XML"), (statement(Came("1,00")), "no amount"),
        (statement(Came("NaN")), "no amount"), (statement(Came("-5.00")), "no amount"),
        (statement(Came("1.005")), "no amount"), (statement(Came("1.00", day="32.11.")), "no XML"),
        (statement(Came("1.00")).replace(b"<Ntry>", b"<Ntry>" + b"<x>" * 99), "camt.053"),
        (statement(Came("1.00", day="")), "no day"), (statement(Came("1", sign="?")), "no amount"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_statement_is_refused_in_words(file: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_camt(io.BytesIO(file))


def test_a_file_of_too_many_movements_is_refused() -> None:
    entry = b"<Ntry><Sts>PDNG</Sts></Ntry>"
    head, tail = statement(Came("1.00")).split(Came("1.00").entry().encode())

    with pytest.raises(Unreadable, match="20,000"):
        read_camt(io.BytesIO(head + entry * (MOST_LINES + 1) + tail))


def test_a_batch_is_read_transaction_by_transaction_or_left_to_a_person() -> None:
    fits = Came("30.00", parts=[Came("10.00", text="one"), Came("20.00", text="two")])
    off = Came("31.00", parts=[Came("10.00"), Came("20.00")])
    other = Came("30.00", parts=[Came("10.00"), Came("20.00", currency="EUR")])
    silent, pending = Came("30.00", batch_of=2), Came("9.00", status="PDNG")
    went, nothing = Came("5.00", sign="DBIT", reversal=True), Came("0.00")

    (found,) = read_camt(io.BytesIO(statement(fits, off, other, silent, pending, nothing, went)))

    assert [line.amount.minor for line in found.lines] == [1000, 2000, 3100, 3000, 3000, -500]
    assert [line.text for line in found.lines[:2]] == ["one", "two"]
    assert [bool(line.problem) for line in found.lines] == [False] * 2 + [True] * 3 + [False]
    assert (found.pending, found.lines[-1].went_back) == (1, True)
    assert found.lines[0].party == "Harborline Events"
    assert found.lines[0].party_account == PAYER


def test_older_versions_and_notifications_are_read_too() -> None:
    batch = Came("30.00", parts=[Came("10.00", text="one"), Came("20.00", text="two")])

    for file in (as_version_02(statement(batch)), as_notification(statement(batch))):
        (found,) = read_camt(io.BytesIO(file))
        assert [line.amount.minor for line in found.lines] == [1000, 2000]
        assert {line.party for line in found.lines} == {"Harborline Events"}
        assert (found.account, found.currency) == (NUMBER, "USD")


def as_version_02(file: bytes) -> bytes:
    """The same statement as banks wrote it before: other places for status, names and amounts."""
    text = file.decode().replace("camt.053.001.08", "camt.053.001.02")
    text = text.replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>")
    text = re.sub(r"<Pty>(<Nm>[^<]*</Nm>)</Pty>", r"\1", text)
    amount = r"<TxDtls>(<Amt [^>]*>[^<]*</Amt>)<CdtDbtInd>\w+</CdtDbtInd>"
    moved = r"<TxDtls><AmtDtls><TxAmt>\1</TxAmt></AmtDtls>"
    return re.sub(amount, moved, text).encode()


def as_notification(file: bytes) -> bytes:
    """The same entries as a camt.054: without balances."""
    text = re.sub(r"<Bal>.*</Bal>", "", file.decode()).replace("camt.053", "camt.054")
    text = text.replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
    return text.replace("<Stmt>", "<Ntfctn>").replace("</Stmt>", "</Ntfctn>").encode()
