"""Methods that customers keep."""
