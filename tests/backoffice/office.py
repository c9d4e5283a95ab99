"""What tests of the back office do again and again."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from quittance.core import clock
from quittance.payments.models import Payment
from quittance.posting.models import ErpPosting
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from tests.portal.doors import Door


def words(answer: Any) -> str:
    """What a person reads on the page."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()))


def action(answer: Any, end: str) -> str:
    """The address of the form on the page that ends so."""
    found = re.search(rf'action="([^"]*/{re.escape(end)})"', answer.content.decode())
    assert found, f"no form for {end}"
    return found[1]


def fields(answer: Any, end: str) -> dict[str, str]:
    """Every input of that form with its value."""
    text = answer.content.decode()
    form = text[text.index(f'action="{action(answer, end)}"') :].split("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        kind, name = re.search(r'type="(\w+)"', tag), re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        choosable = kind is not None and kind[1] in {"radio", "checkbox"}
        if name and not (choosable and " checked" not in tag):
            found[name[1]] = html.unescape(value[1]) if value else ""
    return found


@contextmanager
def blocked(door: Door) -> Iterator[None]:
    """While this lasts, the ERP refuses payments of Harborline."""
    door.ground.world.clerk("block-customer", customer="C-10482", blocked="All")
    try:
        yield
    finally:
        door.ground.world.clerk("block-customer", customer="C-10482", blocked=" ")


def rejected(door: Door, amount: str = "250.00") -> Payment:
    """A payment by card that the ERP has refused, because the customer was blocked."""
    payment = door.ground.pay((door.ground.bill(amount), amount))
    door.ground.on_page(payment)
    with blocked(door):
        return door.ground.advance(payment)


def posting_of(payment: Payment) -> ErpPosting:
    """The posting that stands for the payment now."""
    with reading():
        found = ErpPosting.objects.filter(source_id=payment.pk).order_by("-ordinal").first()
    assert found is not None
    return found


def jobs_of(payment: Payment) -> list[object]:
    """The jobs that wait for a worker to go on with the payment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND args->>'payment_id' = %s",
            [str(payment.pk)],
        )
        return list(cursor.fetchall())


def refused(door: Door, amount: str = "250.00") -> Payment:
    """A payment that the ERP refused a good while ago: nothing of it can be under way there."""
    payment = rejected(door, amount)
    with writing():
        ErpPosting.objects.filter(source_id=payment.pk).update(
            last_sent_at=clock.now() - timedelta(hours=1), lease_until=None
        )
    return payment


def two_persons_above(door: Door, minor: int) -> None:
    """Set the limit of one person, in cents."""
    with writing():
        Organization.objects.filter(pk=door.ground.organization_id).update(
            two_persons_above_minor=minor, two_persons_currency="USD"
        )
