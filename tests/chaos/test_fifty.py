"""Fifty people press Pay for one invoice in the same moment, over real HTTP."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo import children
from demo.ports import free_port
from demo.visitor import Unexpected, Visitor
from tests.ground import CARD, HARBORLINE, Ground
from tests.portal.doors import Door, make_door

if TYPE_CHECKING:
    from quittance.receivables.models import Invoice

FIFTY = 50
POLITE = re.compile(r"Another payment for invoice \S+ is under way, so \$0\.00 of it can be paid")


@contextmanager
def serving(door: Door, folder: Path) -> Iterator[str]:
    """``quittance serve`` as operators run it, and its address."""
    import os

    port = free_port()
    environment = {
        **os.environ, "QUITTANCE_POOL": "1", "QUITTANCE_PUBLIC_PORT": str(port),
        "QUITTANCE_STATIC_ROOT": str(folder / "static"),
    }  # fmt: skip
    command, log = ["quittance", "serve", "--port", str(port)], folder / "web.log"
    with children.running("web", command, log=log, environment=environment) as web:
        children.wait_for_answer(web, port, seconds=120)
        yield f"http://{door.host}:{port}"


def at_the_last_step(ground: Ground, invoice: Invoice, web: str) -> list[Visitor]:
    """Fifty signed-in people, each with an own basket of the invoice, looking at its review."""
    from django.contrib.sessions.backends.db import SessionStore

    from quittance.identity.models import User
    from quittance.identity.sign_in import begin_session
    from quittance.payments.baskets import set_method
    from quittance.receivables.models import Contact
    from quittance.tenancy.rows import writing
    from tests.payments.checkouts import new_basket

    account, visitors = ground.account(HARBORLINE), []
    for place in range(FIFTY):
        with writing():
            user = User.objects.create(email=f"buyer{place}@example.test", name="Dana Okafor")
            Contact.objects.create(user=user, customer_account=account)
        session = SessionStore()
        begin_session(session, user)
        session.save()
        basket = new_basket(
            customer_account_id=account.pk, user_id=user.pk, invoice_ids=[invoice.pk]
        )
        set_method(basket.pk, "card", version=basket.version)
        visitor = Visitor()
        visitor._client.timeout = 120
        visitor._client.cookies.set("session", str(session.session_key))
        visitor.open(f"{web}/checkout/{basket.pk}/review")
        visitors.append(visitor)
    return visitors


def press(visitor: Visitor, together: threading.Barrier) -> str:
    """Press Pay when everybody is ready; what came of it, with the words of a refusal."""
    form = visitor.form_with("version", "total")
    together.wait(60)
    try:
        visitor.submit(form)
    except Unexpected:
        page = visitor.page
        assert page is not None
        said = POLITE.search(visitor.text)
        return f"{page.status_code} {'refused politely' if said else visitor.text}"
    return "at the gateway" if "/pay/" in visitor.address else visitor.address


@pytest.mark.slow
@pytest.mark.failure("F03")
def test_of_fifty_people_who_pay_one_invoice_at_once_one_pays_and_the_others_are_told(
    ground: Ground, tmp_path: Path
) -> None:
    from quittance.payments.models import Payment
    from quittance.tenancy.rows import reading

    invoice = ground.bill("480.00")
    with (
        make_door(ground, host=f"{ground.organization_id}.localhost") as door,
        serving(door, tmp_path) as web,
        ThreadPoolExecutor(FIFTY) as threads,
        ExitStack() as stack,
    ):
        visitors = at_the_last_step(ground, invoice, web)
        for each in visitors:
            stack.callback(each.close)
        together = threading.Barrier(FIFTY)
        pressed = [threads.submit(press, each, together) for each in visitors]
        outcomes = [each.result(180) for each in pressed]
        assert sorted(outcomes) == ["409 refused politely"] * (FIFTY - 1) + ["at the gateway"]
        winner = visitors[outcomes.index("at the gateway")]
        card = {"number": CARD, "expiry": "12/39", "cvc": "123", "name": "Dana Okafor"}
        winner.submit(winner.form_with("number", "cvc"), card)

    with reading():
        (payment,) = Payment.objects.filter(allocations__invoice=invoice)
    ground.advance(payment)
    (charge,) = ground.world.gateway_ledger(f"{payment.pk}:1")
    assert charge["gross_minor"] == 48_000
    (entry,) = ground.world.erp_ledger(payment.number)
    assert Decimal(entry["amount"]) == -480
