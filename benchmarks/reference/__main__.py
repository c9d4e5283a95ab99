"""Serves the bare views as ``quittance serve`` serves the house."""

from __future__ import annotations

import argparse

from granian import Granian
from granian.constants import Interfaces


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    Granian(
        "benchmarks.reference.wsgi:application",
        address="127.0.0.1",
        port=chosen.port,
        interface=Interfaces.WSGI,
        workers=chosen.workers,
        blocking_threads=4,
    ).serve()


if __name__ == "__main__":
    main()
