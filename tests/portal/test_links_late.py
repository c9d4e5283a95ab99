"""Who paid by a link and comes back late, or when it is over, finds the payment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from quittance.core import clock
from quittance.paylinks.making import revoke
from quittance.payments.models import Payment
from quittance.portal.payer import SEEN_FOR
from quittance.tenancy.rows import reading
from tests.backoffice.office import words
from tests.portal.doors import Door
from tests.portal.test_links import begun, made, opened, paid


def away(client: Client, *, payments_too: bool = False) -> None:
    """Let the minutes of the link pass, and with ``payments_too`` the day of its payments."""
    session = client.session
    past = clock.now().timestamp() - 1
    session["pay_link"] = {**session["pay_link"], "until": past}
    if payments_too:
        session["pay_link_payments"] = dict.fromkeys(session["pay_link_payments"], past)
    session.save()


def begin(door: Door) -> tuple[Client, Any, str, Payment]:
    """A guest at the gateway: browser, link, checkout and payment."""
    link = made(door.ground.bill("250.00"))
    client = opened(door, link.token)
    basket = begun(client)
    paid(client, basket)
    with reading():
        return client, link.link, basket, Payment.objects.get()


@pytest.mark.parametrize("step", ["method", "review", "pay"])
def test_a_checkout_that_became_a_payment_leads_there_when_the_link_is_over(
    door: Door, step: str
) -> None:
    client, link, basket, payment = begin(door)
    revoke(link.pk)

    where = f"{basket}/{step}"
    answer = client.post(where, {"version": "1"}) if step == "pay" else client.get(where)

    assert (answer.status_code, answer["Location"]) == (303, f"/payments/{payment.pk}")
    assert payment.number in words(client.get(answer["Location"]))


def test_no_page_of_a_closed_link_says_that_nothing_was_charged(door: Door) -> None:
    client, link, _basket, _payment = begin(door)
    revoke(link.pk)
    over = client.get("/pay")
    away(client)
    closed = client.get("/pay")

    assert (over.status_code, closed.status_code) == (410, 403)
    for answer in (over, closed):
        assert "Nothing was charged" not in words(answer)
        assert "A payment that you started is kept" in words(answer)


def test_who_was_long_at_the_gateway_comes_back_to_the_payment_and_looks_only(door: Door) -> None:
    client, _link, basket, payment = begin(door)
    away(client)

    back = client.get(f"/payments/{payment.pk}?from=gateway")
    step = client.get(f"{basket}/review")
    cancel = client.post(f"/payments/{payment.pk}/cancel")

    assert back.status_code == 200
    assert payment.number in words(back)
    assert step["Location"] == f"/payments/{payment.pk}"
    assert cancel.status_code == 403
    assert "Open your pay link again" in words(cancel)
    assert client.get("/pay").status_code == 403  # looking prolonged nothing
    with reading():
        assert Payment.objects.get().status != Payment.Status.CANCELLED


def test_who_comes_back_after_a_day_is_asked_for_the_link_and_for_no_sign_in(door: Door) -> None:
    client, _link, basket, payment = begin(door)
    assert client.session.get_expiry_age() == SEEN_FOR // timedelta(seconds=1)
    away(client, payments_too=True)

    for where in (f"/payments/{payment.pk}?from=gateway", f"{basket}/review"):
        answer = client.get(where)
        assert answer.status_code == 403, where
        assert "Open your pay link again" in words(answer)
        assert payment.number not in words(answer)


def test_a_late_guest_sees_no_payment_that_was_begun_elsewhere(door: Door) -> None:
    client, link, _basket, _payment = begin(door)
    other = opened(door, made(door.ground.bill("40.00")).token)
    paid(other, begun(other))
    away(client)
    with reading():
        theirs = Payment.objects.exclude(pay_link_id=link.pk).get()

    assert client.get(f"/payments/{theirs.pk}").status_code == 403
