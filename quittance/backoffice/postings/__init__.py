"""What the ERP rejected, and the way to tell it again."""
