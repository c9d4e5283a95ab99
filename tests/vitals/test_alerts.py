"""Every alert is about a metric that we tell, and leads to what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from quittance.vitals.catalogue import EVERY

ROOT = Path(__file__).parents[2]
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
PAGE = (ROOT / "docs/how-to/watch-it.md").read_text("utf-8")
LABELS = {figure.name: {*figure.labels} for figure in EVERY}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_metrics_and_labels_that_we_tell(rule: dict[str, Any]) -> None:
    named = set(re.findall(r"quittance_\w+", rule["expr"]))
    asked = set(re.findall(r"(\w+)!?=~?\"", rule["expr"])) - {"job"}
    told = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    own: set[str] = set().union(*(LABELS[name] for name in named))

    assert named <= LABELS.keys()
    assert named or "up{" in rule["expr"]
    assert asked | told <= own


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do_and_where_to_read_on(rule: dict[str, Any]) -> None:
    said = rule["annotations"]

    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert re.fullmatch(r"[A-Z].+\.", said["summary"])
    assert re.fullmatch(r"[A-Z].+\.", said["runbook"])
    assert said["runbook_url"] == f"docs/how-to/watch-it.md#{rule['alert'].lower()}"
    assert f"\n### {rule['alert']}\n" in PAGE


def test_each_is_there_once_and_the_page_has_no_other() -> None:
    names = [rule["alert"] for rule in RULES]

    assert re.findall(r"^### (\w+)$", PAGE, flags=re.MULTILINE) == names
    assert len({*names}) == len(names)


def test_every_metric_stands_in_the_pages_table() -> None:
    table = PAGE.partition("## What is told")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(quittance_\w+)` \|([^|]*)\|", table, flags=re.MULTILINE))
    told = {name: {*re.findall(r"`(\w+)`", labels)} for name, labels in rows.items()}

    assert told == LABELS | {"quittance_figures_took_seconds": set()}
