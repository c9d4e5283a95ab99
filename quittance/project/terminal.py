"""Asks a person at a terminal, one line each."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from quittance.erp.connecting import Choice


class NotAnswered(Exception):
    """Nobody is there who could answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Where questions go and answers come from. ``asks`` is false when nobody sits there."""

    source: TextIO
    to: TextIO
    asks: bool

    def say(self, line: str = "") -> None:
        """Write one line."""
        self.to.write(f"{line}\n")

    def ask(self, label: str, *, explained: str = "", default: str = "") -> str:
        """Return what is typed, or ``default`` for an empty line. Raises ``NotAnswered``."""
        if explained:
            self.say(f"\n{explained}")
        return self._read(f"{label}{f' [{default}]' if default else ''}: ") or default

    def secret(self, label: str, *, explained: str = "") -> str:
        """Return what is typed, without showing it. Raises ``NotAnswered``."""
        if self.source is not sys.stdin or not self.source.isatty():
            return self.ask(label, explained=explained)
        self.say(f"\n{explained}")
        return getpass.getpass(f"{label}: ").strip()

    def choose(
        self, label: str, offered: Sequence[Choice], *, explained: str = "", default: str = ""
    ) -> str:
        """Return the value of one of ``offered``, or another that is typed."""
        if not self.asks:
            raise NotAnswered
        for place, choice in enumerate(offered, start=1):
            self.say(f"  {place:>3}  {choice.value}  {choice.label}")
        typed = self.ask(f"{label} (its number in the list, or itself)", explained=explained,
                         default=default)  # fmt: skip
        if typed.isdigit() and 1 <= int(typed) <= len(offered) and typed not in values(offered):
            return offered[int(typed) - 1].value
        return typed

    def _read(self, question: str) -> str:
        if not self.asks:
            raise NotAnswered
        self.to.write(question)
        self.to.flush()
        line = self.source.readline()
        if not line:
            raise NotAnswered
        return line.strip()


def values(offered: Sequence[Choice]) -> set[str]:
    """Return the values of the choices."""
    return {choice.value for choice in offered}
