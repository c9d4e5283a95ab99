"""The command line of a server: its options, its file and its ports."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from socket import socket
from typing import TypeVar

from sandbox.serving import clock
from sandbox.serving.serve import listen
from sandbox.serving.store import OldState, Store

Kept = TypeVar("Kept", bound=Store)


def new_parser(
    name: str,
    about: str,
    more: str,
    *,
    ports: Mapping[str, str],
    waits: Sequence[tuple[str, float, str]],
) -> argparse.ArgumentParser:
    """Return the options of ``python -m NAME``: ports, the state's directory, and the pace.

    ``ports`` say what each is of; ``waits`` are options in seconds, with default and meaning.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=about, epilog=more)
    for port, what in ports.items():
        told = f"{what}; 0 for a free one"
        parser.add_argument(f"--{port}", type=int, required=True, help=told)
    parser.add_argument("--data", type=Path, required=True, help="directory of the state")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--public-url", default="", help="origin that browsers see, if another")
    for wait, default, what in waits:
        told = f"seconds {what} (%(default)s)"
        parser.add_argument(f"--{wait}", type=float, metavar="S", default=default, help=told)
    return parser


def run(
    name: str,
    options: argparse.Namespace,
    opened: Callable[[Path], Kept],
    ports: Sequence[int],
    serving: Callable[[Kept, list[socket], list[str]], None],
) -> int:
    """Open the state and the ports and serve; returns the exit code.

    ``serving`` gets the store, the listening sockets and their addresses, in the ports' order.
    """
    options.data.mkdir(parents=True, exist_ok=True)
    file = options.data / f"{name.rpartition('.')[2]}.sqlite"
    try:
        store = opened(file)
    except OldState as error:
        print(f"{name}: {error} Delete it to begin anew.", file=sys.stderr)
        return 2
    with contextlib.closing(store):
        try:
            sockets = [listen(options.host, port) for port in ports]
        except OSError as error:
            print(f"{name}: {error.strerror}: choose another port.", file=sys.stderr)
            return 2
        clock.set_ahead(store.setting("clock_ahead", 0.0))
        urls = [f"http://{options.host}:{each.getsockname()[1]}" for each in sockets]
        serving(store, sockets, urls)
    return 0
