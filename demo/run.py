"""``make demo``: shows the whole house on one machine until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from demo import gateways, world
from demo.children import ROOT, ChildDied
from demo.postgres import NotStarted
from demo.roles import NotUsable

BEGIN = time.monotonic()


class Stopped(BaseException):
    """Somebody asked us to end: Ctrl-C, SIGTERM, or a closed terminal."""


class Occupied(Exception):
    """Another demo works in the same folder."""


def say(sentence: str) -> None:
    """Print what happens now, with the seconds since the start."""
    print(f"{time.monotonic() - BEGIN:6.1f} s  {sentence}", flush=True)


def variable_files() -> Path:
    """The folder for everything that changes: ``QUITTANCE_VAR``, else ``var`` in the checkout."""
    return Path(os.environ.get("QUITTANCE_VAR", ROOT / "var")).resolve()


def stop_on_signals() -> None:
    """Turn the first signal into ``Stopped``; later ones change nothing, we are on the way."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)


@contextlib.contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Hold the folder. Raises ``Occupied`` if another demo does."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory.parent / f"{directory.name}.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise Occupied(
                f"A demo runs already in {directory} (process {lock.read().strip()}).\n"
                "Stop it with Ctrl-C, or start a second one beside it with its own folder: "
                "make demo QUITTANCE_VAR=/tmp/second"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def welcome(facts: dict[str, Any], directory: Path) -> str:
    """The block that tells a person where to go and who to be."""
    rule = "-" * 78
    lines = ["", rule, "Quittance is running. Open one of these:", ""]
    lines += [f"  {name:<24} {address}" for name, address in facts["addresses"].items()]
    lines += ["", "Sign in as:", ""]
    for person in facts["sign_ins"]:
        lines += [f"  {person['who']}", f"    {person['address']}"]
        lines += [f"    {person['email']}   {person['password']}"]
    lines += ["", "Test card: 4242 4242 4242 4242, any date to come, any three digits."]
    lines += [f"Logs: {directory / 'log'}. Ctrl-C stops everything; the data stays.", rule]
    return "\n".join(lines)


def show(directory: Path, invoices: int | None, chosen: tuple[str, ...]) -> None:
    """Put the house up, say where it is, and look after it."""
    if invoices is not None and (directory / "business_central").exists():
        say("BULK counts for a new demo company only; this one stays (make demo-reset)")
    plan = world.Plan(directory, world.choose_ports(say), invoices, gateways=chosen)
    with world.started(plan, say) as house:
        say("ready")
        print(welcome(house.facts, directory), flush=True)
        world.watch(house)


def reset(directory: Path) -> None:
    """Throw away the demo's data. Raises ``NotUsable`` where some of it is in a given database."""
    if "DATABASE_URL" in os.environ:
        raise NotUsable(
            "The PostgreSQL that DATABASE_URL names is yours, so nothing was removed. "
            f"Drop its database, remove {directory} and run make demo."
        )
    world.remove(directory)
    say(f"removed {directory}")


def main() -> int:
    """Do what the command line asks; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo.run", description=__doc__)
    parser.add_argument("--reset", action="store_true", help="throw the demo's data away first")
    parser.add_argument("--gateway", default="sandbox", help="sandbox, stripe, paypal or all")
    parser.add_argument("--invoices", type=int, help="the size of a new demo company")
    wanted = parser.parse_args()
    try:
        chosen = gateways.wanted(wanted.gateway)
    except ValueError as error:
        parser.error(str(error))
    directory = variable_files() / "demo"
    stop_on_signals()
    try:
        with alone(directory):
            if wanted.reset:
                reset(directory)
            show(directory, wanted.invoices, chosen)
    except Stopped:
        say("stopped; the data is kept")
    except (ChildDied, NotStarted, NotUsable, Occupied) as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(
            f"\n{error.filename} belongs to another user. Remove it, or name another folder: "
            "make demo QUITTANCE_VAR=/tmp/mine\n",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
