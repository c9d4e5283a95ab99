"""The payers' banks and the gateway's own clerk: money that goes back, and comes, without us."""

from __future__ import annotations

import threading
from collections import Counter
from random import Random
from typing import Any

import httpx

from tests.chaos.house import House
from tests.chaos.journal import Journal

_ACCOUNT = "acct_northwind"
_DEEDS = ("refund", "refund", "return", "dispute", "win", "lose", "late_success")


class Bank:
    """Works at the gateway, past every proxy."""

    def __init__(self, house: House, random: Random, journal: Journal) -> None:
        self._house, self._random, self._journal = house, random, journal
        self._disputes: list[str] = []
        self.counts: Counter[str] = Counter()

    def work(self, closing: threading.Event) -> None:
        """Every few seconds: one deed, if the gateway is there and lets it be done."""
        while not closing.wait(self._random.uniform(2, 6)):
            try:
                self._do(self._random.choice(_DEEDS))
            except httpx.HTTPError:
                continue  # it is down, or says that there is no more to take

    def _do(self, deed: str) -> None:
        if deed in {"win", "lose"}:
            if self._disputes:
                id_ = self._disputes.pop(self._random.randrange(len(self._disputes)))
                self._tell(deed, f"/disputes/{id_}/{deed}")
            return
        wanted = {"failed", "cancelled"} if deed == "late_success" else {"succeeded"}
        known = self._house.ask("gateway", "GET", "/ledger")["payments"]
        found = [p for p in known if p["state"] in wanted and p["account_id"] == _ACCOUNT]
        if not found:
            return
        payment, said = self._random.choice(found[-40:]), {}
        if deed == "refund":
            said = {"amount_minor": self._random.randint(1, payment["amount_minor"])}
        done = self._tell(deed, f"/payments/{payment['id']}/{deed}", **said)
        if deed == "dispute":
            self._disputes.append(done["id"])

    def _tell(self, deed: str, path: str, **said: Any) -> Any:
        done = self._house.ask("gateway", "POST", path, json=said)
        self.counts[deed] += 1
        self._journal.note("bank", f"bank: {deed}", path=path, **said)
        return done
