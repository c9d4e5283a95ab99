"""Every address of the back office, and an administrator for whom something is behind each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from quittance.backoffice.urls import urlpatterns
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import fields
from tests.browser import office
from tests.disputes.quarrels import PDF, disputed, said
from tests.ground import CARD, HARBORLINE
from tests.transfers.bank import Came, announced, bank_account, read
from tests.walk import Found, Table
from tests.wallet.wallets import Wallet

if TYPE_CHECKING:
    from django.test import Client

    from tests.portal.doors import Door

ADMINISTRATOR = "ada@example.test"
_ROW = re.compile(r'href="(/office/exceptions/[\w-]+/[\w-]+)')


def fill(door: Door) -> tuple[Client, dict[str, str]]:
    """Make one of everything at a door where nobody is.

    Returns a browser of the administrator Ada, and the addresses that no table holds, by name.
    """
    from quittance.connections.mapping import Rule, keep_rule
    from quittance.disputes.evidence import Evidence
    from quittance.identity.models import User
    from quittance.privacy.asking import ask_for_person
    from quittance.privacy.making import make
    from quittance.sso.providers import Wanted, claim_domain, keep_provider

    buyer = door.person(HARBORLINE)
    ground, number = door.ground, office.fill(door).back.number
    client = door.signed_in(email=ADMINISTRATOR, role="administrator", name="Ada Novak")
    with reading():
        ada = User.objects.get(email=ADMINISTRATOR)
    make(ask_for_person(buyer, by=ada))
    bank_account(ground)
    announced(ground, ground.bill("75.00"), user=buyer)
    read(Came("7.00", text="Thank you"))
    file = Evidence("slip", "pdf", PDF)
    disputed(ground.bill("90.00"), buyer, words=said(buyer, files=[file]))
    Wallet(ground, buyer).save("card", CARD)
    keep_rule(ground.legal_entity_id, Rule(account="2920"))
    _asked_for(door)
    provider = keep_provider(None, Wanted(
        name="Contoso", for_staff=False, issuer="https://login.contoso.example", client_id="portal",
        secret="theirs", customers=[HARBORLINE], roles={"payers": "pay"},
    ))  # fmt: skip
    claim_domain(provider.pk, "contoso.example")
    for form, typed in (
        ("connections/offers", {"method": "card", "offered": "no", "at_least": "5000.00"}),
        ("fees", {"method": "card", "percent": "2.5", "fixed": "0.30"}),
    ):
        sent = fields(client.get(f"/office/{form}/new"), f"{form}/keep") | typed
        kept = client.post(f"/office/{form}/keep", sent | {"currency": "usd"})
        assert kept.status_code == 303, kept.content
    link = client.get(f"/office/links/new?customer={HARBORLINE}")
    chosen = {"invoice": str(ground.bill("60.00").pk), "days": "7"}
    made = client.post("/office/links/keep", fields(link, "links/keep") | chosen)
    assert made.status_code == 200, made.content
    row = _ROW.search(client.get("/office/exceptions").content.decode())
    assert row
    return client, {
        "exception": row[1],
        "payment": f"/office/payments/{number}",
        "refund": f"/office/payments/{number}/refund",
        "new_link": f"/office/links/new?customer={HARBORLINE}",
    }


def _asked_for(door: Door) -> None:
    """Have a colleague wait for a second person's word."""
    from quittance.confirmations.requests import Wish, ask

    ivan = door.person(email="ivan@example.test", role="integrator", name="Ivan Petrov")
    wish = Wish(
        kind="credentials", about="connection:x", title="Settings of Sandbox",
        shown=[("API key", "kept, never shown", "another one")], content={"key": "x"},
        note="The old one leaked",
    )  # fmt: skip
    with writing():
        ask(wish, by=ivan)


def walk(client: Client, given: Mapping[str, str]) -> list[Found]:
    """Open every address of the back office with what ``fill`` returned; each must answer."""
    return Table(urlpatterns, "/office/", "tests/backoffice/walk.py").walk(client, given, {})
