"""Invoices to pay, and what is paid on them so far."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from quittance.core.money import Money
from quittance.erp.base import InvoiceRecord, PaymentInstruction
from quittance.erp.contract import instruction_for
from tests.erp.stage import SandboxStage


class Books:
    """Three open invoices on which every test pays a little, and what is paid on them so far."""

    def __init__(self, stage: SandboxStage) -> None:
        self.stage = stage
        self.invoices = stage.large_invoices(3)

    def payment(self) -> PaymentInstruction:
        amounts = [Money(minor, "USD") for minor in (100, 201, 302)]
        return instruction_for(self.invoices, today=self.stage.today, amounts=amounts)

    def now(self) -> list[InvoiceRecord]:
        return list(self.stage.erp.read_invoices([each.erp_id for each in self.invoices]))

    @contextmanager
    def posts_once(self, instruction: PaymentInstruction) -> Iterator[None]:
        """What happens inside must end with one posting, whose amounts the invoices show."""
        before = self.now()
        yield
        assert self.stage.erp.find_posting(instruction) is not None
        paid = [was.open - is_.open for was, is_ in zip(before, self.now(), strict=True)]
        assert paid == [line.amount for line in instruction.lines]
