"""What is done in a shorter way comes to the same."""

from __future__ import annotations

import copy
from typing import Any

import httpx
import pytest
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import BaseExpression, Col
from django.db.models.functions import Coalesce, Now
from httpx import _urlparse

from quittance.tenancy.models import Organization
from tests.histories import quicker

NAME = Organization._meta.get_field("name")


@pytest.mark.parametrize(
    "expression",
    [
        Value(3),
        Col("o", NAME),
        Coalesce(F("name"), Value("")),
        F("name") + Value("."),
        F("name").desc(),
        Case(When(Q(name=""), then=Value(1)), default=Value(2)),
        Subquery(Organization.objects.filter(pk=OuterRef("pk")).values("pk")),
        Now(),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_copy_is_what_copying_makes(expression: BaseExpression) -> None:
    _ = getattr(expression, "convert_value", None)  # kept by whoever asked, and not copied

    short, usual = quicker.copied(expression), copy.copy(expression)

    assert type(short) is type(usual)
    assert short.__dict__ == usual.__dict__
    assert short is not expression


def test_an_address_is_read_once_and_one_that_is_none_is_refused_each_time() -> None:
    read: list[Any] = []

    def read_it(*said: Any, **more: Any) -> Any:
        read.append(said)
        return _urlparse.urlparse(*said, **more)

    once = quicker.parsed_once(read_it)

    assert once("https://erp.example/a?b=c") == once("https://erp.example/a?b=c")
    assert once("https://erp.example/a?b=c") == _urlparse.urlparse("https://erp.example/a?b=c")
    assert len(read) == 1
    for _ in range(2):
        with pytest.raises(httpx.InvalidURL):
            once("https://erp.example/\n")
