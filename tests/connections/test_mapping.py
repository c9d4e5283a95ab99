"""Which rule a payment follows, and that no rule is kept that the ERP could not follow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError

from quittance.audit.models import AuditEvent
from quittance.connections import mapping_file
from quittance.connections.keep import keep_gateway_account
from quittance.connections.mapping import (
    CannotWork,
    Rule,
    as_written,
    keep_rule,
    remove_rule,
    replace_rules,
    route_for,
    rules_of,
)
from quittance.connections.models import PostingRule
from quittance.core import clock
from quittance.project import commands
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground, World, make_ground


def rows(ground: Ground, *rules: dict[str, Any]) -> None:
    """Rules as they are kept, without asking the ERP."""
    with writing():
        for rule in rules:
            PostingRule.objects.create(
                legal_entity_id=ground.legal_entity_id, checked_at=clock.now(),
                **{"account": "2910"} | rule,
            )  # fmt: skip


def account_for(ground: Ground, **asked: Any) -> str:
    known: dict[str, Any] = {
        "gateway_account_id": ground.gateway_account_id,
        "method": "card",
        "currency": "USD",
    }
    with reading():
        return str(route_for(ground.legal_entity_id, **known | asked).get("account", ""))


def kept(ground: Ground) -> list[Rule]:
    with reading():
        return [as_written(each) for each in rules_of(ground.legal_entity_id)]


def test_a_gateway_that_was_renamed_since_the_check_makes_no_rule_for_any(ground: Ground) -> None:
    rows(ground, {"account": "2920"})

    with pytest.raises(CannotWork, match="no gateway Old name any more"):
        replace_rules(ground.legal_entity_id, [Rule(gateway="Old name", account="2910")])

    assert kept(ground) == [Rule(account="2920")]


def test_the_most_particular_rule_wins_and_the_gateway_counts_most(ground: Ground) -> None:
    gateway = ground.gateway_account_id
    rows(
        ground,
        {"account": "any"},
        {"account": "usd", "currency": "USD"},
        {"account": "card", "method": "card"},
        {"account": "card-eur", "method": "card", "currency": "EUR"},
        {"account": "gateway", "gateway_account_id": gateway},
        {"account": "gateway-eur", "gateway_account_id": gateway, "currency": "EUR"},
    )
    with writing():
        other = keep_gateway_account(kind="sandbox", name="Other", settings={})

    assert account_for(ground) == "gateway"
    assert account_for(ground, currency="EUR") == "gateway-eur"
    assert account_for(ground, gateway_account_id=other.pk) == "card"
    assert account_for(ground, gateway_account_id=other.pk, currency="EUR") == "card-eur"
    assert account_for(ground, gateway_account_id=other.pk, method="bank_debit") == "usd"
    assert account_for(ground, gateway_account_id=None, method="x", currency="JPY") == "any"


def test_without_a_rule_that_fits_the_settings_of_the_connection_count(ground: Ground) -> None:
    rows(ground, {"currency": "EUR"})

    assert account_for(ground) == ""


def test_two_rules_for_the_same_payments_are_refused_by_the_database_too(ground: Ground) -> None:
    rows(ground, {"currency": "EUR"})

    with pytest.raises(IntegrityError, match="posting_rule_once"):
        rows(ground, {"currency": "EUR"})


def test_a_rule_that_cannot_work_is_not_kept_and_says_why(ground: Ground) -> None:
    with pytest.raises(CannotWork, match="does not allow Direct Posting") as refused:
        keep_rule(ground.legal_entity_id, Rule(account="1310"))

    assert [each.field for each in refused.value.problems] == ["account"]
    assert kept(ground) == []


def test_a_rule_is_kept_changed_and_removed_with_a_trace_of_each(ground: Ground) -> None:
    rule = Rule(gateway="Gateway", method="card", account="2920", fee_account="4910")

    row = keep_rule(ground.legal_entity_id, rule)
    keep_rule(ground.legal_entity_id, replace(rule, account="2910"), instead_of=row.pk)
    changed = kept(ground)
    remove_rule(row.pk)

    assert changed == [replace(rule, account="2910")]
    assert kept(ground) == []
    with reading():
        events = list(AuditEvent.objects.filter(subject_id=row.pk).order_by("pk"))
    assert [each.what for each in events] == [
        "posting rule kept", "posting rule kept", "posting rule removed",
    ]  # fmt: skip
    assert events[1].facts["before"]["account"] == "2920"
    assert events[1].facts["now"]["account"] == "2910"


def test_a_second_rule_for_the_same_payments_is_refused(ground: Ground) -> None:
    keep_rule(ground.legal_entity_id, Rule(account="2910"))

    with pytest.raises(CannotWork, match="already"):
        keep_rule(ground.legal_entity_id, Rule(account="2920"))


def test_rules_of_another_organization_are_neither_seen_nor_changed(
    ground: Ground, world: World
) -> None:
    row = keep_rule(ground.legal_entity_id, Rule(account="2910"))

    with make_ground(world) as other:
        theirs = kept(other)
        remove_rule(row.pk)

    assert theirs == []
    assert kept(ground) == [Rule(account="2910")]


RULES = [
    Rule(gateway='The "main" one', method="card", currency="EUR", account="2910",
         dimensions={"AREA": "30", "DEPT": "ADM"}),
    Rule(account="2920", journal="PORTAL", bank_account="GIRO", fee_account="8450"),
]  # fmt: skip


def test_a_file_that_was_written_reads_as_the_same_rules() -> None:
    found = mapping_file.read(mapping_file.written(RULES))

    assert [each.rule for each in found] == RULES
    assert mapping_file.difference(RULES, [each.rule for each in found]) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[rule]]\naccount = 2910\n", "line 2, account: write a text in quotes"),
        ('[[rule]]\naccount = "1"\n\n[[rule]]\naccont = "1"\n', "line 5: a rule has no accont"),
        ('[[rule]]\ndimensions = "AREA"\n', 'line 2, dimensions: write { CODE = "VALUE" }'),
        ('[[rule]]\naccount = "1"\n[[rule]]\naccount = "2"\n', "line 3: the rule of line 1"),
        ('[rules]\naccount = "1"\n', "Only [[rule]] may stand here, not rules"),
        ("[[rule]\n", "no TOML"),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(mapping_file.Unreadable) as refused:
        mapping_file.read(text)

    assert words in str(refused.value)


def run(ground: Ground, act: str, file: Path, *more: str) -> int:
    told = [f"--organization={ground.organization_id}", *more]
    with pytest.raises(SystemExit) as ended:
        commands.mapping([act, str(file), *told])
    return int(str(ended.value.code))


def test_one_error_in_a_file_refuses_all_of_it_naming_line_and_field(
    ground: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[rule]]\naccount = "2910"\n\n[[rule]]\ncurrency = "EUR"\naccount = "1310"\n')

    code = run(ground, "import", file, "--yes")

    assert code == 1
    assert "line 6, account: The G/L account 1310 does not allow" in capsys.readouterr().out
    assert kept(ground) == []


def test_a_file_is_applied_after_what_changes_was_shown(
    ground: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_rule(ground.legal_entity_id, Rule(account="2910"))
    keep_rule(ground.legal_entity_id, Rule(method="card", account="2910"))
    file = tmp_path / "rules.toml"
    run(ground, "export", file)
    text = file.read_text()
    file.write_text(text.replace('method = "card"', 'currency = "EUR"').replace("2910", "2920"))
    capsys.readouterr()

    asked = run(ground, "import", file)
    unchanged, told = kept(ground), capsys.readouterr().out
    applied = run(ground, "import", file, "--yes")
    again = run(ground, "import", file, "--yes")

    assert (asked, applied, again) == (2, 0, 0)
    assert "- any gateway, card, any currency: account 2910" in told
    assert "+ any gateway, any method, EUR: account 2920" in told
    assert "~ any gateway, any method, any currency: account 2910" in told
    assert {each.account for each in unchanged} == {"2910"}
    assert kept(ground) == [Rule(currency="EUR", account="2920"), Rule(account="2920")]
    assert "are so already" in capsys.readouterr().out
