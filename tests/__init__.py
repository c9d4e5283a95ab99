"""Tests. They mirror the house; their names are its rules."""
