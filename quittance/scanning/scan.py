"""Gives a file to the operator's scanner: a program that reads it, or clamd by its own protocol.

Sources: security.md, I9; clamd(8), INSTREAM.
"""

from __future__ import annotations

import shlex
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

CLAMD: Final = "clamd:"
_CLEAN, _INFECTED = 0, 1  # exit codes, those of clamscan and clamdscan
_CHUNK: Final = 64 * 1024
_MOST_ANSWER: Final = 4096  # bytes: a name and a word


class NoVerdict(Exception):
    """The scanner did not say. Whoever sent the file may send it again."""


def is_clean(content: bytes, scanner: str, *, seconds: float = 20.0) -> bool:
    """Return whether the scanner finds nothing; without a scanner ("") nothing is looked at.

    ``scanner`` is a command, which gets the file on its standard input and none of our environment
    and ends with 0 (clean) or 1 (infected); or ``clamd:/path/of/its.sock``, ``clamd:host:3310``.
    Takes up to ``seconds``, so never inside a transaction. Raises ``NoVerdict`` for anything else.
    """
    if not scanner:
        return True
    if scanner.startswith(CLAMD):
        return _by_clamd(content, scanner.removeprefix(CLAMD), seconds)
    return _by_command(content, scanner, seconds)


def _by_command(content: bytes, command: str, seconds: float) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own; the file comes by standard input
            shlex.split(command),
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": tempfile.gettempdir()},
            timeout=seconds,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise NoVerdict(f"the scanner did not run: {type(error).__name__}") from error
    if done.returncode not in {_CLEAN, _INFECTED}:
        raise NoVerdict(f"the scanner ended with {done.returncode}")
    return done.returncode == _CLEAN


def _by_clamd(content: bytes, place: str, seconds: float) -> bool:
    try:
        with _connected(place, seconds) as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                chunk = content[start : start + _CHUNK]
                line.sendall(struct.pack("!L", len(chunk)) + chunk)
            line.sendall(struct.pack("!L", 0))
            answer = _answer(line)
    except (OSError, ValueError) as error:
        raise NoVerdict(f"clamd did not answer: {type(error).__name__}") from error
    if answer == b"stream: OK":
        return True
    if answer.startswith(b"stream: ") and answer.endswith(b" FOUND"):
        return False
    raise NoVerdict(f"clamd said {answer[:200]!r}")


@contextmanager
def _connected(place: str, seconds: float) -> Iterator[socket.socket]:
    if place.startswith("/"):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(seconds)
            line.connect(place)
            yield line
        return
    host, _, port = place.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=seconds) as line:
        yield line


def _answer(line: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _MOST_ANSWER:
        more = line.recv(_MOST_ANSWER)
        if not more:
            break
        answer += more
    return answer.rstrip(b"\0")
