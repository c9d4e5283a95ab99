"""Finds in the books of a stage what a test is about, among the first customers."""

from __future__ import annotations

from itertools import islice

import pytest

from quittance.erp.base import Erp
from quittance.erp.contract import all_of
from quittance.erp.documents import DocumentKind, ShowsDocuments

_LOOKED_AT = 40  # customers
_INVOICES = 500


class Looking:
    """For a stage: customers that have what is asked for. Skips the test where nobody has it."""

    erp: Erp

    def customer_with(self, kind: DocumentKind) -> str:
        """Return a customer who has documents of this kind."""
        erp = self._shown()
        lists = {
            DocumentKind.CREDIT_NOTE: erp.credit_notes,
            DocumentKind.ORDER: erp.orders,
            DocumentKind.SHIPMENT: erp.shipments,
        }
        for erp_id in self._customers():
            if lists[kind](erp_id, most=1):
                return erp_id
        pytest.skip(f"none of the first customers has a document of the kind {kind}")

    def customer_with_people(self) -> str:
        """Return a customer at whom the ERP knows people."""
        for erp_id in self._customers():
            if self._shown().contacts(erp_id):
                return erp_id
        pytest.skip("the ERP knows nobody at the first customers")

    def document_with_file(self) -> tuple[DocumentKind, str]:
        """Return a document on which a file hangs."""
        for invoice in all_of(self.erp.invoices)[0][-_INVOICES:]:
            if self._shown().attachments(DocumentKind.INVOICE, invoice.erp_id):
                return DocumentKind.INVOICE, invoice.erp_id
        pytest.skip("no file hangs on any invoice")

    def _customers(self) -> list[str]:
        found = self.erp.customers("").records
        return [each.erp_id for each in islice(found, _LOOKED_AT)]

    def _shown(self) -> ShowsDocuments:
        assert isinstance(self.erp, ShowsDocuments)
        return self.erp
