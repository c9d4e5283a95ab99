"""Lines of payments in a journal: how we write them, and whether one is as we wrote it."""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from quittance.erp.base import InstructionLine, PaymentInstruction
from quittance.erp.business_central.journals import LINES, path_of
from quittance.erp.business_central.odata import Api
from quittance.erp.business_central.translate import guid

_NO_INVOICE: Final = UUID(int=0)  # an empty relation (3.9)


class Line(msgspec.Struct, rename="camel"):
    """A row of ``customerPayments``."""

    id: UUID
    line_number: int
    customer_id: UUID
    document_number: str
    amount: Decimal
    applies_to_invoice_id: UUID
    applies_to_invoice_number: str

    SELECT = (
        "id,lineNumber,customerId,documentNumber,amount,appliesToInvoiceId,appliesToInvoiceNumber"
    )


class _Added(msgspec.Struct):
    id: UUID


def as_written(number: str) -> str:
    """Return a code field as the ERP writes it: in capitals and without blanks around it."""
    return number.upper().strip()


def is_as_told(line: Line, ours: InstructionLine, instruction: PaymentInstruction) -> bool:
    """Say whether a line that lies there pays what ``ours`` says; its number is not compared."""
    return (
        line.customer_id == guid(instruction.customer_erp_id)
        and line.amount == -ours.amount.decimal
        and _applies_as_told(line, ours)
        and line.document_number == as_written(instruction.document_number)
    )


def add(
    api: Api,
    journal_id: UUID,
    instruction: PaymentInstruction,
    line: InstructionLine,
    *,
    number: int,
) -> None:
    """Write a line with this number. Raises ``Taken`` when there is one with it."""
    body: dict[str, object] = {
        "lineNumber": number,
        "customerId": str(guid(instruction.customer_erp_id)),
        "postingDate": instruction.posting_date,
        "documentNumber": instruction.document_number,
        "externalDocumentNumber": instruction.external_reference,
        "amount": -line.amount.decimal,  # a positive one is taken, and then cannot be posted
        "description": instruction.description,
    }
    if line.invoice_erp_id:  # else it is on account: posted, and applied to nothing (2.6)
        body["appliesToInvoiceId"] = str(guid(line.invoice_erp_id))
    api.post(f"{path_of(api, journal_id)}/{LINES}", body, _Added, entity=LINES)


def _applies_as_told(line: Line, ours: InstructionLine) -> bool:
    """A line on account must name no invoice at all: a number alone would be applied, too (2.4)."""
    if ours.invoice_erp_id:
        return line.applies_to_invoice_id == guid(ours.invoice_erp_id)
    return line.applies_to_invoice_id == _NO_INVOICE and not line.applies_to_invoice_number
