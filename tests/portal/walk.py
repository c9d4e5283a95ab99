"""Every address of the portal with something behind it: a new page is walked to by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.urls import URLPattern

from quittance.portal.urls import urlpatterns
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.rows import reading
from tests.ground import CARD, HARBORLINE
from tests.portal.mirrored import put_credit, put_invoice
from tests.transfers.bank import announced, bank_account
from tests.wallet.wallets import Wallet

if TYPE_CHECKING:
    from django.test import Client

    from tests.portal.doors import Door

ROWS = 60  # of the list: more than a page holds
_NONE = "00000000-0000-7000-8000-000000000000"
_GIVEN = {
    "order": "/orders/SO-102141",  # of the sandbox's ERP
    "why": "/why?what=open&currency=USD",
    "agree": "/wallet/agree?kind=card&currency=USD",
}
# What needs a connection of its own: a seller who shows files, a gateway with fields on our page.
_ELSEWHERE = {"attachment": "test_attachments.py", "fields": "test_checkout_fields.py",
              "fields_module": "test_checkout_fields.py"}  # fmt: skip
# The table behind an argument whose name does not say it.
_TABLES = {"bundle": "Bundle", "method": "KeptMethod", "account": "GatewayAccount"}


@dataclass(frozen=True)
class Found:
    """One address, and what a buyer gets there."""

    name: str
    address: str
    kind: str  # content type without parameters
    content: bytes
    headers: str

    @property
    def is_page(self) -> bool:
        """Whether people read it in a browser."""
        return self.kind == "text/html" and b"<!doctype html>" in self.content[:200]


def fill(door: Door) -> Client:
    """Give a buyer one of everything; return the browser in which they are signed in."""
    from quittance.branding.keep import keep_logo
    from quittance.branding.logos import Logo
    from quittance.exports import fill as bundles
    from quittance.exports.ask import ask_for
    from quittance.identity.models import User
    from tests.portal.doors import begin_checkout

    client, ground = door.buyer(), door.ground
    account = ground.account(HARBORLINE)
    rows = [put_invoice(account, 25_000 + n, number=f"IN-{n}", late=n - 20) for n in range(ROWS)]
    put_credit(account, 5_000)
    real = ground.bill("250.00")
    ground.paid((real, "100.00"))
    ground.pay((ground.bill("80.00"), "80.00"))
    bank_account(ground)
    with reading():
        user = User.objects.get(email="dana@example.test")
    announced(ground, ground.bill("75.00"), user=user)
    wallet = Wallet(ground, user)
    wallet.save("card", CARD)
    wallet.start("bank_debit")
    bundles.fill(ask_for("zip", [real.pk, *(each.pk for each in rows[:12])], user_id=user.pk))
    keep_logo(Logo(b"\x89PNG\r\n\x1a\n", 120), None)
    begin_checkout(client, ground.bill("120.50"))
    return client


def walk(client: Client) -> list[Found]:
    """Open every address of the portal that opens with GET; each must answer.

    An address with arguments is tried with the rows of the table that the argument names, the
    newest first; fails where none of them leads anywhere.
    """
    return list(_walk(client))


def _walk(client: Client) -> Iterator[Found]:
    lost = {}
    for pattern in urlpatterns:
        if pattern.name in _ELSEWHERE:
            continue
        seen = []
        for address in _addresses(pattern):
            answer = client.get(address)
            seen.append(answer.status_code)
            if answer.status_code in {200, 303}:
                yield Found(
                    str(pattern.name), address, answer["Content-Type"].partition(";")[0],
                    _content(answer), str(answer.headers),
                )  # fmt: skip
                break
            if answer.status_code == 405:
                break
        else:
            lost[str(pattern.pattern)] = seen
    assert lost == {}, "Nothing is behind these addresses. Fill them in, in tests/portal/walk.py."


def _content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def _addresses(pattern: URLPattern) -> Iterator[str]:
    route, converters = str(pattern.pattern), list(pattern.pattern.converters)
    if pattern.name in _GIVEN:
        yield _GIVEN[str(pattern.name)]
        return
    if not converters:
        yield f"/{route}"
        return
    yield "/" + _filled(route, lambda _name: _NONE)  # enough for what takes a form only
    for row_id in _rows(converters[0]):
        yield "/" + _filled(route, lambda _name, row_id=row_id: str(row_id))


def _filled(route: str, value: Callable[[str], str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: value(part[1]), route)


def _rows(argument: str) -> list[UUID]:
    """The newest rows of the table that "payment_id" names."""
    stem = argument.removesuffix("_id")
    wanted = _TABLES.get(stem, stem.title().replace("_", ""))
    found = [
        model
        for model in apps.get_models()
        if issubclass(model, OrganizationScoped)
        and (model.__name__ == wanted or (stem not in _TABLES and model.__name__.endswith(wanted)))
    ]
    with reading():
        return [
            row
            for model in found
            for row in model.objects.order_by("-pk").values_list("pk", flat=True)[:70]
        ]
