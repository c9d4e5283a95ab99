"""Every table that names a person is in the table of places, and what it says can be done."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from quittance.core.ids import new_id
from quittance.identity.models import User
from quittance.privacy.places import NOBODY, PLACES, Fate, Place
from quittance.privacy.rules import RULES
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for

MODELS = {
    model._meta.db_table: model
    for model in apps.get_models()
    if issubclass(model, OrganizationScoped)
}
COLUMNS = {
    table: {field.column: field for field in model._meta.concrete_fields}
    for table, model in MODELS.items()
}
# Words by which a column is a person's, or says something of one.
_OF_PEOPLE = re.compile(
    r"(^|_)(email|e_mail|mail|phone|actor|author|ip|user_agent|browser|address)(_|$)|_by$"
    r"|^(sent_to|to|payer_name|on_behalf_of)$"
)
# Columns that sound like it and are none: each with its reason.
_NONE_OF_PEOPLE = {
    "branding_brand.postal_address": "the seller's own",
    "branding_brand.contact_email": "the seller's own",
    "branding_brand.contact_phone": "the seller's own",
    "receivables_customeraccount.email": "the customer's, as the ERP has it",
    "identity_passkeychallenge.browser_hash": "a hash of random letters",
    "transfers_bankaccount.booked_by": "a way of booking",
    "payments_gatewayattempt.started_by": "payer or seller",
    "wallet_keptmethod.stopped_by": "a reversal",
}
_SECRET = re.compile(r"hash|secret|password|salt|token")


def _named(field: models.Field[Any, Any]) -> bool:
    if field.is_relation:
        return field.related_model is User
    texts = {"CharField", "TextField", "EmailField", "GenericIPAddressField", "UUIDField"}
    return field.get_internal_type() in texts and bool(_OF_PEOPLE.search(field.column))


def test_every_table_stands_among_the_places_or_among_those_that_name_nobody() -> None:
    nobody = [table for tables in NOBODY.values() for table in tables]
    places = {place.table for place in PLACES}

    assert len(nobody) == len(set(nobody))
    assert places & set(nobody) == set()
    assert places | set(nobody) == set(MODELS), "say in privacy/places.py whom a table names"


def test_every_column_that_names_a_person_is_covered() -> None:
    told: dict[str, set[str]] = {}
    for place in PLACES:
        told.setdefault(place.table, set()).update(
            place.named_by, place.empties, place.renamed, place.hidden
        )
    open_to = {place.table for place in PLACES}  # a row is told whole, but for what is hidden

    missing = [
        f"{table}.{column}"
        for table, columns in COLUMNS.items()
        for column, field in columns.items()
        if _named(field) and column not in told.get(table, set())
        and not (table in open_to and not field.is_relation)
        and f"{table}.{column}" not in _NONE_OF_PEOPLE
    ]  # fmt: skip

    assert missing == []


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.key)
def test_a_place_speaks_of_columns_that_are_there_and_says_why_what_stays_stays(
    place: Place,
) -> None:
    columns = COLUMNS[place.table]

    for column in (*place.named_by, *place.hidden, *place.empties, *place.renamed, *place.frees):
        assert column in columns, column
    for column in place.empties:
        assert columns[column].get_internal_type() == "CharField"
    for table, column in place.parts:
        assert column in COLUMNS[table]
    assert place.named_by or place.through
    changes = (*place.empties, *place.renamed, *place.frees, *place.cuts)
    assert bool(changes) == (place.fate == Fate.EMPTIED)
    assert bool(place.why) or place.fate != Fate.STAYS


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.key)
def test_no_secret_is_told(place: Place) -> None:
    secret = {
        name
        for name, field in COLUMNS[place.table].items()
        if _SECRET.search(name) or field.get_internal_type() == "BinaryField"
    }

    assert secret <= {*place.hidden, place.file}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.key)
def test_a_places_condition_is_one_that_the_database_knows(place: Place, database: None) -> None:
    with working_for(new_id(), actor="test"), reading(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {place.table} WHERE {place.whose}",
            {"id": new_id(), "actor": "user:x", "mail": "x@example.test"},
        )
        assert cursor.fetchone() == (0,)


def test_keys_are_names_of_files_and_no_two_are_alike() -> None:
    keys = [place.key for place in PLACES]

    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z-]+", key) for key in keys)


def test_what_an_erasure_leaves_has_a_period_or_a_reason() -> None:
    periods = {rule.table for rule in RULES}

    assert [
        place.key
        for place in PLACES
        if place.fate == Fate.STAYS and place.table not in periods and not place.why
    ] == []
