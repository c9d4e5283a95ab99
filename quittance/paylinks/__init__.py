"""Lets whoever holds a link pay the invoices it names, and nothing else."""
