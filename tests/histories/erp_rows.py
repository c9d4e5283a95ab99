"""What the played Business Central keeps: customers, invoices, journals, entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class No(Exception):
    """Business Central says no: a status, a code and words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(slots=True)
class Customer:
    """One customer."""

    id: str
    number: str
    currency: str  # "": the local one
    changed_at: float
    version: int
    blocked: str = "_x0020_"


@dataclass(slots=True)
class Invoice:
    """One posted invoice, amounts in minor units."""

    id: str
    number: str
    customer: Customer
    total: int
    open: int
    changed_at: float
    version: int
    status: str = "Open"
    paid_otherwise_at: float = 0.0  # by a cheque, the last time
    discount: int = 0  # what is taken off a payment that closes it in time
    discount_until: str = ""


@dataclass(slots=True)
class Credit:
    """One posted credit memo, amounts in minor units."""

    id: str
    number: str
    customer: Customer
    total: int
    open: int


@dataclass(slots=True)
class Line:
    """One unposted line of a journal."""

    id: str
    number: int
    values: dict[str, Any] = field(default_factory=dict)  # none: the empty line after a post


@dataclass(slots=True)
class Journal:
    """One batch; ``customerPaymentJournals`` and ``journals`` show the same one."""

    id: str
    code: str
    name: str
    version: int
    lines: dict[int, Line] = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """One posted line, with what it was applied to."""

    number: int
    document: str
    line: int
    invoice: str
    amount: int  # minor units, above zero
    applied: int
    posting_date: str
    customer: str
    at: float
