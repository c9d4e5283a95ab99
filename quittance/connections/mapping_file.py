"""The rules of where payments are booked as a file, for people who keep such things in files.

TOML, one ``[[rule]]`` for each; a part that is left out is "any" or none.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from quittance.connections.mapping import Rule
from quittance.core.errors import RuleBroken
from quittance.erp.connecting import Problem

_PARTS: Final = tuple(each.name for each in fields(Rule))
_HEAD: Final = re.compile(r"\s*\[\[\s*rule\s*\]\]")
_KEY: Final = re.compile(r'\s*"?([A-Za-z_]+)"?\s*=')
_EXPLAINED: Final = """\
# Where payments are booked. The most particular rule that fits a payment counts: one that names
# the gateway before one that names the method, and that before one that names the currency.
# Without any rule that fits, the settings of the connection count.
#   gateway, method, currency   which payments; left out: any
#   account                     the G/L account on which they show in the ledger
#   journal                     a shared journal, posted by a person; left out: one for each payment
#   bank_account                what the shared journal balances on, instead of the account
#   fee_account                 for whoever books the payout
#   dimensions                  such as { AREA = "30" }
"""


class Unreadable(RuleBroken):
    """This file holds no rules, or not in this form."""


@dataclass(frozen=True, slots=True)
class Written:
    """A rule of a file, and in which line it and each of its parts stand."""

    rule: Rule
    line: int
    lines: dict[str, int]

    def where(self, part: str) -> str:
        """Return where a part stands, for a message: "line 12, account"."""
        return f"line {self.lines.get(part, self.line)}, {part}"


def written(rules: Sequence[Rule]) -> str:
    """Return the rules as a file that ``read`` reads."""
    return "\n".join((_EXPLAINED, *map(_one, rules)))


def read(text: str) -> list[Written]:
    """Return the rules of a file. Raises ``Unreadable`` naming the line."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"This is no TOML: {error}.") from None
    rows = told.pop("rule", [])
    if told or not isinstance(rows, list):
        raise Unreadable(f"Only [[rule]] may stand here, not {', '.join(told) or 'rule'}.")
    places = list(_places(text))
    if len(places) != len(rows):
        raise Unreadable("Write each rule under a line [[rule]] of its own.")
    found = [_rule(row, *place) for row, place in zip(rows, places, strict=True)]
    for each in found:
        twins = [other.line for other in found if other.rule.key == each.rule.key]
        if twins[0] != each.line:
            raise Unreadable(f"line {each.line}: the rule of line {twins[0]} is for the same.")
    return found


def difference(old: Sequence[Rule], new: Sequence[Rule]) -> list[str]:
    """Return what changes, a line each; nothing when all stays as it is."""
    before, after = {each.key: each for each in old}, {each.key: each for each in new}
    gone = [f"- {told(before[key])}" for key in before if key not in after]
    come = [f"+ {told(after[key])}" for key in after if key not in before]
    changed = [
        f"~ {told(before[key])}\n  -> {_where(after[key])}"
        for key in before
        if key in after and before[key] != after[key]
    ]
    return [*gone, *changed, *come]


def told(rule: Rule) -> str:
    """Return a rule in a line, for people."""
    what = [rule.gateway or "any gateway", rule.method or "any method"]
    return f"{', '.join([*what, rule.currency or 'any currency'])}: {_where(rule)}"


def told_problem(each: Written, problem: Problem) -> str:
    """Return what is wrong with a rule of a file, and where."""
    return f"{each.where(problem.field)}: {problem.sentence}"


def _where(rule: Rule) -> str:
    parts = [f"account {rule.account}"]
    parts += [f"bank account {rule.bank_account}"] if rule.bank_account else []
    parts += [f"shared journal {rule.journal}" if rule.journal else "a journal of its own"]
    parts += [f"fees on {rule.fee_account}"] if rule.fee_account else []
    parts += [f"{code} {value}" for code, value in sorted(rule.dimensions.items())]
    return ", ".join(parts)


def _one(rule: Rule) -> str:
    lines = ["[[rule]]"]
    for part in _PARTS:
        value = getattr(rule, part)
        if part == "dimensions" and value:
            pairs = (f"{_text(code)} = {_text(told)}" for code, told in sorted(value.items()))
            lines.append(f"dimensions = {{ {', '.join(pairs)} }}")
        elif value:
            lines.append(f"{part} = {_text(value)}")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # a basic string of TOML is written alike


def _places(text: str) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield for each rule its line and those of its parts, both counted from 1."""
    at, parts = 0, dict[str, int]()
    for number, line in enumerate(text.splitlines(), start=1):
        if _HEAD.match(line):
            if at:
                yield at, parts
            at, parts = number, {}
        elif found := _KEY.match(line):
            parts.setdefault(found[1], number)
    if at:
        yield at, parts


def _rule(row: dict[str, Any], line: int, lines: dict[str, int]) -> Written:
    for part, value in row.items():
        where = f"line {lines.get(part, line)}"
        if part not in _PARTS:
            known = ", ".join(_PARTS)
            raise Unreadable(f"{where}: a rule has no {part}. It has: {known}.")
        pairs = value.items() if part == "dimensions" and isinstance(value, dict) else [("", value)]
        if (part == "dimensions") != isinstance(value, dict) or not all(
            isinstance(each, str) for _, each in pairs
        ):
            form = '{ CODE = "VALUE" }' if part == "dimensions" else "a text in quotes"
            raise Unreadable(f"{where}, {part}: write {form}.")
    return Written(Rule(**row), line, lines)
