"""Takes messages of gateways and ERPs, keeps them, says thank you."""
