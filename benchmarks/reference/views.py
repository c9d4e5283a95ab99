"""Bare views of the same fifty rows: by the ORM, for a person, and by the SQL that ours sends."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from benchmarks.reference.models import Allocation, Invoice, User

_PAGE = 50
_FIELDS = (
    "pk", "number", "purchase_order", "erp_status", "issued_date", "due_date", "currency",
    "total_minor", "open_minor", "in_flight",
)  # fmt: skip
_SQL = Path(os.environ["BENCH_QUERY"]).read_text()


def by_orm(request: HttpRequest) -> HttpResponse:
    """The list as an ordinary Django view would read it."""
    return render(request, "list.html", {"rows": _rows(request), "name": ""})


def by_person(request: HttpRequest) -> HttpResponse:
    """The same for somebody who is signed in: a session and a person besides."""
    session = SessionStore(request.COOKIES["session"])
    person = User._base_manager.get(pk=session["user"], is_active=True)
    return render(request, "list.html", {"rows": _rows(request), "name": person.name})


def by_sql(request: HttpRequest) -> HttpResponse:
    """The same rows by the SQL itself, without the ORM."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL)
        rows = cursor.fetchall()
    return render(request, "list.html", {"rows": rows[:_PAGE], "name": ""})


def _rows(request: HttpRequest) -> list[Any]:
    alive = Allocation._base_manager.filter(
        organization_id=request.GET["organization"],
        invoice=OuterRef("pk"),
        status__in=["reserved", "consumed"],
    )
    sums = alive.order_by().values("invoice").annotate(sum=Sum("amount_minor")).values("sum")
    rows = (
        Invoice._base_manager.filter(
            organization_id=request.GET["organization"],
            customer_account_id=request.GET["account"],
            erp_status="open",
        )
        .annotate(in_flight=Coalesce(Subquery(sums), 0))
        .order_by("due_date", "pk")
        .values_list(*_FIELDS)[: _PAGE + 1]
    )
    return list(rows)[:_PAGE]
