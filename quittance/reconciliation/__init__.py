"""Compares what we, the gateways and the ERP say of the money, and keeps what a person must see."""
