"""A program that speaks clamd's INSTREAM and knows one virus: ``python clamd.py PLACE MODE``.

It prints a line once it listens: "ready" or the port. Sources: clamd(8); eicar.org.
"""

from __future__ import annotations

import socket
import struct
import sys
from pathlib import Path

VIRUS = (
    b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
)  # in two parts

PROGRAM = Path(__file__)


def exactly(line: socket.socket, count: int) -> bytes:
    """Read so many bytes."""
    found = b""
    while len(found) < count:
        more = line.recv(count - len(found))
        if not more:
            raise ConnectionError
        found += more
    return found


def scanned(line: socket.socket) -> bytes:
    """Read one stream and say what it is."""
    if exactly(line, 10) != b"zINSTREAM\0":
        return b"UNKNOWN COMMAND\0"
    content = b""
    while size := struct.unpack("!L", exactly(line, 4))[0]:
        content += exactly(line, size)
    return b"stream: Eicar-Signature FOUND\0" if VIRUS in content else b"stream: OK\0"


def main(place: str, mode: str) -> None:
    """Answer one after the other, until it is ended."""
    if place == "tcp":
        door = socket.create_server(("127.0.0.1", 0))
        print(door.getsockname()[1], flush=True)  # noqa: T201
    else:
        door = socket.socket(socket.AF_UNIX)
        door.bind(place)
        door.listen()
        print("ready", flush=True)  # noqa: T201
    while True:
        line, _ = door.accept()
        with line:
            if mode == "mute":
                continue
            said = scanned(line)
            line.sendall(b"INSTREAM size limit exceeded. ERROR\0" if mode == "broken" else said)


if __name__ == "__main__":
    main(*sys.argv[1:])
