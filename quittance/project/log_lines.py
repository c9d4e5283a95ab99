"""Lines of the log, without the words that open something by being known."""

from __future__ import annotations

import logging
import re
from typing import Final

# Addresses whose last part is a secret of its own; also quoted inside of another address.
_SECRET: Final = re.compile(
    r"((?:/|%2F)(?:pay|invited|mails(?:/|%2F)off|profile(?:/|%2F)mail)(?:/|%2F))[^\s\"'&?#]+",
    re.IGNORECASE,
)


class Line(logging.Formatter):
    """Writes a record down, and of an address with a secret only that there was one.

    Here, and not in a filter, so that tracebacks go through it, too. Source: security.md, A8.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, and its traceback if it has one."""
        return _SECRET.sub(r"\1...", super().format(record))
