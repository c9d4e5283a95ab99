"""A kept question is made once and asked for everybody, each time with their own values."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet

from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.core.ids import new_id
from quittance.project.environment import env_database
from quittance.tenancy.kept import Kept
from quittance.tenancy.models import LegalEntity, Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import NoScope, working_for


def _entities(entity_id: UUID) -> QuerySet[LegalEntity, Any]:
    return LegalEntity.objects.filter(pk=entity_id).values_list("id", "name", "organization_id")


def _seller(name: str) -> tuple[UUID, UUID]:
    organization_id = new_id()
    with working_for(organization_id, actor="test"), writing():
        Organization.objects.create(pk=organization_id, name=name)
        entity = LegalEntity.objects.create(name=name, zone="UTC", currency="USD")
    return organization_id, entity.pk


@pytest.fixture
def organization(database: None) -> UUID:
    return _seller("Northwind")[0]


def test_each_organization_gets_its_own_rows_from_one_statement(database: None) -> None:
    question = Kept(_entities, UUID)
    for name in ("Northwind", "Contoso"):
        organization_id, entity_id = _seller(name)
        with working_for(organization_id, actor="test"), reading():
            assert question(entity_id) == [(entity_id, name, organization_id)]


def test_a_strangers_id_finds_nothing_even_after_its_owner_has_asked(database: None) -> None:
    question = Kept(_entities, UUID)
    (owner, entity_id), (stranger, _) = _seller("Northwind"), _seller("Contoso")
    with working_for(owner, actor="test"), reading():
        assert question(entity_id)

    with working_for(stranger, actor="test"), reading():
        assert question(entity_id) == []


def test_the_statement_itself_names_the_organization_besides_the_wall(organization: UUID) -> None:
    asked: list[Any] = []
    question = Kept(_entities, UUID)

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(params)
        return execute(sql, params, many, context)

    with working_for(organization, actor="test"), reading(), connection.execute_wrapper(listen):
        question(organization)

    assert asked == [[organization, organization]]


def test_it_is_made_once(organization: UUID) -> None:
    made: list[UUID] = []

    def build(entity_id: UUID) -> QuerySet[LegalEntity, Any]:
        made.append(entity_id)
        return _entities(entity_id)

    question = Kept(build, UUID)
    with working_for(organization, actor="test"), reading():
        question(new_id())
        question(new_id())

    assert len(made) == 1


def test_nobody_asks_without_an_organization() -> None:
    with pytest.raises(NoScope):
        Kept(_entities, UUID)(new_id())


def test_values_that_are_reckoned_with_are_refused(organization: UUID) -> None:
    def build(day: date) -> QuerySet[Organization, Any]:
        created = Organization.objects.filter(created_at__date=day - timedelta(days=1))
        return created.values_list("pk")

    with (
        working_for(organization, actor="test"),
        reading(),
        pytest.raises(ValueError, match="as it was given"),
    ):
        Kept(build, date)(date(2026, 11, 1))


def test_values_come_as_django_reads_them(organization: UUID) -> None:
    """JSON is what the driver alone would leave as text."""

    def build(subject_id: UUID) -> QuerySet[AuditEvent, Any]:
        return AuditEvent.objects.filter(subject_id=subject_id).values_list("facts")

    subject_id = new_id()
    with working_for(organization, actor="test"):
        with writing():
            record_event("tried", subject_id=subject_id, count=3)
        with reading():
            assert Kept(build, UUID)(subject_id) == [({"count": 3},)]


def test_a_connection_that_prepares_has_a_kept_question_planned_once(
    organization: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = Kept(_entities, UUID)
    with working_for(organization, actor="test"), reading():
        monkeypatch.setattr(connection.connection, "prepare_threshold", 0)
        for _ in range(3):
            question(new_id())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT generic_plans + custom_plans FROM pg_prepared_statements"
                " WHERE statement LIKE %s",
                ['SELECT "tenancy_legalentity"."id"%'],
            )
            assert cursor.fetchall() == [(3,)]


def test_a_pool_prepares_and_a_connection_of_one_request_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("A_DATABASE", "postgresql://app:word@db/quittance")

    assert env_database("A_DATABASE", pool=True)["OPTIONS"]["prepare_threshold"]
    assert "prepare_threshold" not in env_database("A_DATABASE", pool=False)["OPTIONS"]
