"""What the buyers saw, written down before they go on: the oracle outside of every database."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Journal:
    """Lines of JSON, each on the disk before ``note`` returns."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._out = file.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._begin = time.monotonic()
        self.counts: Counter[str] = Counter()

    def note(self, who: str, what: str, **facts: Any) -> None:
        """Write one line."""
        at = round(time.monotonic() - self._begin, 3)
        line = json.dumps({"at": at, "who": who, "what": what, **facts})
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()
            os.fsync(self._out.fileno())
            self.counts[what] += 1

    def close(self) -> None:
        """Close the file."""
        self._out.close()


def lines_of(file: Path) -> Iterator[dict[str, Any]]:
    """Read a journal back, oldest first."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
