"""Measures the house, each figure beside a limit taken in the same run."""
