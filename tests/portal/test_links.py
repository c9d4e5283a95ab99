"""Whoever has a pay link pays its invoices, and sees nothing else."""

from __future__ import annotations

import re
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client

from quittance.core import clock
from quittance.identity.models import User
from quittance.notifications.models import Message
from quittance.notifications.words import write
from quittance.paylinks.making import MadeAlready, NoDays, NothingToPay, make_link, revoke
from quittance.paylinks.models import PayLink
from quittance.payments.cancel import cancel_payment
from quittance.payments.checkout import start_payment
from quittance.payments.guests import Guest
from quittance.payments.models import Basket, Payment
from quittance.payments.tries import BY_LINK, TriedTooOften, note_try
from quittance.portal.urls import urlpatterns
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import words
from tests.disputes.quarrels import person
from tests.ground import ALPINE, make_ground
from tests.portal.doors import Door, begin_checkout, fields_of, make_door
from tests.portal.test_access import MISSING, address

GUEST = {"name": "Ada Paye", "mail": "ada@payer.example"}


def made(*invoices: Invoice, by: User | None = None, **more: Any) -> Any:
    facts: dict[str, Any] = {
        "by": by or person(role="clerk", name="Priya Raman"), "key": uuid.uuid4(), "days": 14,
        "parts": False, "send_to": "", "address_of": lambda token: f"https://x.test/pay/{token}",
    }  # fmt: skip
    return make_link([each.pk for each in invoices], **{**facts, **more})


def opened(door: Door, token: str) -> Client:
    """A browser without a sign-in that has opened the link."""
    client = door.client()
    answer = client.post(f"/pay/{token}")
    assert answer.status_code == 303, answer.content
    return client


def begun(client: Client) -> str:
    """Give name and mail; return the address of the basket without its step."""
    answer = client.post("/pay", GUEST)
    assert answer.status_code == 303, answer.content
    return str(answer["Location"]).rpartition("/")[0]


def paid(client: Client, basket: str) -> Any:
    fields = fields_of(client.get(f"{basket}/method").content)
    answer = client.post(f"{basket}/method", {"version": fields["version"], "method": "card"})
    assert answer.status_code == 303, answer.content
    return client.post(f"{basket}/pay", fields_of(client.get(f"{basket}/review").content))


def test_a_link_leads_through_the_checkout_to_the_gateway(door: Door) -> None:
    first, second = door.ground.bill("250.00"), door.ground.bill("40.00")
    client = opened(door, made(first, second).token)

    page = words(client.get("/pay"))
    basket = begun(client)
    answer = paid(client, basket)

    assert first.number in page
    assert "$290.00" in page
    assert "Harborline" not in page
    assert answer["Location"].endswith("/onward")
    with reading():
        payment = Payment.objects.get()
        assert not Basket.objects.exclude(user=None).exists()
    assert (payment.origin, payment.user_id, payment.amount_minor) == ("pay_link", None, 29000)
    assert (payment.payer_name, payment.payer_mail) == (GUEST["name"], GUEST["mail"])
    with suppress(httpx.ConnectError):  # the way back leads to the test's host
        door.ground.on_page(payment)
    door.ground.advance(payment)
    shown = words(client.get(f"/payments/{payment.pk}"))
    assert payment.number in shown
    assert "Ada Paye" in shown
    assert "Harborline" not in shown
    with reading():
        mail = Message.objects.get(kind="receipt")
        said = write(mail.kind, mail.facts).text
    assert mail.to == GUEST["mail"]
    assert f"It pays {first.number}, {second.number}." in said
    assert "portal under Payments" not in said
    again = words(client.get("/pay"))
    assert "There is nothing to pay here now" in again


def test_the_timeline_says_by_whose_link_it_came(door: Door) -> None:
    client = opened(door, made(door.ground.bill("250.00")).token)
    paid(client, begun(client))
    with reading():
        payment = Payment.objects.get()

    office = words(door.clerk().get(f"/office/payments/{payment.number}"))
    buyer = words(door.buyer().get(f"/payments/{payment.pk}"))

    assert "Ada Paye, by pay link" in office
    assert "made by Priya Raman; the payer said: ada@payer.example" in office
    assert "Ada Paye, by pay link" in buyer


def test_a_link_session_opens_nothing_but_its_own_checkout(door: Door) -> None:
    mine, other = door.ground.bill("250.00"), door.ground.bill("40.00")
    foreign = begin_checkout(door.buyer(), other)
    theirs = door.ground.pay((other, "40.00"))
    client = opened(door, made(mine).token)
    own = {"pay_link", "open_link"}

    for pattern in urlpatterns:
        kind = getattr(pattern.callback, "access", "")
        if pattern.name in own or kind == "public":
            continue
        for method in (client.get, client.post):
            answer = method(address(pattern, MISSING))
            assert answer.status_code in {303, 405}, pattern.name
            if answer.status_code == 303:
                assert answer["Location"].startswith("/sign-in"), pattern.name
    for where in (
        f"{foreign}/amounts", f"{foreign}/method", f"{foreign}/review", f"/invoices/{mine.pk}",
        f"/payments/{theirs.pk}", f"/payments/{theirs.pk}/onward",
    ):  # fmt: skip
        assert client.get(where)["Location"].startswith("/sign-in"), where
    assert client.post(f"{foreign}/pay", {"version": "1"})["Location"].startswith("/sign-in")
    assert client.post(f"/payments/{theirs.pk}/cancel")["Location"].startswith("/sign-in")
    assert client.get("/office/payments")["Location"].startswith("/sign-in")


def test_a_part_is_paid_only_where_the_link_allows_it(door: Door) -> None:
    whole, part = door.ground.bill("250.00"), door.ground.bill("80.00")
    strict, free = opened(door, made(whole).token), opened(door, made(part, parts=True).token)
    basket, other = begun(strict), begun(free)
    sent = {"version": "1", f"amount-{whole.pk}": "1.00"}

    refused = strict.post(f"{basket}/amounts", sent)
    step = fields_of(free.get(f"{other}/amounts").content) | {f"amount-{part.pk}": "30.00"}
    taken = free.post(f"{other}/amounts", step)

    assert refused["Location"] == f"{basket}/method"
    assert taken.status_code == 303
    with reading():
        amounts = dict(Basket.objects.values_list("items__invoice_id", "items__amount_minor"))
    assert amounts == {whole.pk: 25000, part.pk: 3000}


def test_a_guest_finds_no_kept_method_no_transfer_and_nothing_to_save(door: Door) -> None:
    client = opened(door, made(door.ground.bill("250.00")).token)
    basket = begun(client)

    method = client.get(f"{basket}/method").content.decode()
    client.post(f"{basket}/method", {"version": "1", "method": "card"})
    review = client.get(f"{basket}/review").content.decode()
    kept = client.post(f"{basket}/method", {"version": "2", "method": f"kept:{MISSING}"})
    transfer = client.post(f"{basket}/method", {"version": "2", "method": "transfer"})

    assert 'value="transfer"' not in method
    assert "kept:" not in method
    assert 'name="save"' not in review
    assert (kept.status_code, transfer.status_code) == (422, 422)


def test_the_second_one_is_told_and_nothing_is_paid_twice(door: Door) -> None:
    invoice, buyer = door.ground.bill("250.00"), door.buyer()
    client = opened(door, made(invoice).token)
    basket, mine = begun(client), begin_checkout(buyer, invoice)
    paid(client, basket)

    fields = fields_of(buyer.get(f"{mine}/method").content)
    buyer.post(f"{mine}/method", {"version": fields["version"], "method": "card"})
    second = buyer.post(f"{mine}/pay", fields_of(buyer.get(f"{mine}/review").content))
    other = opened(door, made(invoice).token)

    assert "Somebody with the pay link is paying" in words(second)
    assert "It is being paid at this moment" in words(other.get("/pay"))
    assert other.post("/pay", GUEST).status_code == 409
    with reading():
        assert Payment.objects.count() == 1


def test_a_guest_is_not_told_the_name_of_who_was_faster(door: Door) -> None:
    invoice, buyer = door.ground.bill("250.00"), door.buyer()
    client = opened(door, made(invoice).token)
    basket = begun(client)
    paid(buyer, begin_checkout(buyer, invoice))

    answer = paid(client, basket)

    assert answer.status_code == 409
    assert "Dana" not in answer.content.decode()


@pytest.mark.parametrize("how", ["expired", "revoked"])
def test_a_link_that_is_over_says_so_and_nothing_of_its_invoices(door: Door, how: str) -> None:
    invoice = door.ground.bill("250.00")
    link = made(invoice)
    client = opened(door, link.token)
    basket = begun(client)
    if how == "revoked":
        assert revoke(link.link.pk)
        assert not revoke(link.link.pk)
    else:
        with writing():
            past = clock.now() - timedelta(days=2)
            PayLink.objects.update(created_at=past, expires_at=past + timedelta(days=1))

    for answer in (
        client.get("/pay"), client.post("/pay", GUEST), client.get(f"{basket}/method"),
        client.post(f"{basket}/pay", {"version": "1"}), opened(door, link.token).get("/pay"),
    ):  # fmt: skip
        assert answer.status_code == 410
        assert "This link has ended" in words(answer)
        assert invoice.number not in answer.content.decode()
    with reading():
        assert not Payment.objects.exists()


def test_a_session_ends_after_some_minutes(door: Door) -> None:
    client = opened(door, made(door.ground.bill("250.00")).token)
    session = client.session
    session["pay_link"] = {**session["pay_link"], "until": clock.now().timestamp() - 1}
    session.save()

    answer = client.get("/pay")

    assert answer.status_code == 403
    assert "Open your pay link again" in words(answer)


def test_looking_at_the_address_opens_nothing_and_every_token_looks_alike(door: Door) -> None:
    link, client = made(door.ground.bill("250.00")), door.client()

    real, guess = client.get(f"/pay/{link.token}"), client.get(f"/pay/{'x' * 43}")

    hidden = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|"/pay/[^"]+"|%2Fpay%2F[^"&]+')
    strip = [re.sub(rb"/pay/[\w-]+", b"", hidden.sub(b"", each.content)) for each in (real, guess)]
    assert strip[0] == strip[1]
    assert (real["Referrer-Policy"], real["X-Robots-Tag"]) == ("same-origin", "noindex, nofollow")
    assert "no-store" in real["Cache-Control"]
    assert client.get("/pay").status_code == 403
    with reading():
        assert PayLink.objects.get().opened_at is None


def test_who_guesses_waits_and_a_good_token_opens_also_beside_them(door: Door) -> None:
    link, client = made(door.ground.bill("250.00")), door.client()

    answers = [client.post(f"/pay/{uuid.uuid4()}").status_code for _ in range(21)]

    assert answers == [404] * 20 + [429]
    assert client.post(f"/pay/{link.token}").status_code == 303
    slowed = client.post(f"/pay/{uuid.uuid4()}")
    assert (slowed.status_code, 3000 < int(slowed["Retry-After"]) <= 3600) == (429, True)


def test_a_link_of_another_organization_opens_nothing(door: Door) -> None:
    with make_ground(door.ground.world) as ground, make_door(ground) as other:
        token = made(ground.bill("250.00")).token

        assert door.client().post(f"/pay/{token}").status_code == 404
        assert other.client().post(f"/pay/{token}").status_code == 303


def test_a_token_is_kept_as_a_hash_only(door: Door) -> None:
    link = made(door.ground.bill("250.00"))

    with reading():
        row = PayLink.objects.get()
    assert len(link.token) >= 43
    assert link.token not in str(vars(row))
    assert len(row.token_hash) == 64


def test_a_link_is_of_one_customer_once_and_for_a_month_at_most(door: Door) -> None:
    first, other = door.ground.bill("250.00"), door.ground.bill("40.00", customer=ALPINE)
    key = uuid.uuid4()
    made(first, key=key)

    with pytest.raises(MadeAlready):
        made(first, key=key)
    for invoices in ((first, other), ()):
        with pytest.raises(NothingToPay):
            made(*invoices)
    for days in (0, 31):
        with pytest.raises(NoDays):
            made(first, days=days)


def test_what_a_guest_must_say_is_asked_for(door: Door) -> None:
    client = opened(door, made(door.ground.bill("250.00")).token)

    answer = client.post("/pay", {"name": " ", "mail": "no address"})

    assert answer.status_code == 422
    assert "Write your name" in words(answer)
    assert "Write a mail address" in words(answer)
    assert 'value="no address"' in answer.content.decode()


def test_a_link_waits_after_five_payments_that_came_to_nothing(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    link = made(invoice).link
    guest = Guest(link_id=link.pk, name=GUEST["name"], mail=GUEST["mail"])
    order = replace(
        door.ground.order((invoice, "1.00")), guest=guest, origin=Payment.Origin.PAY_LINK
    )
    said = {"user_id": None, "customer_account_ids": [], "ip": "198.51.100.7"}
    for _ in range(BY_LINK):
        note_try(pay_link_id=link.pk, **said)
        cancel_payment(start_payment(order, key=str(uuid.uuid4())).pk)

    with pytest.raises(TriedTooOften):
        note_try(pay_link_id=link.pk, **said)
    note_try(pay_link_id=made(invoice).link.pk, **said)
