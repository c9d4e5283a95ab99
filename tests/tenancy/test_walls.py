"""The walls, table by table: generated, so that a new table without one fails."""

from __future__ import annotations

import uuid

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from quittance.core.ids import new_id
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import NoScope, narrowed_to, working_for
from quittance.tenancy.walls import EVERYBODY, STAFF
from tests.tenancy.filled import Filled, fill

# Tables without an organization, each with its reason.
PLATFORM = {
    "django_migrations": "the history of migrations",
    "django_content_type": "names of models",
    "django_session": "sessions; each one names its organization and is refused at another",
    "audit_legal_step": "life cycles; only migrations write",
    "audit_unchained": "ids on their way into the chain while a commit lasts; only triggers write",
}
PLATFORM_PREFIXES = {"procrastinate_": "the queue: ids only, never an amount or a name"}
WALLED = sorted(
    (model for model in apps.get_models() if issubclass(model, OrganizationScoped)),
    key=lambda model: model._meta.db_table,
)
NAMES = [model._meta.db_table for model in WALLED]
OWN_ACCOUNT = [model for model in WALLED if model.wall not in {EVERYBODY, STAFF}]


@pytest.fixture(scope="module")
def two(database: None) -> tuple[Filled, Filled]:
    """Two organizations with a row in every table; the first has two customers."""
    return fill("first"), fill("second")


def _query(sql: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def test_the_application_can_neither_own_nor_bypass(database: None) -> None:
    with transaction.atomic():
        (role,) = _query(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname = current_user"
        )
        owned = _query("SELECT tablename FROM pg_tables WHERE tableowner = current_user")

    assert role == (False, False, False, False)
    assert owned == []


def test_every_table_has_a_wall_or_a_reason_to_have_none(database: None) -> None:
    with transaction.atomic():
        tables = _query(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,"
            " (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid)"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
        )

    open_tables = {str(name) for name, forced, policies in tables if not (forced and policies)}
    unexplained = {
        name
        for name in open_tables - PLATFORM.keys()
        if not name.startswith(tuple(PLATFORM_PREFIXES))
    }
    assert unexplained == set()
    assert set(NAMES) <= {str(name) for name, *_ in tables} - open_tables


@pytest.mark.parametrize("model", WALLED, ids=NAMES)
def test_every_reference_between_walled_rows_includes_the_organization(
    model: type[OrganizationScoped], database: None
) -> None:
    with transaction.atomic():
        found = _query(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid = %s::regclass",
            model._meta.db_table,
        )
    definitions = [str(definition) for (definition,) in found]
    for field in model._meta.concrete_fields:
        target = field.related_model
        if isinstance(target, type) and issubclass(target, OrganizationScoped):
            matching = [text for text in definitions if f"{field.column}) REFERENCES" in text]
            assert matching, field.column
            assert all(text.startswith("FOREIGN KEY (organization_id, ") for text in matching)


@pytest.mark.parametrize("model", WALLED, ids=NAMES)
def test_without_a_scope_there_is_nothing_to_see(
    model: type[OrganizationScoped], two: tuple[Filled, Filled]
) -> None:
    with transaction.atomic():
        assert _query(f"SELECT id FROM {model._meta.db_table}") == []
    with pytest.raises(NoScope):
        model.objects.count()


@pytest.mark.parametrize("model", WALLED, ids=NAMES)
def test_another_organizations_rows_are_not_there(
    model: type[OrganizationScoped], two: tuple[Filled, Filled]
) -> None:
    first, second = two
    table = model._meta.db_table

    with working_for(first.organization_id, actor="test"), reading():
        seen = {row[0] for row in _query(f"SELECT organization_id FROM {table}")}

    assert seen == {first.organization_id}
    assert second.organization_id not in seen


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "INSERT"])
@pytest.mark.parametrize("model", WALLED, ids=NAMES)
def test_another_organizations_rows_cannot_be_changed(
    model: type[OrganizationScoped], verb: str, two: tuple[Filled, Filled]
) -> None:
    first, second = two
    before = second.fingerprint(model)

    _tamper(model, verb, owner=first.organization_id, accounts=None, victim=second)

    assert second.fingerprint(model) == before


@pytest.mark.parametrize("model", OWN_ACCOUNT, ids=lambda model: model._meta.db_table)
def test_another_customers_rows_are_not_there_for_a_buyer(
    model: type[OrganizationScoped], two: tuple[Filled, Filled]
) -> None:
    first, _ = two
    column = model.wall
    with (
        working_for(first.organization_id, actor="test"),
        narrowed_to([first.other_account_id]),
        reading(),
    ):
        seen = {row[0] for row in _query(f"SELECT {column} FROM {model._meta.db_table}")}

    assert seen <= {first.other_account_id}


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "INSERT"])
@pytest.mark.parametrize("model", OWN_ACCOUNT, ids=lambda model: model._meta.db_table)
def test_another_customers_rows_cannot_be_changed_by_a_buyer(
    model: type[OrganizationScoped], verb: str, two: tuple[Filled, Filled]
) -> None:
    first, _ = two
    before = first.fingerprint(model)

    _tamper(
        model, verb, owner=first.organization_id, accounts=[first.other_account_id], victim=first
    )

    assert first.fingerprint(model) == before


@pytest.mark.parametrize(
    "model", [m for m in WALLED if m.wall == STAFF], ids=lambda model: model._meta.db_table
)
def test_what_is_the_staffs_no_buyer_sees(
    model: type[OrganizationScoped], two: tuple[Filled, Filled]
) -> None:
    first, _ = two
    with (
        working_for(first.organization_id, actor="test"),
        narrowed_to([first.account_id]),
        reading(),
    ):
        assert _query(f"SELECT id FROM {model._meta.db_table}") == []


def test_a_reference_to_another_organizations_row_is_refused(two: tuple[Filled, Filled]) -> None:
    from quittance.receivables.models import Contact

    first, second = two
    with (
        pytest.raises(DatabaseError, match="wall"),
        working_for(first.organization_id, actor="test"),
        writing(),
    ):
        Contact.objects.create(user_id=first.user_id, customer_account_id=second.account_id)


def test_a_payment_of_one_customer_cannot_pay_anothers_invoice(
    two: tuple[Filled, Filled],
) -> None:
    from quittance.payments.models import Allocation

    first, _ = two
    with (
        pytest.raises(DatabaseError, match="wall"),
        working_for(first.organization_id, actor="test"),
        writing(),
    ):
        Allocation.objects.create(
            payment_id=first.payment_id, customer_account_id=first.account_id,
            invoice_id=first.other_invoice_id, amount_minor=1, currency="USD",
            open_seen_minor=1, in_flight_seen_minor=0, version_seen=1,
        )  # fmt: skip


def test_the_scope_ends_with_its_transaction(two: tuple[Filled, Filled]) -> None:
    first, _ = two
    with working_for(first.organization_id, actor="test"), reading():
        assert _query("SELECT id FROM receivables_invoice") != []

    with transaction.atomic():
        assert _query("SELECT id FROM receivables_invoice") == []


def test_a_reading_transaction_cannot_write(two: tuple[Filled, Filled]) -> None:
    first, _ = two
    with (
        pytest.raises(DatabaseError, match="read-only"),
        working_for(first.organization_id, actor="test"),
        reading(),
    ):
        _query("UPDATE receivables_invoice SET open_minor = 0")


def _tamper(
    model: type[OrganizationScoped],
    verb: str,
    *,
    owner: uuid.UUID,
    accounts: list[uuid.UUID] | None,
    victim: Filled,
) -> None:
    """Try to change the victim's row as somebody else; a refusal is as good as no effect."""
    table = model._meta.db_table
    row = victim.row_of(model)
    columns = [field.column for field in model._meta.concrete_fields]
    names = ", ".join(columns)
    copied = ", ".join("%s" if name == "id" else name for name in columns)
    statement, values = {
        "UPDATE": (f"UPDATE {table} SET organization_id = organization_id WHERE id = %s", [row]),
        "DELETE": (f"DELETE FROM {table} WHERE id = %s", [row]),
        "INSERT": (
            f"INSERT INTO {table} ({names}) SELECT {copied} FROM {table} WHERE id = %s",
            [new_id(), row],
        ),
    }[verb]
    try:
        with (
            working_for(owner, actor="test", customer_accounts=accounts),
            writing(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values)
            assert cursor.rowcount == 0, "a stranger's statement had an effect"
    except DatabaseError:
        return
