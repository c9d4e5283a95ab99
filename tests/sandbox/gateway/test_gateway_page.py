"""The hosted payment page, as a browser without JavaScript sees it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from sandbox.gateway.numbers import NUMBERS
from tests.sandbox.gateway.gateway_caller import Browser, Caller


def test_a_good_card_pays_and_returns_to_the_shop(caller: Caller) -> None:
    payment = caller.new_payment()
    with Browser(payment["url"]) as browser:
        answer = browser.send_card()

    assert answer.status_code == 303
    assert answer.headers["Location"] == (
        f"http://shop.example/return?from=gateway&payment={payment['id']}"
    )
    paid = caller.read(payment["id"])
    assert paid["state"] == "succeeded"
    assert paid["instrument"] == {"brand": "visa", "last4": "4242"}
    assert len(caller.ledger("charges", payment)) == 1


def test_the_page_says_that_it_is_a_sandbox_and_lists_its_numbers(caller: Caller) -> None:
    for method in ("card", "bank_debit"):
        with Browser(caller.new_payment(method=method)["url"]) as browser:
            page = browser.open().text

        assert "Sandbox." in page
        assert "USD 10.50" in page
        assert "Northwind Traders (sandbox)" in page
        listed = [number for number in NUMBERS if number.spaced in page]
        assert listed == [number for number in NUMBERS if number.method == method]


def test_the_page_may_load_and_send_nothing_but_to_itself_and_the_shop(caller: Caller) -> None:
    with Browser(caller.new_payment()["url"]) as browser:
        answer = browser.open()

    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self' http://shop.example"
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    assert "style=" not in answer.text


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"number": ""}, "Enter the 12 to 19 digits"),
        ({"number": "4242 4242 4242 4241"}, "This is not a card number"),
        ({"number": "4111 1111 1111 1111"}, "Use one of the test numbers"),
        ({"expiry": "13/30"}, "Enter month and year"),
        ({"expiry": "01/20"}, "This card has expired"),
        ({"expiry": "01/90"}, "This year is too far away"),
        ({"cvc": "12"}, "Enter the 3 digits"),
        ({"number": "3782 822463 10005"}, "Enter the 4 digits"),
        ({"name": " "}, "Enter the name on the card"),
    ],
)
def test_a_wrong_card_form_says_what_is_wrong_and_charges_nothing(
    caller: Caller, form: dict[str, str], message: str
) -> None:
    payment = caller.new_payment()
    with Browser(payment["url"]) as browser:
        answer = browser.send_card(**form)

    assert answer.status_code == 422
    assert message in answer.text
    assert "Nothing was charged" in answer.text
    assert caller.read(payment["id"])["attempts"] == 0


def test_a_form_shown_again_keeps_what_was_typed_but_never_the_security_code(
    caller: Caller,
) -> None:
    with Browser(caller.new_payment()["url"]) as browser:
        answer = browser.send_card(name="", number="4242 4242 4242 4242", cvc="987")

    assert 'value="4242 4242 4242 4242"' in answer.text
    assert not re.search(r"(?<![0-9a-zA-Z_-])987(?![0-9a-zA-Z_-])", answer.text)


def test_what_a_payer_types_is_shown_as_text(caller: Caller) -> None:
    with Browser(caller.new_payment(description="<b>bold</b>")["url"]) as browser:
        answer = browser.send_card(number='"><script>')

    assert "<script>" not in answer.text
    assert "&lt;b&gt;bold" in answer.text


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"account": "123"}, "Enter the 4 to 17 digits"),
        ({"account": "000999999999"}, "Use one of the test numbers"),
        ({"routing": "110000001"}, "Enter the nine digits of the routing"),
        ({"routing": "021000021"}, "The sandbox&#39;s bank has the routing number"),
        ({"name": ""}, "Enter the name of the account holder"),
    ],
)
def test_a_wrong_bank_form_says_what_is_wrong(
    caller: Caller, form: dict[str, str], message: str
) -> None:
    with Browser(caller.new_payment(method="bank_debit")["url"]) as browser:
        answer = browser.send_bank(**form)

    assert answer.status_code == 422
    assert message in answer.text


def test_a_bank_debit_returns_to_the_shop_while_the_bank_is_at_work(caller: Caller) -> None:
    payment = caller.new_payment(method="bank_debit")
    with Browser(payment["url"]) as browser:
        answer = browser.send_bank("000555555559")
        page = browser.open()

    assert answer.status_code == 303
    assert caller.read(payment["id"])["state"] == "processing"
    assert "Your bank is working on it" in page.text


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4000 0000 0000 0002", "card_declined"),
        ("4000-0000-0000-9995", "insufficient_funds"),
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "incorrect_cvc"),
        ("4100000000000019", "suspected_fraud"),
    ],
)
def test_a_declined_card_can_be_followed_by_a_good_one(
    caller: Caller, number: str, code: str
) -> None:
    payment = caller.new_payment()
    with Browser(payment["url"]) as browser:
        declined = browser.send_card(number)
        page = browser.open()
        between = caller.read(payment["id"])
        paid = browser.send_card()

    assert declined.headers["Location"] == f"/pay/{payment['id']}"
    assert "Nothing was charged. Try again" in page.text
    assert (between["state"], between["failure"]["code"]) == ("open", code)
    assert paid.headers["Location"].startswith("http://shop.example/return")
    assert caller.read(payment["id"])["failure"] is None
    assert len(caller.ledger("charges", payment)) == 1


def test_the_fifth_decline_ends_the_payment(caller: Caller) -> None:
    payment = caller.new_payment()
    with Browser(payment["url"]) as browser:
        for _ in range(5):
            browser.send_card("4000 0000 0000 0002")
        page = browser.open()

    assert "There were too many attempts." in page.text
    assert "http://shop.example/cancel?payment=" in page.text
    assert caller.read(payment["id"])["state"] == "failed"


@pytest.mark.parametrize(("decision", "state"), [("approve", "succeeded"), ("fail", "open")])
def test_the_bank_may_ask_whether_it_is_the_payer(
    caller: Caller, decision: str, state: str
) -> None:
    payment = caller.new_payment()
    with Browser(payment["url"]) as browser:
        asked = browser.send_card("4000 0025 0000 3155")
        step = browser.client.get(payment["url"], follow_redirects=True)
        answer = browser.send(str(step.url), token=browser.token(step), decision=decision)

    assert asked.headers["Location"] == f"/pay/{payment['id']}"
    assert "Is this you?" in step.text
    assert answer.status_code == 303
    assert caller.read(payment["id"])["state"] == state
    assert len(caller.ledger("charges", payment)) == (1 if decision == "approve" else 0)


def test_a_form_sent_twice_charges_once_and_says_so(caller: Caller) -> None:
    payment = caller.new_payment()
    with Browser(payment["url"]) as browser:
        token = browser.token()
        browser.send_card_again(token)
        second = browser.send_card_again(token)

    assert second.status_code == 409
    assert "This form was used already" in second.text
    assert "you do not have to pay again" in second.text
    assert len(caller.ledger("charges", payment)) == 1


def test_a_form_from_another_browser_or_payment_is_not_taken(caller: Caller) -> None:
    payment, other = caller.new_payment(), caller.new_payment()
    with Browser(payment["url"]) as browser, Browser(payment["url"]) as stranger:
        stranger.open()
        from_another_browser = stranger.send_card_again(browser.token())
        browser.url = other["url"]
        own = browser.token()
        browser.url = payment["url"]
        from_another_payment = browser.send_card_again(own)
        without = browser.send_card_again("")

    for answer in (from_another_browser, from_another_payment, without):
        assert answer.status_code == 403
    assert caller.read(payment["id"])["attempts"] == 0


def test_a_body_that_is_no_form_or_too_large_is_refused(caller: Caller) -> None:
    url = caller.new_payment()["url"]

    assert httpx.post(url, json={}).status_code == 415
    assert httpx.post(url, data={"name": "x" * 70_000}).status_code == 413


def test_a_closed_payment_shows_where_it_stands(caller: Caller) -> None:
    cancelled, paid = caller.new_payment(), caller.paid_payment()
    caller.api.post(f"/payments/{cancelled['id']}/cancel")

    with Browser(cancelled["url"]) as browser:
        token_free = browser.open()
    paid_page = httpx.get(f"{caller.running.url}/pay/{paid['id']}")

    assert "This payment was cancelled" in token_free.text
    assert "<form" not in token_free.text
    assert "This payment was made" in paid_page.text


def test_an_unknown_payment_has_a_page_that_says_so(caller: Caller) -> None:
    answer = httpx.get(f"{caller.running.url}/pay/pay_nothing")

    assert answer.status_code == 404
    assert "There is no such payment" in answer.text


def test_no_full_number_is_ever_stored(fresh: Caller, tmp_path: Path) -> None:
    cards = [fresh.new_payment() for _ in range(2)]
    debit = fresh.new_payment(method="bank_debit")
    with Browser(cards[0]["url"]) as browser:
        browser.send_card("4242424242424242", cvc="739")
    with Browser(cards[1]["url"]) as browser:
        browser.send_card("4000000000009995")
    with Browser(debit["url"]) as browser:
        browser.send_bank("000123456789")
    fresh.running.stop()

    stored = b"".join(path.read_bytes() for path in (tmp_path / "gateway").iterdir())
    assert cards[0]["id"].encode() in stored
    for number in (b"4242424242424242", b"4000000000009995", b"000123456789", b"110000000"):
        assert number not in stored
