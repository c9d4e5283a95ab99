"""Plays a payment gateway: an API, a hosted payment page, webhooks, and faults on request."""
