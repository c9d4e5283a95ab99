"""Loads the demo company: a seller, its look, its connections, its invoices, four people.

``python -m demo.company`` may run as often as you like; ``--print`` says who can sign in, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final

import django
import httpx

from demo import gateways

if TYPE_CHECKING:
    from quittance.receivables.models import Invoice

ORGANIZATION_ID: Final = uuid.UUID("0190a000-0000-7000-8000-000000000001")
PASSWORD: Final = "correct horse battery"  # noqa: S105 - a demo's, printed for everybody
SELLER: Final = "Northwind Traders"
TENANT, CLIENT = "contoso.example", "11111111-1111-1111-1111-111111111111"
_BRANDS: Final = Path(__file__).parent / "brands"
PEOPLE: Final = (
    (
        "Buyer, Harborline Hotels", "dana@harborline.example", "Dana Okafor", "",
        ("C-10482", "C-10519"),
    ),
    ("Buyer, Alpine Linen", "luca@alpinelinen.example", "Luca Brunner", "", ("C-20077",)),
    (
        "Administrator, Northwind Traders", "ines@northwind.example", "Ines Duarte",
        "administrator", (),
    ),
    ("AR clerk, Northwind Traders", "priya@northwind.example", "Priya Raman", "clerk", ()),
    ("Manager, Northwind Traders", "sam@northwind.example", "Sam Ortiz", "manager", ()),
)  # fmt: skip


def main() -> None:
    """Load, or print."""
    if "--print" in sys.argv:
        print(json.dumps(facts()))
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quittance.project.settings")
    django.setup()
    load()


def facts() -> dict[str, object]:
    """Return the addresses and the sign-ins."""
    web = os.environ["QUITTANCE_DEMO_WEB"]
    return {
        "addresses": {
            "portal": web,
            "back office": f"{web}/office/",
            "Business Central sandbox": os.environ["QUITTANCE_DEMO_BUSINESS_CENTRAL"],
            **gateways.pages(),
        },
        "sign_ins": [
            {
                "who": who, "email": email, "password": PASSWORD,
                "address": f"{web}/office/" if role else f"{web}/",
            }
            for who, email, _, role, _ in PEOPLE
        ],
    }  # fmt: skip


def load() -> None:
    """Bring the demo company into the database, from the sandboxes, over HTTP."""
    from quittance.tenancy.scope import working_for

    with working_for(ORGANIZATION_ID, actor="demo"):
        legal_entity_id = _seller()
        _connect_erp(legal_entity_id)
        gateways.connect_all(os.environ["QUITTANCE_DEMO_WEB"])
        _bank_accounts(legal_entity_id)
        _pull(legal_entity_id)
        _subscribe(legal_entity_id)
        _people()
        _dispute()
        _pay_link()


def _seller() -> uuid.UUID:
    from quittance.branding.logos import LOGO_TYPE, drawn_logo
    from quittance.branding.models import Brand
    from quittance.tenancy.models import Host, LegalEntity, Organization
    from quittance.tenancy.rows import writing

    light, dark = (
        drawn_logo((_BRANDS / f"logo-northwind-{scheme}.svg").read_bytes())
        for scheme in ("light", "dark")
    )
    with writing():
        Organization.objects.get_or_create(pk=ORGANIZATION_ID, defaults={"name": SELLER})
        for host in ("localhost", "127.0.0.1"):
            Host.objects.get_or_create(name=host, defaults={"organization_id": ORGANIZATION_ID})
        entity, _ = LegalEntity.objects.get_or_create(
            name=SELLER, defaults={"zone": "America/Los_Angeles", "currency": "USD"}
        )
        Brand.objects.get_or_create(
            name=SELLER,
            defaults={
                "accent": "#0b5563", "radius": 8,
                "logo_light": light.content, "logo_dark": dark.content,
                "logo_type": LOGO_TYPE, "logo_width": light.width,
                "postal_address": "400 Westlake Ave N, Seattle WA 98109",
                "contact_email": "ar@northwind.example", "contact_phone": "+1 206 555 0142",
            },
        )  # fmt: skip
    return entity.pk


def _connect_erp(legal_entity_id: uuid.UUID) -> None:
    from quittance.connections.keep import keep_erp_connection
    from quittance.tenancy.rows import writing

    address = os.environ["QUITTANCE_DEMO_BUSINESS_CENTRAL"]
    settings = {
        "address": address,
        "sign_in_address": address,
        "tenant": TENANT,
        "environment": "production",
        "company_id": _company_id(address),
        "client_id": CLIENT,
        "client_secret": "sandbox-secret",
        "local_currency": "USD",
        "clearing_account": "2910",
        "ledger_service": "Cust_LedgerEntries",
    }
    with writing():
        keep_erp_connection(
            legal_entity_id=legal_entity_id, kind="business_central", settings=settings
        )


def _company_id(address: str) -> str:
    """Ask the sandbox for its company, as an administrator would in a browser."""
    token = httpx.post(
        f"{address}/{TENANT}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials", "client_id": CLIENT,
            "client_secret": "sandbox-secret",
            "scope": "https://api.businesscentral.dynamics.com/.default",
        },
        trust_env=False,
    ).raise_for_status()  # fmt: skip
    companies = httpx.get(
        f"{address}/v2.0/{TENANT}/production/api/v2.0/companies",
        headers={"Authorization": f"Bearer {token.json()['access_token']}"},
        trust_env=False,
    ).raise_for_status()
    company: str = companies.json()["value"][0]["id"]
    return company


def _bank_accounts(legal_entity_id: uuid.UUID) -> None:
    """Let buyers pay by transfer too; the numbers are examples of the standards, no real ones."""
    from quittance.tenancy.rows import reading
    from quittance.transfers.accounts import Told, keep_account
    from quittance.transfers.models import BankAccount

    with reading():
        if BankAccount.objects.exists():
            return
    place = {"owner": SELLER, "booked_by": "portal"}
    for told in (
        Told(**place, bank_name="Cascade Bank", number="000123456789", bank_code="125000024",
             currency="USD"),
        Told(**place, bank_name="Alpenbank", iban="CH9300762011623852957", currency="EUR",
             street="Bahnhofstrasse", building="1", postal_code="8001", town="Zürich",
             country="CH"),
    ):  # fmt: skip
        keep_account(legal_entity_id, told)


def _pull(legal_entity_id: uuid.UUID) -> None:
    from quittance.receivables.pull import pull_changes

    pull_changes(legal_entity_id)


def _subscribe(legal_entity_id: uuid.UUID) -> None:
    """Have the worker ask for the ERP's hints, as soon as the web server answers its handshake."""
    from quittance.receivables.jobs import subscribe
    from quittance.tenancy.rows import writing

    with writing():
        subscribe.defer(
            organization_id=str(ORGANIZATION_ID), legal_entity_id=str(legal_entity_id),
            base_url=os.environ["QUITTANCE_DEMO_WEB"],
        )  # fmt: skip


def _people() -> None:
    from django.contrib.auth.hashers import make_password

    from quittance.core import clock
    from quittance.identity.models import User
    from quittance.identity.policy import Policy, keep_policy
    from quittance.receivables.models import Contact, CustomerAccount
    from quittance.tenancy.rows import writing

    with writing():
        for _, email, name, role, numbers in PEOPLE:
            user = User.objects.filter(email=email).first() or User.objects.create(
                email=email, name=name, staff_role=role, password=make_password(PASSWORD)
            )
            for account in CustomerAccount.objects.filter(number__in=numbers):
                Contact.objects.get_or_create(
                    user=user, customer_account=account, defaults={"role": "administer"}
                )
    # Who looks around signs in with the password alone; second factors can be added and tried.
    keep_policy(Policy(staff="offered", staff_from=clock.now().date()))


def _due_last(customer: str, *, above: int = 0) -> Invoice | None:
    """Return the open invoice of a customer that is due last, with more open than ``above``."""
    from quittance.receivables.models import Invoice

    own = Invoice.objects.filter(customer_account__number=customer, open_minor__gt=above)
    return own.order_by("-due_date", "number").first()


def _dispute() -> None:
    """Let a buyer dispute a part of the invoice that is due last; loaded again it is the same."""
    from quittance.core.money import Money
    from quittance.disputes.conversation import Said
    from quittance.disputes.models import InvoiceDispute
    from quittance.disputes.opening import Wrong, open_dispute
    from quittance.identity.models import User
    from quittance.tenancy.rows import reading

    with reading():
        known = InvoiceDispute.objects.exists()
        dana = User.objects.get(email="dana@harborline.example")
        invoice = _due_last("C-10482", above=10_000)
    if known or invoice is None:
        return
    said = Said(
        by=dana, key=uuid.uuid4(),
        text="Four cases were missing from the delivery; the driver noted it on the slip.",
    )  # fmt: skip
    wrong = [Wrong(None, Money(invoice.open_minor // 10, invoice.currency))]
    open_dispute(invoice.pk, said, reason="quantity", wrong=wrong, settled_minor=0)


def _pay_link() -> None:
    """Mail a pay link for one invoice, once; the mail lies in the demo's folder."""
    from quittance.identity.models import User
    from quittance.paylinks.making import GOOD_FOR, make_link
    from quittance.paylinks.models import PayLink
    from quittance.tenancy.rows import reading

    with reading():
        known = PayLink.objects.exists()
        priya = User.objects.get(email="priya@northwind.example")
        invoice = _due_last("C-20077")
    if known or invoice is None:
        return
    web = os.environ["QUITTANCE_DEMO_WEB"]
    make_link(
        [invoice.pk], by=priya, key=uuid.uuid4(), days=GOOD_FOR, parts=True,
        send_to="ap@alpinelinen.example", address_of=lambda token: f"{web}/pay/{token}",
    )  # fmt: skip


if __name__ == "__main__":
    main()
