"""Every address of the portal with something behind it: a new page is walked to by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.urls import URLPattern

from quittance.core import clock
from quittance.portal.urls import urlpatterns
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.rows import reading, writing
from tests.disputes.quarrels import PDF, disputed, said
from tests.ground import CARD, HARBORLINE
from tests.painting.pictures import png
from tests.portal.mirrored import put_credit, put_invoice
from tests.portal.roles import set_role
from tests.transfers.bank import announced, bank_account
from tests.wallet.wallets import Wallet

if TYPE_CHECKING:
    from django.test import Client

    from tests.portal.doors import Door

ROWS = 60  # of the list: more than a page holds
_SITE = "http://portal"
_NONE = "00000000-0000-7000-8000-000000000000"
_GIVEN = {
    "order": "/orders/SO-102141",  # of the sandbox's ERP
    "why": "/why?what=open&currency=USD",
    "agree": "/wallet/agree?kind=card&currency=USD",
    "open_link": "/pay/any-token-shows-one-button",
    "invited": "/invited/any-token-shows-one-button",
}
# What needs a connection of its own (a seller who shows files, a gateway with fields on our page),
# or a session of its own: of who has opened a pay link; or data that most invoices lack.
_ELSEWHERE = {"attachment": "test_attachments.py", "fields": "test_checkout_fields.py",
              "fields_module": "test_checkout_fields.py", "pay_link": "test_links.py",
              "invitation": "test_invitations.py",
              "sso_back": "../sso/test_oidc.py", "e_invoice_xml": "test_e_invoices.py",
              "e_invoice_pdf": "test_e_invoices.py"}  # fmt: skip
# The table behind an argument whose name does not say it.
_TABLES = {"bundle": "Bundle", "method": "KeptMethod", "file": "DisputeFile"}


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


def fill(door: Door) -> dict[str, str]:
    """Give the buyer Dana one of everything; return addresses that no table holds, by name."""
    from quittance.branding.keep import keep_logo
    from quittance.branding.logos import Logo
    from quittance.disputes.evidence import Evidence
    from quittance.exports import fill as bundles
    from quittance.exports.ask import ask_for
    from quittance.identity.models import Passkey, User
    from quittance.notifications.models import Message
    from quittance.notifications.topics import off_address
    from quittance.payments.baskets import new_baskets

    ground = door.ground
    account = ground.account(HARBORLINE)
    rows = [put_invoice(account, 25_000 + n, number=f"IN-{n}", late=n - 20) for n in range(ROWS)]
    put_credit(account, 5_000)
    real = ground.bill("250.00")
    ground.paid((real, "100.00"))
    ground.pay((ground.bill("80.00"), "80.00"))
    bank_account(ground)
    with reading():
        user = User.objects.get(email="dana@example.test")
    set_role(user.pk, "administer")  # who may do everything sees every page
    announced(ground, ground.bill("75.00"), user=user)
    wallet = Wallet(ground, user)
    wallet.save("card", CARD)
    wallet.start("bank_debit")
    bundles.fill(ask_for("zip", [real.pk, *(each.pk for each in rows[:12])], user_id=user.pk))
    keep_logo(Logo(png(480, 112), 120), None)
    file = Evidence("slip.pdf", "pdf", PDF)
    disputed(ground.bill("90.00"), user, words=said(user, files=[file]))
    new_baskets(account_ids=[account.pk], user_id=user.pk, invoice_ids=[ground.bill("120.50").pk])
    with writing():
        other = User.objects.create(email="other@example.test", name="Robin Vale")
        Passkey.objects.create(
            user=other, name="Phone", host="x", credential_id=b"x", public_key=b"x", sign_count=0,
            created_at=clock.now(),
        )  # fmt: skip
    mail = Message(kind="receipt", account_id=account.pk)
    off = off_address(mail, user.pk, site=_SITE).removeprefix(_SITE)
    return {**_GIVEN, "mails_off": off}


def walk(client: Client, given: Mapping[str, str]) -> list[Found]:
    """Open every address of the portal that opens with GET; each must answer.

    An address with arguments is tried with the rows of the table that the argument names, the
    newest first; fails where none of them leads anywhere. ``given`` is what ``fill`` returned.
    """
    return list(_walk(client, given))


def _walk(client: Client, given: Mapping[str, str]) -> Iterator[Found]:
    lost = {}
    for pattern in urlpatterns:
        if pattern.name in _ELSEWHERE:
            continue
        seen = []
        for address in _addresses(pattern, given):
            answer = client.get(address)
            seen.append(answer.status_code)
            if answer.status_code in {200, 303, 410}:  # gone is told on a page too
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


def _addresses(pattern: URLPattern, given: Mapping[str, str]) -> Iterator[str]:
    route, converters = str(pattern.pattern), list(pattern.pattern.converters)
    if pattern.name in given:
        yield given[str(pattern.name)]
        return
    if not converters:
        yield f"/{route}"
        return
    yield "/" + _filled(route, lambda _name: _NONE)  # enough for what takes a form only
    several = [_rows(each)[: 70 if len(converters) == 1 else 9] for each in converters]
    for row_ids in product(*several):
        chosen = dict(zip(converters, row_ids, strict=True))
        yield "/" + _filled(route, lambda name, chosen=chosen: str(chosen[name]))


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
