"""What is known of people goes when its time is over, and not a day before."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.apps import apps

from quittance.core.ids import new_id
from quittance.privacy import sweep
from quittance.privacy.jobs import sweep as job
from quittance.privacy.rules import RULES, Rule
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from tests.tenancy.filled import Filled, fill

_OLD = (
    "INSERT INTO identity_passkeychallenge (id, organization_id, challenge, browser_hash, act,"
    " expires_at) SELECT gen_random_uuid(), %s, 'c', 'b', 'a', now() - interval '9 days'"
)
MODELS = {
    model._meta.db_table: model
    for model in apps.get_models()
    if issubclass(model, OrganizationScoped)
}


@pytest.fixture(scope="module")
def filled(database: None) -> Iterator[Filled]:
    """An organization with a row in every table."""
    filled = fill("Privacy")
    with working_for(filled.organization_id, actor="test"):
        yield filled


@pytest.fixture
def admin(request: pytest.FixtureRequest) -> psycopg.Connection:
    """A connection past all walls and triggers, to have time go by."""
    found: psycopg.Connection = request.getfixturevalue("_superuser")
    return found


def _age(admin: psycopg.Connection, filled: Filled, rule: Rule, days: float) -> None:
    """Make the rule's moment of its row so many days ago, and its words something."""
    moments = [
        field
        for field in MODELS[rule.table]._meta.concrete_fields
        if field.get_internal_type() == "DateTimeField"
    ]
    named = [field for field in moments if field.column in rule.over]
    counts = [field.column for field in named if not field.null] or [named[0].column]
    earlier = [field.column for field in moments if not field.null and field not in named]
    changes = [f"{column} = now() - %(age)s * interval '1 day'" for column in counts]
    changes += [f"{column} = now() - interval '9999 days'" for column in earlier]
    changes += [f"\"{column}\" = 'somebody'" for column in rule.empties]
    admin.execute(
        f"UPDATE {rule.table} SET {', '.join(changes)} WHERE id = %(row)s",
        {"age": days, "row": filled.row_of(MODELS[rule.table])},
    )


def _row(filled: Filled, rule: Rule) -> dict[str, Any] | None:
    with reading():
        rows: Any = MODELS[rule.table]._default_manager
        found: dict[str, Any] | None = (
            rows.filter(pk=filled.row_of(MODELS[rule.table])).values().first()
        )
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_a_row_stays_to_its_last_day_and_goes_after_it(
    filled: Filled, admin: psycopg.Connection, rule: Rule
) -> None:
    _age(admin, filled, rule, rule.keeps.days - 0.1)
    assert sweep.due(rule) == []
    assert sweep.let_go(rule) == 0
    before = _row(filled, rule)
    assert before is not None

    _age(admin, filled, rule, rule.keeps.days + 0.1)
    assert sweep.due(rule) == [before["id"]]
    assert _row(filled, rule) is not None, "to look at what is due has let go of it"
    assert sweep.let_go(rule) == 1

    after = _row(filled, rule)
    if rule.empties:
        assert after is not None
        assert {name for name in before if after[name] != before[name]} >= {*rule.empties}
        assert all(after[name] == "" for name in rule.empties)
    else:
        assert after is None
    assert sweep.let_go(rule) == 0


def test_a_rule_takes_what_belongs_to_its_row_and_nothing_of_others(
    filled: Filled, admin: psycopg.Connection
) -> None:
    rule = next(rule for rule in RULES if rule.key == "codes")
    mine, other = new_id(), new_id()
    for organization, row in ((filled.organization_id, mine), (new_id(), other)):
        admin.execute(
            "INSERT INTO identity_signincode (id, organization_id, user_id, code_hash,"
            " browser_hash, expires_at, wrong_tries) VALUES (%s, %s, %s, 'h', 'b',"
            " now() - interval '9 days', 0)",
            [row, organization, filled.user_id],
        )

    assert sweep.let_go(rule) == 1

    left = admin.execute("SELECT id FROM identity_signincode WHERE id = ANY(%s)", [[mine, other]])
    assert [row for (row,) in left] == [other]
    admin.execute("DELETE FROM identity_signincode WHERE id = %s", [other])


def test_many_rows_go_in_steps_and_a_night_has_an_end(
    filled: Filled, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = next(rule for rule in RULES if rule.key == "challenges")
    admin.execute(f"{_OLD} FROM generate_series(1, 25) n", [filled.organization_id])
    monkeypatch.setattr(sweep, "AT_ONCE", 4)

    assert len(sweep.due(rule, at_most=10)) == 10
    assert sweep.let_go(rule) == 25
    assert sweep.due(rule) == []


def test_every_night_all_organizations_are_gone_through(
    filled: Filled, admin: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    admin.execute(_OLD, [filled.organization_id])

    job.func(0)

    assert sweep.due(next(rule for rule in RULES if rule.key == "challenges")) == []
    assert f"1 deleted: challenges ({filled.organization_id})" in caplog.text


def test_the_command_says_what_would_go_and_lets_go_only_when_told_to(
    filled: Filled, admin: psycopg.Connection
) -> None:
    from quittance.project.retention import retention

    admin.execute(_OLD, [filled.organization_id])
    own = {"organizations": [filled.organization_id]}

    def said(*, apply: bool) -> str:
        out = io.StringIO()
        for line in retention(apply=apply, **own):
            out.write(f"{line}\n")
        return out.getvalue()

    assert "1 would be deleted after 1 day: what passkeys were asked to sign" in said(apply=False)
    assert "1 would be deleted after 1 day: what passkeys were asked to sign" in said(apply=False)
    assert "1 deleted after 1 day: what passkeys were asked to sign" in said(apply=True)
    assert "nothing is due" in said(apply=False)
