"""Where buyers are told to pay: another person's word before a bank account counts."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.confirmations.models import Confirmation
from quittance.confirmations.rules import switch_on
from quittance.identity.models import User
from quittance.project import bank
from quittance.project.terminal import Terminal
from quittance.tenancy.rows import reading, writing
from quittance.transfers.accounts import account_for
from quittance.transfers.models import BankAccount
from tests.backoffice.office import action, fields, words
from tests.confirmations.words import acting, events
from tests.portal.doors import Door
from tests.transfers.bank import IBAN, NUMBER, bank_account

PAGE, ACCOUNTS = "/office/confirmations", "/office/bank/accounts"
PARTS = {
    "owner": "Northwind Traders", "bank_name": "First Bank", "currency": "EUR", "bic": "",
    "iban": IBAN, "booked_by": "portal",
}  # fmt: skip


class Two:
    """A manager and an integrator, and two who administer."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.mia = door.signed_in(email="mia@example.test", role="manager", name="Mia Lang")
        self.ivan = door.signed_in(email="ivan@example.test", role="integrator", name="Ivan Petrov")
        for name in ("ada", "ines"):
            door.person(email=f"{name}@example.test", role="administrator", name=name)

    def add(self, by: Client, **changes: str) -> Any:
        """Add an account in euro."""
        parts = PARTS | {"legal_entity": str(self.door.ground.legal_entity_id)} | changes
        return by.post(f"{ACCOUNTS}/keep", parts)

    def change(self, by: Client, row: BankAccount, **changes: str) -> Any:
        """Change an account in its form."""
        where = f"{ACCOUNTS}/{row.pk}"
        return by.post(f"{where}/change", fields(by.get(where), "change") | changes)


@pytest.fixture
def two(door: Door) -> Two:
    two = Two(door)
    with writing():
        switch_on(["bank_accounts"])
    return two


def request_of() -> Confirmation:
    with reading():
        return Confirmation.objects.get()


def answered(client: Client, how: str, **typed: str) -> Any:
    page = client.get(f"{PAGE}/{request_of().pk}")
    return client.post(action(page, how), fields(page, how) | typed)


def offered(two: Two, currency: str) -> BankAccount | None:
    """Where a buyer is told to pay."""
    with reading():
        return account_for([two.door.ground.legal_entity_id], currency)


def test_buyers_are_told_a_new_account_when_another_person_has_confirmed(two: Two) -> None:
    said = two.add(two.mia, second_note="The bank wrote to us")
    before = offered(two, "EUR")
    waits, page = words(two.mia.get("/office/bank")), words(two.ivan.get(PAGE))
    mine = answered_by_post(two.mia)
    done = answered(two.ivan, "confirm")

    assert said["Location"] == "/office/bank?done=asked"
    assert before is None
    assert "New bank account First Bank DE02••2051 EUR" in waits
    assert "IBAN: DE02••2051" in page
    assert "The bank wrote to us" in page
    assert IBAN not in page
    assert mine.status_code == 409
    assert done["Location"] == f"{PAGE}?done=confirmed"
    row = offered(two, "EUR")
    assert row is not None
    assert (row.iban, row.pk) == (IBAN, request_of().subject_id)
    assert events(row.pk) == ["bank account kept"]


def answered_by_post(client: Client) -> Any:
    row = request_of()
    return client.post(f"{PAGE}/{row.pk}/confirm", {"fingerprint": row.fingerprint})


def test_a_changed_account_stays_as_it_is_until_another_person_has_confirmed(two: Two) -> None:
    row = bank_account(two.door.ground)

    two.change(two.mia, row, owner="Somebody Else")
    before = offered(two, "USD")
    page = words(two.ivan.get(f"{PAGE}/{request_of().pk}"))
    waits = words(two.mia.get(f"{ACCOUNTS}/{row.pk}"))
    answered(two.ivan, "confirm")

    assert before is not None
    assert before.owner == "Northwind Traders"
    assert "Owner Now: Northwind Traders Then: Somebody Else" in page
    assert "waits for another person" in waits
    after = offered(two, "USD")
    assert after is not None
    assert after.owner == "Somebody Else"


def test_what_cannot_be_right_is_not_even_asked_for(two: Two) -> None:
    assert two.add(two.mia, iban="DE00").status_code == 422
    bank_account(two.door.ground)
    again = two.add(two.mia, currency="USD")

    assert "takes transfers in this currency" in words(again)
    with reading():
        assert not Confirmation.objects.exists()


def test_one_new_account_of_a_currency_waits_at_a_time(two: Two) -> None:
    two.add(two.mia)

    answer = two.add(two.ivan, iban="DE75512108001245126199")

    assert answer.status_code == 409
    assert "waits for a second person" in words(answer)


def test_one_person_alone_ends_the_offer_and_does_not_begin_it_again(two: Two) -> None:
    row = bank_account(two.door.ground)
    where = f"{ACCOUNTS}/{row.pk}"
    shown = fields(two.mia.get(where), "change")
    shown.pop("is_active")

    off = two.mia.post(f"{where}/change", shown)
    ended = offered(two, "USD")
    on = two.mia.post(f"{where}/change", shown | {"is_active": "1"})

    assert (off["Location"], on["Location"]) == (
        "/office/bank?done=account", "/office/bank?done=asked",
    )  # fmt: skip
    assert ended is offered(two, "USD") is None
    assert [list(line) for line in request_of().shown] == [["Offered to buyers", "no", "yes"]]


def test_what_was_changed_since_is_not_confirmed(two: Two) -> None:
    row = bank_account(two.door.ground)
    two.change(two.mia, row, owner="Somebody Else")
    with writing():
        BankAccount.objects.filter(pk=row.pk).update(owner="By the operator")

    answer = answered(two.ivan, "confirm")

    assert "changed since this was asked for" in words(answer)
    after = offered(two, "USD")
    assert after is not None
    assert after.owner == "By the operator"


def test_postgresql_itself_refuses_where_buyers_pay_without_the_word(two: Two) -> None:
    row = bank_account(two.door.ground)
    two.change(two.ivan, row, owner="Somebody Else")
    with reading():
        mia = User.objects.get(email="mia@example.test")
    wanted = pytest.raises(IntegrityError, match="another person has to confirm this")

    for change in ({"number": "1"}, {"owner": "X"}, {"bank_name": "X"}, {"booked_by": "erp"}):
        with wanted, acting(mia), writing():
            BankAccount.objects.filter(pk=row.pk).update(**change)
    with wanted, acting(mia):
        bank_account(two.door.ground, currency="CHF")
    with acting(mia), writing():
        BankAccount.objects.filter(pk=row.pk).update(is_active=False)
    with wanted, acting(mia), writing():
        BankAccount.objects.filter(pk=row.pk).update(is_active=True)


def test_an_organization_that_does_not_want_it_changes_accounts_as_before(door: Door) -> None:
    two = Two(door)

    assert two.add(two.mia)["Location"] == "/office/bank?done=account"
    assert offered(two, "EUR") is not None


def test_a_file_of_accounts_waits_too_unless_the_operator_says_alone(
    two: Two, tmp_path: Path
) -> None:
    row = bank_account(two.door.ground)
    file = tmp_path / "accounts.toml"

    def run(*arguments: str) -> tuple[int, str]:
        to = io.StringIO()
        where = ["--organization", str(two.door.ground.organization_id)]
        chosen = bank.options([*arguments, str(file), *where], explained="")
        return bank.run(chosen, Terminal(source=io.StringIO(), to=to, asks=False)), to.getvalue()

    run("export")
    same = run("import")
    text = file.read_text("utf-8")
    file.write_text(text.replace("First Bank", "Second Bank"), "utf-8")
    refused, kept = run("import"), offered(two, "USD")
    alone = run("import", "--alone")
    file.write_text(file.read_text("utf-8").replace("active = true", "active = false"), "utf-8")
    ended = run("import")

    assert same[0] == 0, same
    assert refused[0] == 1
    assert "another person has to confirm" in refused[1]
    assert kept is not None
    assert (kept.bank_name, kept.number) == ("First Bank", NUMBER)
    assert (alone[0], ended[0]) == (0, 0), (alone, ended)
    with reading():
        row.refresh_from_db()
        told = AuditEvent.objects.filter(subject_id=row.pk).order_by("happened_at", "pk")
        told = AuditEvent.objects.filter(subject_id=row.pk).order_by("happened_at", "pk")
        facts = [each.facts.get("second_person") for each in told]
    assert (row.bank_name, row.is_active) == ("Second Bank", False)
    assert facts == [None, None, "left out by the operator", None]
