"""A buyer pays by bank transfer: announces it, reads what to tell the bank, takes it back."""

from __future__ import annotations

import re
from typing import Any

from quittance.payments.models import Allocation
from quittance.tenancy.rows import reading
from quittance.transfers.models import Announcement
from quittance.transfers.reference import grouped
from tests.backoffice.office import words
from tests.portal.doors import Door, begin_checkout, fields_of
from tests.transfers.bank import Came, bank_account, read

A = Announcement.Status


def announce(client: Any, *invoices: Any) -> str:
    """Choose invoices, choose the transfer, confirm; return the address of the instruction."""
    basket = begin_checkout(client, *invoices)
    fields = fields_of(client.get(f"{basket}/amounts").content)
    assert client.post(f"{basket}/amounts", fields).status_code == 303
    offered = client.get(f"{basket}/method")
    assert "Bank transfer" in words(offered)
    version = fields_of(offered.content)["version"]
    answer = client.post(f"{basket}/method", {"version": version, "method": "bank_transfer"})
    assert answer["Location"] == f"{basket}/transfer"
    fields = fields_of(client.get(f"{basket}/transfer").content)
    answer = client.post(f"{basket}/transfer", fields)
    assert answer.status_code == 303, words(answer)
    again = client.post(f"{basket}/transfer", fields)
    assert again["Location"] == answer["Location"], "pressed twice it is one"
    return str(answer["Location"])


def the_announcement() -> Announcement:
    """The one that there is."""
    with reading():
        return Announcement.objects.get()


def test_a_buyer_gets_one_instruction_for_several_invoices(door: Door) -> None:
    bank_account(door.ground)
    client = door.buyer()

    page = client.get(announce(client, door.ground.bill("250.00"), door.ground.bill("120.50")))

    told, text = the_announcement(), words(page)
    for part in (grouped(told.reference), "Northwind Traders", "000987654321", "026009593"):
        assert part in text
    assert "370.50" in text
    assert "<svg viewBox" not in page.content.decode(), "no standard has a code for US dollars"
    assert f'data-copy="{told.reference}"' in page.content.decode()
    with reading():
        assert not Allocation.objects.exists()
    listed = client.get("/transfers")
    assert told.number in words(listed)
    assert "Waiting for the money" in words(listed)
    assert "/transfers" in client.get("/payments").content.decode()


def test_without_an_account_in_the_currency_no_transfer_is_offered(door: Door) -> None:
    bank_account(door.ground, currency="EUR")
    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("9.00"))

    assert "Bank transfer" not in words(client.get(f"{basket}/method"))
    answer = client.get(f"{basket}/transfer")
    assert answer.status_code == 409
    assert "takes no bank transfer" in words(answer)


def test_the_file_for_the_bank_is_downloaded_and_keeps_nothing(door: Door) -> None:
    bank_account(door.ground)
    client = door.buyer()
    address = announce(client, door.ground.bill("250.00"))
    typed = {"name": "Harborline", "account": "DE75 5121 0800 1245 1261 99", "day": ""}

    answer = client.post(f"{address}/bank-file", typed)

    assert answer["Content-Type"] == "application/xml"
    assert "attachment" in answer["Content-Disposition"]
    assert b"<IBAN>DE75512108001245126199</IBAN>" in answer.content
    assert the_announcement().reference in answer.content.decode()
    wrong = client.post(f"{address}/bank-file", {**typed, "account": "DE00", "day": "2020-01-01"})
    assert wrong.status_code == 422
    assert "check digits" in words(wrong)
    late = client.post(f"{address}/bank-file", {**typed, "day": "2020-01-01"})
    assert "from today on" in words(late)


def test_a_transfer_is_taken_back_once_and_its_money_is_told_as_a_payment(door: Door) -> None:
    bank_account(door.ground)
    client = door.buyer()
    first = announce(client, door.ground.bill("250.00"))
    assert client.post(f"{first}/take-back").status_code == 303
    assert "You took this transfer back" in words(client.get(first))
    assert client.post(f"{first}/bank-file", {"name": "x", "account": "1"}).status_code == 404

    second = announce(client, door.ground.bill("70.00"))
    with reading():
        told = Announcement.objects.get(status=A.ANNOUNCED)
    read(Came("70.00", text=told.reference))

    page = client.get(second)
    assert "Your transfer came" in words(page)
    assert client.post(f"{second}/take-back").status_code == 409
    link = re.search(r'href="(/payments/[^"]+)">To the receipt', page.content.decode())
    assert link
    assert "Bank transfer ••6199" in words(client.get(link[1]))


def test_the_last_step_says_that_a_transfer_is_announced_already(door: Door) -> None:
    bank_account(door.ground)
    client, invoice = door.buyer(), door.ground.bill("250.00")
    announce(client, invoice)
    basket = begin_checkout(client, invoice)

    page = client.get(f"{basket}/transfer")

    assert "announced already" in words(page)
    assert the_announcement().number in words(page)


def test_nobody_else_sees_or_changes_a_transfer(door: Door) -> None:
    bank_account(door.ground)
    address = announce(door.buyer(), door.ground.bill("250.00"))
    stranger = door.stranger()

    assert stranger.get(address).status_code == 404
    for act in ("bank-file", "take-back"):
        assert stranger.post(f"{address}/{act}", {"name": "x"}).status_code == 404
    assert the_announcement().status == A.ANNOUNCED
