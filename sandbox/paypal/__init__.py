"""Plays PayPal's REST API, as far as we use it: orders, vault, disputes, reports, webhooks."""
