"""``python -m benchmarks.one_sync ORGANIZATION``: the first reading, and how long it waited."""

from __future__ import annotations

import json
import sys
import time
from uuid import UUID

import django

from benchmarks.outside import listening


def main() -> int:
    """Read everything as ``quittance sync`` does; its lines go to stderr, one of JSON to stdout."""
    django.setup()
    from quittance.project.sync import sync

    wrong, begin = 0, time.perf_counter()
    with listening() as waited:
        for count, line in sync(organizations=[UUID(sys.argv[1])]):
            sys.stderr.write(f"{line}\n")
            wrong += count
    seconds = time.perf_counter() - begin
    said = {"seconds": seconds, "waited": waited.seconds, "calls": waited.calls}
    sys.stdout.write(f"{json.dumps(said)}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
