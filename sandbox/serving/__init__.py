"""Runs the servers of a sandbox: their process, their connections, their ready line."""
