"""Finds a Chromium for the browser tests, and installs Debian's where it can.

Prints its path, or nothing, on standard output; says what it does on standard error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

# Not chromium-headless-shell, though its pages take a third of the time: it hung for ever while axe
# looked at a page of the back office.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str:
    """The path of a Chromium: the one that ``CHROMIUM`` names, else the first on PATH, else ""."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return shutil.which(named) or ""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


def install() -> bool:
    """Install Debian's Chromium; whether it worked. Only root on a Debian can."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    _say("no Chromium found; installing Debian's")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (
        ["apt-get", "update", "--quiet=2"],
        ["apt-get", "install", "--quiet=2", "--yes", "--no-install-recommends", "chromium"],
    )
    for step in steps:
        done = subprocess.run(step, check=False, env=quiet, capture_output=True, text=True)
        if done.returncode:
            _say(f"{' '.join(step[:2])} failed: {(done.stderr or done.stdout).strip()[-500:]}")
            return False
    return True


def _say(sentence: str) -> None:
    print(f"         {sentence}", file=sys.stderr, flush=True)


def main() -> None:
    """Print the path of a Chromium, or say that the browser tests are skipped."""
    named = os.environ.get("CHROMIUM", "")
    path = find()
    if not path and not named and install():
        path = find()
    if not path:
        why = f"CHROMIUM names {named}, which is no program" if named else "no Chromium found"
        _say(f"browser tests are skipped: {why} (apt-get install chromium, or set CHROMIUM)")
    sys.stdout.write(path)


if __name__ == "__main__":
    main()
