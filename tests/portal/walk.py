"""Every address of the portal, and a buyer who has something behind each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from quittance.core import clock
from quittance.portal.urls import urlpatterns
from quittance.tenancy.rows import reading, writing
from tests.approvals.signers import asked, person, ruled
from tests.arrivals.newcomers import ask, at, named, opened
from tests.disputes.quarrels import PDF, disputed, said
from tests.ground import CARD, HARBORLINE
from tests.painting.pictures import png
from tests.payments.checkouts import ready
from tests.portal.mirrored import put_credit, put_invoice
from tests.portal.roles import set_role
from tests.transfers.bank import announced, bank_account
from tests.walk import Found, Table
from tests.wallet.wallets import Wallet

if TYPE_CHECKING:
    from django.test import Client

    from quittance.identity.models import User
    from quittance.receivables.models import Invoice
    from tests.portal.doors import Door

ROWS = 60  # of the list: more than a page holds
_SITE = "http://portal"
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
              "sample_fields": "../payment_page/test_looking.py",
              "sample_module": "../payment_page/test_looking.py",
              "fields_module": "test_checkout_fields.py", "pay_link": "test_links.py",
              "invitation": "test_invitations.py", "join_code": "test_joining.py",
              "join_facts": "test_joining.py", "join_answer": "test_joining.py",
              "sso_back": "../sso/test_oidc.py", "saml_metadata": "../sso/test_saml.py",
              "e_invoice_xml": "test_e_invoices.py",
              "e_invoice_pdf": "test_e_invoices.py",
              "credit_e_invoice_xml": "test_credit_e_invoices.py",
              "credit_e_invoice_pdf": "test_credit_e_invoices.py",
              "guest_receipt": "test_guest_receipts.py"}  # fmt: skip


def fill(door: Door) -> dict[str, str]:
    """Give the buyer Dana one of everything; return addresses that no table holds, by name."""
    from quittance.branding.keep import keep_logo
    from quittance.branding.logos import Logo
    from quittance.disputes.evidence import Evidence
    from quittance.exports import fill as bundles
    from quittance.exports.ask import ask_for
    from quittance.exports.ask_statement import Order, ask_for_statement
    from quittance.exports.statement.make import make
    from quittance.identity.models import Passkey, User
    from quittance.notifications.models import Message
    from quittance.notifications.topics import off_address
    from quittance.payments.baskets import new_baskets

    ground = door.ground
    account = ground.account(HARBORLINE)
    rows = [put_invoice(account, 25_000 + n, number=f"IN-{n}", late=n - 20) for n in range(ROWS)]
    put_credit(account, 5_000)
    real = ground.bill("250.00")
    _somebody_asks(real)
    ground.paid((real, "100.00"))
    ground.pay((ground.bill("80.00"), "80.00"))
    bank_account(ground)
    with reading():
        user = User.objects.get(email="dana@example.test")
    set_role(user.pk, "administer")  # who may do everything sees every page
    announced(ground, ground.bill("75.00"), user=user)
    _told(user)
    wallet = Wallet(ground, user)
    wallet.save("card", CARD)
    wallet.start("bank_debit")
    bundles.fill(ask_for("zip", [real.pk, *(each.pk for each in rows[:12])], user_id=user.pk))
    wish = Order(
        customer_account_id=account.pk, form="pdf", since=None, until=clock.today("UTC"),
        currency="USD", language="en", locale="en_US", site="x.test",
    )  # fmt: skip
    make(ask_for_statement(wish, user_id=user.pk))
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
    return {**_GIVEN, "mails_off": off, "letter": _asked_to_approve(door, user)}


def _somebody_asks(invoice: Invoice) -> None:
    """Let people ask to come in, and one who knows this invoice do so."""
    opened()
    ask(at(), named(invoice))


def _told(user: User) -> None:
    """Have everything that is kept of the person made into a file."""
    from quittance.privacy.asking import ask_for_person
    from quittance.privacy.making import make

    make(ask_for_person(user, by=user))


def _asked_to_approve(door: Door, head: User) -> str:
    """Have Kim ask Dana to approve a payment; return the address in Dana's mail."""
    from quittance.notifications.models import Message

    kim = person(door.ground, "approve", name="Kim Sato")
    ruled(door.ground, by=head.pk)
    asked(ready(door.ground, kim, door.ground.bill("350.00")), kim, note="Please by Friday")
    with reading():
        mail = Message.objects.get(kind="approval_asked", to=head.email)
    return str(mail.facts["address"]).removeprefix("https://portal.example")


def walk(client: Client, given: Mapping[str, str]) -> list[Found]:
    """Open every address of the portal with what ``fill`` returned; each must answer."""
    table = Table(urlpatterns, "/", "tests/portal/walk.py")
    return table.walk(client, given, _ELSEWHERE)
