"""Runs the servers of a sandbox: their process, connections, ready line, clock and memory."""
