"""Plain functions that make what a test is about, with good defaults for the rest."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx

from demo.visitor import Visitor
from quittance.core.money import Money

if TYPE_CHECKING:
    from quittance.erp.base import CustomerRecord
    from quittance.payments.models import Payment
    from quittance.receivables.models import CustomerAccount, Invoice
    from sandbox.business_central.launch import Running as RunningErp
    from sandbox.gateway.launch import Running as RunningGateway

HARBORLINE, EVENTS, ALPINE = "C-10482", "C-10519", "C-20077"
CARD, DECLINED, SLOW_CARD = "4242424242424242", "4000000000000002", "4000000000003600"


@dataclass
class World:
    """Both sandboxes."""

    erp: RunningErp
    gateway: RunningGateway
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=30))

    def clerk(self, deed: str, **facts: object) -> dict[str, Any]:
        """Have the seller's clerk do something in Business Central by hand."""
        answer = self.client.post(f"{self.erp.control_url}/clerk/{deed}", json=facts)
        answer.raise_for_status()
        return answer.json() or {}

    def erp_fault(self, match: str, kind: str, **facts: object) -> None:
        """Have Business Central misbehave at the next matching call."""
        said = {"match": match, "kind": kind, "times": 1, **facts}
        self.client.post(f"{self.erp.control_url}/faults", json=said).raise_for_status()

    def gateway_fault(self, match: str, kind: str, **facts: object) -> None:
        """Have the gateway misbehave at the next matching call."""
        said = {"match": match, "kind": kind, "times": 1, **facts}
        self.client.post(f"{self.gateway.control_url}/faults", json=said).raise_for_status()

    def gateway_ledger(self, reference: str) -> list[dict[str, Any]]:
        """The gateway's own books: every charge under one of our references."""
        answer = self.client.get(
            f"{self.gateway.control_url}/ledger", params={"reference": reference}
        ).raise_for_status()
        charges: list[dict[str, Any]] = answer.json()["charges"]
        return charges

    def erp_ledger(self, document: str) -> list[dict[str, Any]]:
        """Business Central's own books: every entry with this document number."""
        answer = self.client.get(
            f"{self.erp.control_url}/ledger", params={"document": document}
        ).raise_for_status()
        entries: list[dict[str, Any]] = answer.json()["entries"]
        return entries


@dataclass
class Ground:
    """One organization of a test, its scope entered."""

    world: World
    organization_id: uuid.UUID
    legal_entity_id: uuid.UUID
    gateway_account_id: uuid.UUID
    webhook_path: str

    def account(self, number: str = HARBORLINE) -> CustomerAccount:
        """A customer out of the mirror."""
        from quittance.receivables.models import CustomerAccount
        from quittance.tenancy.rows import reading

        with reading():
            return CustomerAccount.objects.get(number=number)

    def bill(self, amount: str = "250.00", *, customer: str = HARBORLINE) -> Invoice:
        """A new invoice, posted by the clerk in the ERP and read into the mirror."""
        made = self.world.clerk("invoice", customer=customer, amount=amount)
        return self.read(made["id"])

    def read(self, erp_id: str) -> Invoice:
        """Read one invoice into the mirror now and return it."""
        from quittance.receivables.models import Invoice
        from quittance.receivables.pull import refresh_invoices
        from quittance.tenancy.rows import reading

        refresh_invoices(self.legal_entity_id, [erp_id], seconds=20)
        with reading():
            return Invoice.objects.select_related("customer_account").get(erp_id=erp_id)

    def pay(
        self, *lines: tuple[Invoice, str], key: str | None = None, method: str = "card"
    ) -> Payment:
        """Confirm a payment of these invoices and amounts; the hosted page comes next."""
        from quittance.payments.checkout import start_payment

        return start_payment(self.order(*lines, method=method), key=key or str(uuid.uuid4()))

    def order(self, *lines: tuple[Invoice, str], method: str = "card") -> Any:
        """What a buyer confirms: these invoices, these amounts."""
        from quittance.payments.models import Payment
        from quittance.payments.orders import OrderLine, PaymentOrder

        first = lines[0][0]
        return PaymentOrder(
            customer_account_id=first.customer_account_id,
            gateway_account_id=self.gateway_account_id,
            user_id=None,
            origin=Payment.Origin.CHECKOUT,
            currency=first.currency,
            method=method,
            lines=[
                OrderLine(invoice.pk, Money.from_decimal(Decimal(amount), invoice.currency))
                for invoice, amount in lines
            ],
            return_url=f"{self.world.gateway.url}/pay/page.css",
            cancel_url=f"{self.world.gateway.url}/pay/page.css",
        )

    def on_page(self, payment: Payment, number: str = CARD) -> None:
        """Do as the payer does on the gateway's page: type a card number and press Pay."""
        from quittance.payments.checkout import redirect_url

        pay_on_page(redirect_url(payment), number)

    def advance(self, payment: Payment) -> Payment:
        """Do what a worker does for one payment, and read it again."""
        from quittance.payments.settle import advance_payment

        advance_payment(payment.pk)
        return self.again(payment)

    def again(self, payment: Payment) -> Payment:
        """Read a payment again."""
        from quittance.tenancy.rows import reading

        with reading():
            payment.refresh_from_db()
        return payment

    def paid(self, *lines: tuple[Invoice, str]) -> Payment:
        """A payment all the way: confirmed, paid by card, posted and read back."""
        payment = self.pay(*lines)
        self.on_page(payment)
        return self.advance(payment)


def pay_on_page(url: str, number: str) -> None:
    """Type a card number on the hosted page and press Pay."""
    visitor = Visitor()
    try:
        visitor.open(url)
        form = visitor.form_with("number", "cvc")
        visitor.submit(
            form, {"number": number, "expiry": "12/39", "cvc": "123", "name": "Dana Okafor"}
        )
    finally:
        visitor.close()


@contextmanager
def make_ground(world: World) -> Iterator[Ground]:
    """Make an organization that is connected to both sandboxes, and enter its scope."""
    from quittance.connections.keep import keep_erp_connection, keep_gateway_account
    from quittance.core.ids import new_id
    from quittance.tenancy.models import LegalEntity, Organization
    from quittance.tenancy.rows import writing
    from quittance.tenancy.scope import working_for

    organization_id = new_id()
    with working_for(organization_id, actor="test"):
        with writing():
            Organization.objects.create(pk=organization_id, name="Northwind Traders")
            entity = LegalEntity.objects.create(
                name="Northwind Traders", zone="America/Los_Angeles", currency="USD"
            )
            keep_erp_connection(
                legal_entity_id=entity.pk, kind="business_central", settings=_erp_settings(world)
            )
            gateway = keep_gateway_account(
                kind="sandbox", name="Gateway", settings=_gateway_settings(world)
            )
        _put_customers(entity.pk, world)
        yield Ground(world, organization_id, entity.pk, gateway.pk, gateway.webhook_path)


def _erp_settings(world: World) -> dict[str, str]:
    return {
        "address": world.erp.url,
        "sign_in_address": world.erp.url,
        "tenant": "contoso.example",
        "environment": "production",
        "company_id": "6f0c1f6e-92a4-4b7a-9d6b-3a1de5c20c7d",
        "client_id": "11111111-1111-1111-1111-111111111111",
        "client_secret": "sandbox-secret",
        "local_currency": "USD",
        "clearing_account": "2910",
        "ledger_service": "Cust_LedgerEntries",
    }


def _gateway_settings(world: World) -> dict[str, str]:
    return {
        "address": world.gateway.url,
        "api_key": "sk_sandbox_demo",
        "webhook_secret": "whsec_dGVzdHMtb25seS10ZXN0cy1vbmx5",
    }


_customers: dict[str, Sequence[CustomerRecord]] = {}  # of an ERP, as the first test found them


def _put_customers(legal_entity_id: uuid.UUID, world: World) -> None:
    """Bring the ERP's customers into the mirror; they are asked for once, for it takes its time."""
    from quittance.connections.open import erp_for
    from quittance.core import clock
    from quittance.receivables.mirror import apply_customers
    from quittance.tenancy.rows import writing

    read_at = clock.now()
    if world.erp.url not in _customers:
        _customers[world.erp.url] = erp_for(legal_entity_id).customers("").records
    with writing():
        apply_customers(_customers[world.erp.url], legal_entity_id=legal_entity_id, read_at=read_at)
