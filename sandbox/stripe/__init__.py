"""Answers as Stripe does, with pretend money: the parts of its API and pages that we use."""
