"""Schemathesis at the doors of machines: what others wrote tries what openapi.yaml describes."""
