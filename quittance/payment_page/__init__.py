"""Holds what browsers get of the pages on which people pay against what these may load."""
