"""Files of many invoices' PDFs: asked for, followed, taken away."""
