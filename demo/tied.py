"""Becomes another program that ends when its parent ends, as another user if asked.

``python tied.py --parent PID --signal NUMBER [--user NAME] -- PROGRAM ARGUMENT...``

A program of its own, and not a ``preexec_fn``, because code between fork and exec is not safe in
a process with threads. It changes the user first: Linux forgets the wish to be told of the
parent's death when the user changes (prctl(2), PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import argparse
import ctypes
import os
import pwd
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def command(
    program: str | Path, *arguments: str, user: str = "", end_with: int = signal.SIGTERM
) -> list[str]:
    """The command that runs ``program`` as ``user`` and sends it ``end_with`` when we end."""
    ours = [sys.executable, "-I", "-S", __file__, "--parent", str(os.getpid())]
    return [*ours, "--signal", str(int(end_with)), "--user", user, "--", str(program), *arguments]


def _become(user: str) -> None:
    """Take on the user's id and group and drop every other group. Needs root."""
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def _end_with(parent: int, signal_number: int) -> None:
    """Ask Linux for a signal when the parent ends; elsewhere there is no such wish."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we could ask
        sys.exit(1)


def main() -> None:
    """Read the arguments and become the program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", type=int, required=True)
    parser.add_argument("--user", default="")
    parser.add_argument("program", nargs="+")
    given = parser.parse_args()
    if given.user:
        _become(given.user)
    _end_with(given.parent, given.signal)
    os.execvp(given.program[0], given.program)  # noqa: S606


if __name__ == "__main__":
    main()
