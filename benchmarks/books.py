"""Fills the tables: many organizations' invoices, and among them one buyer who owes a lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from benchmarks.house import HOST, House
from benchmarks.sizes import Sizes

_OTHERS = 20  # organizations besides the buyer's
_A_CUSTOMER = 200  # invoices of everybody else
# Rows as a superuser, who passes walls; checks of references are off for this load only, because
# every row is made from the rows that it names.
_CUSTOMERS = """
CREATE TEMPORARY TABLE bench_account AS
SELECT row_number() OVER () - 1 AS n, uuidv7() AS id, e.organization_id, e.id AS legal_entity_id
FROM tenancy_legalentity e, generate_series(1, %(each)s::int);
INSERT INTO receivables_customeraccount (id, organization_id, legal_entity_id, erp_id, erp_etag,
    number, name, email, currency, blocked, changed_at, synced_at)
SELECT id, organization_id, legal_entity_id, id::text, '1', 'C-' || lpad(n::text, 6, '0'),
    'Customer ' || n, '', 'USD', false, now(), now()
FROM bench_account;
"""
# Row by row as time goes by, so a customer's invoices lie scattered over the table, as they would.
_INVOICES = """
INSERT INTO receivables_invoice (id, organization_id, legal_entity_id, customer_account_id, erp_id,
    erp_etag, number, purchase_order, order_number, erp_status, issued_date, due_date, currency,
    total_minor, tax_minor, open_minor, version, changed_at, synced_at)
SELECT uuidv7(), coalesce(a.organization_id, %(organization)s),
    coalesce(a.legal_entity_id, %(legal_entity)s), coalesce(a.id, %(account)s),
    gen_random_uuid()::text, 'W/"' || md5(i::text) || '"', 'S-INV' || lpad(i::text, 8, '0'),
    CASE WHEN i %% 3 > 0 THEN 'PO-' || lpad((i * 7 %% 9999999)::text, 7, '0') ELSE '' END,
    'S-ORD' || lpad(i::text, 8, '0'), CASE WHEN is_open THEN 'open' ELSE 'paid' END,
    due - 30, due, 'USD', total, total / 10,
    CASE WHEN is_open THEN CASE WHEN i %% 10 = 0 THEN total / 2 ELSE total END ELSE 0 END,
    1, now() - interval '1 day', now()
FROM (
    SELECT i, i %% %(stride)s = 0 AND i / %(stride)s <= %(buyers)s AS is_buyers,
        CASE WHEN i %% %(stride)s = 0 AND i / %(stride)s <= %(buyers)s
            THEN i / %(stride)s > %(buyers)s - %(buyer_open)s ELSE i %% 25 = 0 END AS is_open,
        1000 + (i * 7919 %% 900000)::bigint AS total,
        CASE WHEN i %% %(stride)s = 0 AND i / %(stride)s > %(buyers)s - %(buyer_open)s
            THEN current_date - 60 + (i / %(stride)s %% 120)::int
            ELSE current_date - 900 + (i * 900 / %(invoices)s)::int END AS due
    FROM generate_series(1, %(invoices)s::bigint) AS i
) AS made
LEFT JOIN bench_account a ON NOT is_buyers AND a.n = i * 104729 %% %(accounts)s
ORDER BY i
"""


@dataclass(frozen=True, slots=True)
class Buyer:
    """The signed-in buyer: the cookie's value, and what is theirs."""

    organization_id: UUID
    legal_entity_id: UUID
    account_id: UUID
    user_id: UUID
    session: str


def fill(house: House, sizes: Sizes) -> Buyer:
    """Make everything, once a run; about a minute for a million invoices."""
    from django.db import connections

    for _ in range(_OTHERS):
        _organization("Somebody Else")
    organization_id, legal_entity_id = _organization("Northwind Traders", host=HOST)
    account_id = _load(house, sizes, organization_id, legal_entity_id)
    user_id, session = _buyer(organization_id, legal_entity_id, account_id)
    connections.close_all()
    return Buyer(organization_id, legal_entity_id, account_id, user_id, session)


def _organization(name: str, *, host: str = "") -> tuple[UUID, UUID]:
    from quittance.branding.models import Brand
    from quittance.core.ids import new_id
    from quittance.tenancy.models import Host, LegalEntity, Organization
    from quittance.tenancy.rows import writing
    from quittance.tenancy.scope import working_for

    organization_id = new_id()
    with working_for(organization_id, actor="bench"), writing():
        Organization.objects.create(pk=organization_id, name=name)
        entity = LegalEntity.objects.create(name=name, zone="America/Los_Angeles", currency="USD")
        Brand.objects.create(name=name, accent="#0b6b57", contact_email="ar@northwind.example")
        if host:
            Host.objects.create(name=host, organization_id=organization_id)
    return organization_id, entity.pk


def _load(house: House, sizes: Sizes, organization_id: UUID, legal_entity_id: UUID) -> UUID:
    from quittance.core.ids import new_id

    account_id, each = new_id(), max(1, sizes.invoices // _A_CUSTOMER // (_OTHERS + 1))
    buyers = sizes.buyer_open + sizes.buyer_closed
    facts = {
        "organization": organization_id, "legal_entity": legal_entity_id, "account": account_id,
        "invoices": sizes.invoices, "stride": sizes.invoices // buyers, "buyers": buyers,
        "buyer_open": sizes.buyer_open, "each": each,
    }  # fmt: skip
    with house.admin() as admin:
        admin.execute("SET session_replication_role = replica")
        for statement in _CUSTOMERS.strip().split(";\n"):
            admin.execute(statement.encode(), facts)
        row = admin.execute("SELECT count(*) FROM bench_account").fetchone()
        admin.execute(_ACCOUNT, facts)
        admin.execute(_INVOICES, facts | {"accounts": row[0] if row else 0})
        admin.execute("SET session_replication_role = DEFAULT")
        admin.execute("VACUUM (ANALYZE)")
    return account_id


_ACCOUNT = """
INSERT INTO receivables_customeraccount (id, organization_id, legal_entity_id, erp_id, erp_etag,
    number, name, email, currency, blocked, changed_at, synced_at)
VALUES (%(account)s, %(organization)s, %(legal_entity)s, 'buyer', '1', 'C-BUYER',
    'Harborline Hotels', '', 'USD', false, now(), now())
"""


def _buyer(organization_id: UUID, legal_entity_id: UUID, account_id: UUID) -> tuple[UUID, str]:
    """A person with a session, and a mirror that is fresh for as long as we measure."""
    from django.contrib.sessions.backends.db import SessionStore

    from quittance.core import clock
    from quittance.identity.models import User
    from quittance.identity.sign_in import begin_session
    from quittance.receivables.models import Contact, SyncCursor
    from quittance.tenancy.rows import writing
    from quittance.tenancy.scope import working_for

    with working_for(organization_id, actor="bench"):
        with writing():
            user = User.objects.create(email="dana@harborline.example", name="Dana Okafor")
            Contact.objects.create(user=user, customer_account_id=account_id)
            for stream in SyncCursor.Stream:
                SyncCursor.objects.create(
                    legal_entity_id=legal_entity_id, stream=stream, first_run_done=True,
                    succeeded_at=clock.now() + timedelta(minutes=30),
                )  # fmt: skip
        session = SessionStore()
        begin_session(session, user)
        session.save()
    return user.pk, str(session.session_key)
