"""Makes the organization of a history: its rows, its customers and invoices, its connections."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from quittance.connections.keep import keep_erp_connection, keep_gateway_account
from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.gateways.charges import StartedBy
from quittance.identity.models import User
from quittance.payments.fees import fee_minor, rules_of
from quittance.payments.models import FeeRule, Payment
from quittance.payments.orders import OrderLine, PaymentOrder
from quittance.payments.parts import Use
from quittance.receivables.credits import apply_credits, read_credits
from quittance.receivables.mirror import apply_customers, apply_invoices
from quittance.receivables.models import Contact, CustomerAccount, SyncCursor
from quittance.receivables.pages import this_moment
from quittance.tenancy.models import LegalEntity, Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from quittance.wallet.models import ConsentRecord, KeptMethod
from tests.histories import books, gateway, holding, ledger_page, wishes
from tests.histories.world import Fee, Intent, Order, World

ZONE = "America/Los_Angeles"
AMOUNTS = (1000, 5000, 12_345, 25_000)


def prepare(world: World) -> None:
    """Fill the books and bring them into the mirror, before any fault."""
    rng = world.rng
    world.books.keeps_empty_lines = rng.random() >= world.swarm.rates["empty line deleted"]
    if rng.random() < world.swarm.rates["other currency"]:
        world.books.currency = rng.choice(["JPY", "KWD"])
    for number in range(rng.choice([1, 1, 2])):
        customer = world.books.new_customer(f"C-{number}")
        for _ in range(rng.choice([1, 2, 2, 3])):
            name = f"I-{len(world.books.invoices) + 1}"
            world.books.new_invoice(name, customer, rng.choice(AMOUNTS))
    wishes.prepare(world)
    with working_for(world.organization_id, actor="history"):
        with writing():
            Organization.objects.create(pk=world.organization_id, name="Histories")
            entity = LegalEntity.objects.create(
                name="Histories", zone=ZONE, currency=world.currency
            )
            keep_erp_connection(
                legal_entity_id=entity.pk, kind="business_central", settings=_erp_settings(world)
            )
            account = keep_gateway_account(
                kind="sandbox", name="Gateway", settings=_gateway_settings(world)
            )
            users = [
                User(id=new_id(), email=f"{number}.{world.organization_id.hex}@buyer.example")
                for number in range(2)
            ]
            User.objects.bulk_create(users)
            _make_fee_rule(world)
        world.user_ids = [user.pk for user in users]
        world.legal_entity_id, world.gateway_account_id = entity.pk, account.pk
        world.webhook_path = account.webhook_path
        _fill_mirror(entity.pk)
        _let_pay(world.user_ids)


def _fill_mirror(entity_id: UUID) -> None:
    """Leave what a first reading leaves, in one transaction: that one is proven elsewhere."""
    erp = erp_for(entity_id)
    position, read_at = erp.ledger_position(), this_moment()
    customers, invoices = erp.customers(""), erp.invoices("")
    their_ids = [each.erp_id for each in customers.records]
    credits_ = read_credits(erp, their_ids) or []
    stands = {
        SyncCursor.Stream.CUSTOMERS: {"cursor": customers.cursor},
        SyncCursor.Stream.INVOICES: {"cursor": invoices.cursor},
        SyncCursor.Stream.OPEN_INVOICES: {"ledger_position": position},
        SyncCursor.Stream.CREDITS: {"ledger_position": position},
    }
    with writing():
        apply_customers(customers.records, legal_entity_id=entity_id, read_at=read_at)
        apply_invoices(invoices.records, legal_entity_id=entity_id, read_at=read_at)
        apply_credits(
            credits_, legal_entity_id=entity_id, customer_erp_ids=their_ids, read_at=read_at
        )
        SyncCursor.objects.bulk_create(
            [
                SyncCursor(legal_entity_id=entity_id, stream=stream, first_run_done=True, **stand)
                for stream, stand in stands.items()
            ]
        )


def _let_pay(user_ids: list[UUID]) -> None:
    with writing():
        accounts = CustomerAccount.objects.values_list("pk", flat=True)
        Contact.objects.bulk_create(
            Contact(user_id=user_id, customer_account_id=account_id)
            for account_id in accounts
            for user_id in user_ids
        )


def order_of(world: World, intent: Intent, key: str) -> PaymentOrder:
    """What the buyer confirms: the same form says the same, however often it is sent."""
    if key not in intent.orders:
        parts = wishes.parts_of(world, intent)
        fee = _fee(world, intent, sum(part.money for part in parts))
        intent.orders[key] = Order(parts, fee)
    order = intent.orders[key]
    account, *others = world.accounts_of(intent)
    return PaymentOrder(
        customer_account_id=account,
        other_account_ids=others,
        gateway_account_id=world.gateway_account_id,
        user_id=world.user_ids[intent.user],
        origin=Payment.Origin.AUTOPAY if intent.by_seller else Payment.Origin.CHECKOUT,
        currency=world.currency,
        method=intent.method,
        kept_method_id=world.facts["kept"][intent.customer.id][1] if intent.kept else None,
        started_by=StartedBy.SELLER if intent.by_seller else StartedBy.PAYER,
        lines=[
            OrderLine(
                world.facts["invoices"][part.invoice.id],
                Money(part.money, world.currency),
                discount_minor=part.discount,
                uses=[Use(world.facts["credits"][part.credit.id], part.used)]
                if part.credit
                else [],
            )
            for part in order.parts
        ],
        fee_minor=order.fee,
        return_url=f"{gateway.ADDRESS}/back/{{payment}}",
        cancel_url=f"{gateway.ADDRESS}/back/{{payment}}",
    )


def _make_fee_rule(world: World) -> None:
    rng = world.rng
    if rng.random() >= world.swarm.rates["fee"]:
        return
    rule = Fee(rng.randint(1, 300), rng.choice([0, 0, 7, 50]), rng.choice([None, None, 60]))
    FeeRule.objects.create(
        method="card", currency=world.currency, basis_points=rule.basis_points,
        fixed_minor=rule.fixed, at_most_minor=rule.at_most, valid_from=date(2026, 1, 1),
    )  # fmt: skip
    world.fee = rule


def _fee(world: World, intent: Intent, minor: int) -> int:
    """What the review shows: the portal reckons it."""
    if world.fee is None:
        return 0
    with reading():
        rules = rules_of(world.currency, day=clock.today(ZONE))
    return fee_minor(rules, intent.method, minor)


def _erp_settings(world: World) -> dict[str, str]:
    return {
        "address": books.ADDRESS, "sign_in_address": books.ADDRESS, "tenant": "histories.example",
        "environment": "production", "company_id": books.COMPANY, "client_id": "histories",
        "client_secret": books.SECRET, "local_currency": world.currency,
        "clearing_account": books.CLEARING,
        "ledger_service": ledger_page.SERVICE if world.facts["customer ledger"] else "",
    }  # fmt: skip


def _gateway_settings(world: World) -> dict[str, str]:
    waits = world.rng.random() < world.swarm.rates["held"]
    return {
        "address": gateway.ADDRESS, "api_key": gateway.API_KEY, "webhook_secret": gateway.SECRET,
        "completion": "ours" if waits else "",
    }  # fmt: skip


def keep_methods(world: World) -> None:
    """Let the customers of some histories keep a card, as the wallet leaves it."""
    world.facts["kept"] = {}
    if world.rng.random() >= world.swarm.rates["keeps a card"]:
        return
    with working_for(world.organization_id, actor="history"), writing():
        for customer in world.books.customers.values():
            deed = world.rng.choice(holding.KEPT_DEEDS)
            account_id, user_id = world.facts["accounts"][customer.id], world.user_ids[0]
            consent = ConsentRecord.objects.create(
                customer_account_id=account_id, user_id=user_id, method="card", text="I agree.",
                agreement="unscheduled", amount_rule="what is due", text_version="1", locale="en",
                given_at=clock.now(), ip_address="192.0.2.7", session_hash="x",
            )  # fmt: skip
            method = KeptMethod.objects.create(
                customer_account_id=account_id, gateway_account_id=world.gateway_account_id,
                consent=consent, method="card", gateway_method=holding.token(deed, customer.number),
                gateway_payer="payer_1", brand="Visa", last4="4242", agreement="unscheduled",
                initial_reference="net_1", saved_by_id=user_id,
            )  # fmt: skip
            KeptMethod.objects.filter(pk=method.pk).update(status=KeptMethod.Status.ACTIVE)
            world.facts["kept"][customer.id] = (deed, method.pk)
