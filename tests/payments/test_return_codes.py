"""What a bank's code means is dated data: with a source, pinned, safe where nothing is known."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import msgspec
import pytest

from quittance.payments import return_codes
from quittance.payments.return_codes import (
    FOLDER,
    all_rules,
    change_of,
    is_known,
    rule_of,
    rules_on,
)

DAY = date(2026, 11, 23)
# A new rule is a new file with a later day; a published one is never changed.
PUBLISHED = {
    "ach_entries.2026-11-23.json": (
        "be0945bd0415b21ad1ed9867d7691682c41d1a31d12eba9076ada51ed586bc34"
    ),
    "bacs.2026-11-23.json": ("e2647127c61012e7eafc5c8e401b9c2b322fed1e78d9ca02d776d818102fa54b"),
    "ach.2026-11-23.json": ("e0bbc2aa5c620771e347010abc2166a5fb65fa3bfd86ddf8b685d7163e4a7fb6"),
    "sepa.2026-11-23.json": ("3af6c5386882a578ea123d49658f12af20ef95f5d9b7859cd0512986eac3e815"),
    "words.2026-11-23.json": ("77f4eb7f6fcb2ad708ecbe21bd2d6b07a157bd233019da4aeff54364120b09e6"),
}


def test_published_rules_are_never_changed() -> None:
    found = {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in FOLDER.iterdir()}

    assert found == PUBLISHED


def test_each_file_says_where_it_comes_from_and_each_code_stands_once() -> None:
    for rules in all_rules():
        codes = [each.code for each in rules.codes]

        assert rules.source
        assert rules.version.startswith(f"{rules.scheme}.")
        assert len(set(codes)) == len(codes)
        assert all(each.times and each.days for each in rules.codes if each.retry == "again")


@pytest.mark.parametrize(
    ("code", "retry", "stops", "counts"),
    [
        ("R01", "again", "", ""), ("R09", "again", "", ""),
        ("R02", "never", "method", "administrative"),
        ("R03", "corrected", "method", "administrative"),
        ("R04", "corrected", "method", "administrative"),
        ("R05", "never", "method", "unauthorized"), ("R07", "never", "method", "unauthorized"),
        ("R08", "new_consent", "", ""), ("R10", "never", "method", "unauthorized"),
        ("R11", "corrected", "", ""), ("R16", "never", "block", ""), ("R24", "never", "", ""),
        ("R29", "new_consent", "company", "unauthorized"), ("R31", "never", "", ""),
        ("R51", "never", "method", "unauthorized"),
        ("AC04", "never", "method", ""), ("AM04", "again", "", ""),
        ("MD01", "new_consent", "method", ""), ("SL01", "new_consent", "method", ""),
        ("ARUDD-0", "again", "", ""), ("ARUDD-1", "new_consent", "method", ""),
        ("ARUDD-5", "corrected", "method", ""), ("ARUDD-B", "never", "method", ""),
        ("DDICA-5", "never", "method", ""),
    ],
)  # fmt: skip
def test_the_code_says_what_may_and_must_happen(
    code: str, retry: str, stops: str, counts: str
) -> None:
    rule = rule_of(code, DAY)

    assert (rule.code, rule.retry, rule.stops, rule.counts) == (code, retry, stops, counts)


def test_nacha_lets_a_debit_without_money_be_tried_twice_more_in_180_days() -> None:
    assert [(rule_of(code, DAY).times, rule_of(code, DAY).days) for code in ("R01", "R09")] == [
        (2, 180), (2, 180),
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["", "R99", "ZZ01", "T1106"])
def test_a_code_that_nobody_knows_is_not_tried_again_and_a_person_looks(code: str) -> None:
    rule = rule_of(code, DAY)

    assert (rule.retry, rule.stops) == ("never", "block")
    assert not is_known(code, DAY)


@pytest.mark.parametrize(
    ("code", "method"),
    [(f"C0{n}", "kept") for n in range(1, 8)]
    + [("ADDACS-3", "kept"), ("ADDACS-C", "kept"), ("addacs-1", "ended"), ("AUDDIS-L", "ended")],
)
def test_a_bank_that_corrects_an_account_ends_nothing_and_one_that_cancels_it_does(
    code: str, method: str
) -> None:
    change = change_of(code, DAY)

    assert change is not None
    assert change.method == method
    assert change_of("C99", DAY) is None
    assert change_of(code, date(2020, 1, 1)) is None, "before any rule"


def test_codes_are_read_whatever_their_case() -> None:
    assert rule_of(" r02 ", DAY).code == "R02"
    assert rule_of("Account_Closed", DAY).code == "account_closed"


def test_a_rule_counts_from_its_own_day_on(tmp_path: Path) -> None:
    for each in FOLDER.iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    newer = msgspec.json.decode((FOLDER / "ach.2026-11-23.json").read_bytes())
    newer |= {"version": "ach.2027-03-01", "valid_from": "2027-03-01"}
    next(each for each in newer["codes"] if each["code"] == "R01")["times"] = 1
    (tmp_path / "ach.2027-03-01.json").write_bytes(msgspec.json.encode(newer))
    read = return_codes.read_rules(tmp_path)

    assert rule_of("R01", date(2027, 2, 28), among=read).times == 2
    assert rule_of("R01", date(2027, 3, 1), among=read).times == 1
    assert {each.version for each in rules_on(date(2027, 3, 1), among=read)} == {
        "ach.2027-03-01", "ach_entries.2026-11-23", "bacs.2026-11-23", "sepa.2026-11-23",
        "words.2026-11-23",
    }  # fmt: skip
    assert rule_of("R01", date(2020, 1, 1), among=read).stops == "block", (
        "before any rule, a person looks"
    )


def test_a_file_with_a_word_that_is_no_rule_is_not_read(tmp_path: Path) -> None:
    wrong = msgspec.json.decode((FOLDER / "ach.2026-11-23.json").read_bytes())
    wrong["codes"][0]["retry"] = "perhaps"
    (tmp_path / "ach.json").write_bytes(msgspec.json.encode(wrong))

    with pytest.raises(msgspec.ValidationError, match="perhaps"):
        return_codes.read_rules(tmp_path)
