"""Draws strangers' images anew, so that nothing else of their files lives on."""
