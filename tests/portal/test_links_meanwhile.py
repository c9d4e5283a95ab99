"""What happens to a pay link at the same moment as something else."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.db import connection, connections

from quittance.core import clock
from quittance.paylinks.making import MadeAlready
from quittance.paylinks.models import PayLink
from quittance.payments.models import BasketItem, Payment
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import words
from tests.disputes.quarrels import disputed, person
from tests.payments.together import all_at_once
from tests.portal.doors import Door
from tests.portal.test_links import begun, made, opened, paid


def waits_for_a_row(*, seconds: float = 20.0) -> bool:
    """Whether somebody waits for what this transaction holds, within so many seconds."""
    until = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return True
            time.sleep(0.05)
    return False


def test_a_link_that_is_revoked_while_its_payer_confirms_begins_nothing(door: Door) -> None:
    link = made(door.ground.bill("250.00"))
    client = opened(door, link.token)
    basket = begun(client)

    def press() -> tuple[int, str]:
        try:
            answer = paid(client, basket)
            return answer.status_code, words(answer)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        with writing():
            PayLink.objects.filter(pk=link.link.pk).update(revoked_at=clock.now())
            pressed = thread.submit(press)
            waited = waits_for_a_row()
        status, shown = pressed.result(timeout=60)

    assert waited
    assert status == 410
    assert "This link has ended" in shown
    with reading():
        assert not Payment.objects.exists()


def test_button_and_checkout_say_the_same_of_a_disputed_invoice_and_no_dispute(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    disputed(invoice, person())
    client = opened(door, made(invoice, parts=True).token)

    button = words(client.get("/pay"))
    basket = begun(client)
    step = words(client.get(f"{basket}/amounts"))

    assert "Go on to pay $250.00" in button
    with reading():
        assert BasketItem.objects.get().amount_minor == 25000
    assert "ispute" not in button + step


def test_a_form_that_is_sent_twice_at_once_makes_one_link_and_says_so(door: Door) -> None:
    invoice, clerk, key = (
        door.ground.bill("250.00"),
        person(role="clerk", name="Priya"),
        uuid.uuid4(),
    )

    got = all_at_once(*[partial(made, invoice, by=clerk, key=key) for _ in range(4)])

    assert sum(isinstance(each, MadeAlready) for each in got) == 3
    with reading():
        assert PayLink.objects.count() == 1
