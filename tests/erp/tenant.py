"""A real tenant as a stage. It books payments there: use a company made for tests."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import httpx
import pytest

from quittance.erp.base import Erp, InvoiceRecord
from quittance.erp.contract import Step, Trouble, all_of
from quittance.erp.registry import fields, open_erp
from tests.erp.looking import Looking

PREFIX = "QUITTANCE_TEST_BUSINESS_CENTRAL_"


def settings() -> dict[str, str]:
    """Return what the environment says, such as ``QUITTANCE_TEST_BUSINESS_CENTRAL_TENANT``."""
    named = {each.name: os.environ.get(PREFIX + each.name.upper(), "") for each in fields(NAME)}
    return {name: value for name, value in named.items() if value}


NAME = "business_central"


@dataclass
class TenantStage(Looking):
    client: httpx.Client
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    _used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.local_currency = settings()["local_currency"]
        self.erp = self.another_worker()

    def another_worker(self) -> Erp:
        return open_erp(NAME, settings(), self.client)

    def with_wrong_secret(self) -> Erp:
        return open_erp(NAME, settings() | {"client_secret": "wrong"}, self.client)

    def unreachable(self) -> Erp:
        nowhere = {"address": "http://127.0.0.1:9", "sign_in_address": "http://127.0.0.1:9"}
        return open_erp(NAME, settings() | nowhere, self.client)

    def open_invoices(self, count: int) -> Sequence[InvoiceRecord]:
        """Return overdue ones, so that no discount is taken for paying in time."""
        of_customer: dict[str, list[InvoiceRecord]] = {}
        for invoice in all_of(self.erp.open_invoices)[0]:
            if invoice.erp_id in self._used or invoice.due_date >= self.today:
                continue
            if invoice.open.currency == self.local_currency and invoice.open.minor > 100:
                of_customer.setdefault(invoice.customer_erp_id, []).append(invoice)
        for found in of_customer.values():
            if len(found) >= count:
                self._used |= {invoice.erp_id for invoice in found[:count]}
                return found[:count]
        pytest.skip(f"no customer has {count} overdue invoices left")

    def trouble(self, kind: Trouble, step: Step) -> None:
        pytest.skip(f"a real tenant cannot be told to make trouble ({kind}, {step})")

    def wait_for_what_is_late(self) -> None:
        return
