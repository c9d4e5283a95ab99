"""Who asks to come in by knowing invoices: the queue, yes and no, and whether people may ask."""
