"""All documents of an account in one list: invoices, credit notes, statements, receipts."""
