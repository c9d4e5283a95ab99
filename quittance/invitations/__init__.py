"""Asks people in by a mailed link, and lets each become what he was invited as."""
