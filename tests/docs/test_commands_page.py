"""The page of commands tells what the programs do."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/commands.md").read_text("utf-8")
EVERY = {
    "* * * * *": "minute", "*/5 * * * *": "5 minutes", "17 * * * *": "hour", "37 * * * *": "hour",
    "40 2 * * *": "night",
    "10 0 * * *": "night",
}  # fmt: skip


def test_the_clocks_work_is_as_often_as_the_page_says() -> None:
    crons = [
        cron
        for file in (ROOT / "quittance").rglob("*.py")
        for cron in re.findall(r'@app\.periodic\(cron="([^"]+)"\)', file.read_text("utf-8"))
    ]
    seconds = {f"* * * * * */{count}": f"{count} s" for count in range(1, 60)}
    table = PAGE.partition("| The worker does by the clock | Every |")[2].partition("\n\n")[0]
    told = re.findall(r"\| ([^|-]+) \|$", table, flags=re.MULTILINE)

    assert len(crons) > 4
    assert sorted((EVERY | seconds)[cron] for cron in crons) == sorted(told)


def test_every_command_of_our_own_is_described_with_its_options() -> None:
    commands = (ROOT / "quittance/project/commands.py").read_text("utf-8")
    main = (ROOT / "quittance/__main__.py").read_text("utf-8")
    own = re.findall(r'"(\w+)"', re.findall(r"_OWN = \{([^}]*)\}", main)[0])
    operators = PAGE.partition("## For operators")[2].partition("## The sandboxes")[0]

    assert set(own) >= {"serve", "worker", "migrate"}
    assert {name for name in own if f"| `{name}` |" not in operators} == set()
    for option, default in re.findall(r'"(--\w+)".*default="?([\w.]+)"?', commands):
        assert f"`{option}` {default}" in operators, option
