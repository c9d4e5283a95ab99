-- Kept apart from the tables: a bulk load drops these, loads, and makes them again.
CREATE INDEX IF NOT EXISTS sales_invoice_number ON sales_invoice (number, posted, id);
CREATE INDEX IF NOT EXISTS sales_invoice_modified ON sales_invoice (lastModifiedDateTime, id);
CREATE INDEX IF NOT EXISTS sales_invoice_status ON sales_invoice (status, number, posted, id);
CREATE INDEX IF NOT EXISTS sales_invoice_status_modified
    ON sales_invoice (status, lastModifiedDateTime, id);
CREATE INDEX IF NOT EXISTS sales_invoice_bill_to ON sales_invoice (billToCustomerId, status);
CREATE INDEX IF NOT EXISTS sales_invoice_customer ON sales_invoice (customerId, status);
CREATE INDEX IF NOT EXISTS sales_invoice_line_document
    ON sales_invoice_line (documentId, sequence);
CREATE INDEX IF NOT EXISTS customer_modified ON customer (lastModifiedDateTime, id);
CREATE INDEX IF NOT EXISTS journal_line_batch ON journal_line (journalId, lineNumber);
CREATE INDEX IF NOT EXISTS general_ledger_entry_document
    ON general_ledger_entry (documentNumber, postingDate);
CREATE INDEX IF NOT EXISTS general_ledger_entry_account ON general_ledger_entry (accountNumber);
CREATE INDEX IF NOT EXISTS general_ledger_entry_modified
    ON general_ledger_entry (lastModifiedDateTime, id);
CREATE INDEX IF NOT EXISTS customer_ledger_entry_document
    ON customer_ledger_entry (documentNumber, customerNumber);
CREATE INDEX IF NOT EXISTS customer_ledger_entry_open
    ON customer_ledger_entry (customerNumber, open);
CREATE INDEX IF NOT EXISTS detailed_ledger_entry_of
    ON detailed_ledger_entry (customerLedgerEntryNumber, amount, amountLCY);
CREATE INDEX IF NOT EXISTS detailed_ledger_entry_customer
    ON detailed_ledger_entry (customerNumber, amount, amountLCY);
CREATE INDEX IF NOT EXISTS detailed_ledger_entry_application
    ON detailed_ledger_entry (applicationNumber) WHERE applicationNumber > 0;
CREATE INDEX IF NOT EXISTS sales_credit_memo_number ON sales_credit_memo (number, posted, id);
CREATE INDEX IF NOT EXISTS sales_credit_memo_modified
    ON sales_credit_memo (lastModifiedDateTime, id);
CREATE INDEX IF NOT EXISTS sales_credit_memo_bill_to
    ON sales_credit_memo (billToCustomerId, status);
CREATE INDEX IF NOT EXISTS sales_credit_memo_line_document
    ON sales_credit_memo_line (documentId, sequence);
CREATE INDEX IF NOT EXISTS sales_order_customer ON sales_order (customerId, status);
CREATE INDEX IF NOT EXISTS sales_order_line_document ON sales_order_line (documentId, sequence);
CREATE INDEX IF NOT EXISTS sales_shipment_customer ON sales_shipment (customerId);
CREATE INDEX IF NOT EXISTS sales_shipment_order ON sales_shipment (orderNumber);
CREATE INDEX IF NOT EXISTS sales_shipment_line_document
    ON sales_shipment_line (documentId, sequence);
CREATE INDEX IF NOT EXISTS contact_related ON contact (relatedId);
CREATE INDEX IF NOT EXISTS attachment_parent ON attachment (parentId);
CREATE INDEX IF NOT EXISTS document_attachment_parent ON document_attachment (parentId);
