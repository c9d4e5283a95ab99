"""The page of periods is what the code's table says, and every rule is about what is there."""

from __future__ import annotations

import re

import pytest
from django.apps import apps

from docs.personal_data import PAGE, page
from quittance.privacy.rules import RULES, Rule
from quittance.tenancy.models import OrganizationScoped

COLUMNS = {
    model._meta.db_table: {field.column: field for field in model._meta.concrete_fields}
    for model in apps.get_models()
    if issubclass(model, OrganizationScoped)
}


def test_the_page_is_as_the_code_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m docs.personal_data"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_a_rule_counts_from_a_moment_of_its_table_and_empties_only_what_may_be_empty(
    rule: Rule,
) -> None:
    columns = COLUMNS[rule.table]
    moments = {*re.findall(r"\w+", rule.over)} - {"greatest", "least", "coalesce"}

    assert {columns[name].get_internal_type() for name in moments} == {"DateTimeField"}
    for name in rule.empties:
        assert columns[name].get_internal_type() == "CharField"
        assert not columns[name].unique
    for table, column in rule.parts:
        assert column in COLUMNS[table]
    assert rule.keeps.days >= 1


def test_rules_have_names_of_their_own() -> None:
    assert len({rule.key for rule in RULES}) == len(RULES)
