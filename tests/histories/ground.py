"""Makes the organization of a history: its rows, its customers and invoices, its connections."""

from __future__ import annotations

from uuid import UUID

from quittance.connections.keep import keep_erp_connection, keep_gateway_account
from quittance.connections.open import erp_for
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.payments.models import Payment
from quittance.payments.orders import OrderLine, PaymentOrder
from quittance.receivables.mirror import apply_customers, apply_invoices
from quittance.receivables.models import SyncCursor
from quittance.receivables.pages import this_moment
from quittance.tenancy.models import LegalEntity, Organization
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import working_for
from tests.histories import books, gateway
from tests.histories.world import Intent, World

AMOUNTS = (1000, 5000, 12_345, 25_000)


def prepare(world: World) -> None:
    """Fill the books and bring them into the mirror, before any fault."""
    rng = world.rng
    for number in range(rng.choice([1, 1, 2])):
        customer = world.books.new_customer(f"C-{number}")
        for _ in range(rng.choice([1, 2, 2, 3])):
            name = f"I-{len(world.books.invoices) + 1}"
            world.books.new_invoice(name, customer, rng.choice(AMOUNTS))
    with working_for(world.organization_id, actor="history"):
        with writing():
            Organization.objects.create(pk=world.organization_id, name="Histories")
            entity = LegalEntity.objects.create(
                name="Histories", zone="America/Los_Angeles", currency="USD"
            )
            keep_erp_connection(
                legal_entity_id=entity.pk, kind="business_central", settings=_erp_settings()
            )
            account = keep_gateway_account(
                kind="sandbox", name="Gateway", settings=_gateway_settings()
            )
            users = [
                User(id=new_id(), email=f"{number}.{world.organization_id.hex}@buyer.example")
                for number in range(2)
            ]
            User.objects.bulk_create(users)
        world.user_ids = [user.pk for user in users]
        world.legal_entity_id, world.gateway_account_id = entity.pk, account.pk
        world.webhook_path = account.webhook_path
        _fill_mirror(entity.pk)


def _fill_mirror(entity_id: UUID) -> None:
    """Leave what a first reading leaves, in one transaction: that one is proven elsewhere."""
    erp = erp_for(entity_id)
    position, read_at = erp.ledger_position(), this_moment()
    customers, invoices = erp.customers(""), erp.invoices("")
    stands = {
        SyncCursor.Stream.CUSTOMERS: {"cursor": customers.cursor},
        SyncCursor.Stream.INVOICES: {"cursor": invoices.cursor},
        SyncCursor.Stream.OPEN_INVOICES: {"ledger_position": position},
        SyncCursor.Stream.CREDITS: {"ledger_position": position},
    }
    with writing():
        apply_customers(customers.records, legal_entity_id=entity_id, read_at=read_at)
        apply_invoices(invoices.records, legal_entity_id=entity_id, read_at=read_at)
        SyncCursor.objects.bulk_create(
            [
                SyncCursor(legal_entity_id=entity_id, stream=stream, first_run_done=True, **stand)
                for stream, stand in stands.items()
            ]
        )


def order_of(world: World, intent: Intent) -> PaymentOrder:
    """What the buyer confirms."""
    return PaymentOrder(
        customer_account_id=world.facts["accounts"][intent.customer.id],
        gateway_account_id=world.gateway_account_id,
        user_id=world.user_ids[intent.user],
        origin=Payment.Origin.CHECKOUT,
        currency="USD",
        method=intent.method,
        lines=[
            OrderLine(world.facts["invoices"][invoice.id], Money(minor, "USD"))
            for invoice, minor in intent.lines
        ],
        return_url=f"{gateway.ADDRESS}/back/{{payment}}",
        cancel_url=f"{gateway.ADDRESS}/back/{{payment}}",
    )


def _erp_settings() -> dict[str, str]:
    return {
        "address": books.ADDRESS, "sign_in_address": books.ADDRESS, "tenant": "histories.example",
        "environment": "production", "company_id": books.COMPANY, "client_id": "histories",
        "client_secret": books.SECRET, "local_currency": "USD",
        "clearing_account": books.CLEARING,
    }  # fmt: skip


def _gateway_settings() -> dict[str, str]:
    return {
        "address": gateway.ADDRESS, "api_key": gateway.API_KEY, "webhook_secret": gateway.SECRET,
    }  # fmt: skip
