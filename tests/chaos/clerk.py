"""The seller's clerk: bills, so that there is always something to pay, and books cheques."""

from __future__ import annotations

import threading
from decimal import Decimal
from random import Random

import httpx

from tests.chaos.house import House
from tests.chaos.journal import Journal
from tests.chaos.people import CUSTOMERS, DIGITS

FIRST_BILLS = 10  # for each customer, before the first buyer comes
_SHARE = Decimal("0.2")  # of an invoice that a cheque pays, at most


class Clerk:
    """Works in the ERP, past every proxy."""

    def __init__(self, house: House, random: Random, journal: Journal) -> None:
        self._house, self._random, self._journal = house, random, journal
        self._billed: list[tuple[str, Decimal, int]] = []

    def bill(self, customer: str) -> None:
        """Post a new invoice."""
        digits = DIGITS[CUSTOMERS[customer][0]]
        amount = Decimal(self._random.randint(2_000, 900_000)).scaleb(-digits)
        made = self._house.ask(
            "erp", "POST", "/clerk/invoice", json={"customer": customer, "amount": str(amount)}
        )
        self._billed.append((made["number"], amount, digits))

    def bill_everybody(self) -> None:
        """Post the first invoices."""
        for customer in CUSTOMERS:
            for _ in range(FIRST_BILLS):
                self.bill(customer)

    def book_cheque(self) -> None:
        """Book a part of some invoice, whoever may be paying it just now."""
        number, amount, digits = self._random.choice(self._billed[-60:])
        part = (amount * _SHARE * Decimal(self._random.randint(10, 100)) / 100).quantize(
            Decimal(1).scaleb(-digits)
        )
        if not part:
            return
        said = {"invoice": number, "amount": str(part)}
        made = self._house.ask("erp", "POST", "/clerk/post-payment", json=said)
        self._journal.note("clerk", "cheque", invoice=number, document=made["document"])

    def work(self, closing: threading.Event) -> None:
        """Bill every second or so, and book a cheque now and then."""
        buyers = [customer for customer, (_, count) in CUSTOMERS.items() for _ in range(count)]
        while not closing.wait(self._random.uniform(0.5, 1.5)):
            try:
                self.bill(self._random.choice(buyers))
                if self._random.random() < 0.05:
                    self.book_cheque()
            except httpx.HTTPError:
                continue  # the ERP is down, or the invoice is paid by now
