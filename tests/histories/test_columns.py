"""What writes columns and orders once writes Django's SQL, and reads the same of each row."""

from __future__ import annotations

from typing import Any
from unittest import mock

from django.apps import apps
from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from quittance.core.ids import new_id
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from tests.histories import columns


def _written(asked: QuerySet[Any, Any]) -> tuple[object, ...]:
    """Return a question's SQL, with which columns of its answer are converted."""
    compiler = asked.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    return sql, parameters, sorted(compiler.get_converters(each[0] for each in compiler.select))


def test_columns_that_are_written_once_are_those_of_django(database: None) -> None:
    asked: list[QuerySet[Any, Any]] = []
    for model in apps.get_models():
        every = model._base_manager.all()
        asked += [every, every.order_by("pk").select_for_update(), every.values_list("pk")]
    asked += [Organization.objects.only("name"), Organization.objects.select_related()]
    get_select, get_converters = columns.once()

    with working_for(new_id(), actor="test"), reading():
        usual = [_written(each) for each in asked]
        with (
            mock.patch.object(SQLCompiler, "get_select", get_select),
            mock.patch.object(SQLCompiler, "get_converters", get_converters),
        ):
            first = [_written(each) for each in asked]
            again = [_written(each) for each in asked]

    assert first == again == usual


def _ordered() -> list[QuerySet[Any, Any]]:
    asked: list[QuerySet[Any, Any]] = []
    for model in apps.get_app_config("payments").get_models():
        names = [each.name for each in model._meta.concrete_fields][:4]
        every = model._base_manager.all()
        for name in names:
            asked += [every.order_by(name), every.order_by(f"-{name}", "pk")]
        first = every.order_by(*names[:2])
        asked += [first, first.reverse(), first.distinct(), first[:3]]
        asked += [first.values_list("pk"), every.order_by(F(names[0]).desc(nulls_last=True))]
        asked += [every.annotate(n_=F(names[0])).order_by("n_"), first.union(first)]
    return asked


def test_orders_that_are_written_once_are_those_of_django(database: None) -> None:
    get_order_by = columns.orders_once()

    with working_for(new_id(), actor="test"):  # nothing is asked: no transaction waits meanwhile
        usual = [_written(each) for each in _ordered()]
        with mock.patch.object(SQLCompiler, "get_order_by", get_order_by):
            first = [_written(each) for each in _ordered()]
            again = [_written(each) for each in _ordered()]

    assert first == again == usual
