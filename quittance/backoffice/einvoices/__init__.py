"""What keeps invoices from being offered as e-invoices, for those who can mend it in the ERP."""
