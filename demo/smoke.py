"""``make smoke``: fresh data, free ports, the first road by program, and a look into the ERP."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from demo import erp_look, first_road, office_look, world
from demo.children import ChildDied, last_words
from demo.postgres import NotStarted
from demo.roles import NotUsable
from demo.run import Stopped, say, stop_on_signals
from demo.visitor import Unexpected

LONGEST = 90  # seconds


class TooSlow(Exception):
    """The road took longer than it may."""


def main() -> int:
    """Walk and judge; return the exit code."""
    for given in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ.pop(given, None)  # fresh data means a database of our own
    stop_on_signals()
    signal.signal(signal.SIGALRM, _too_slow)
    signal.alarm(LONGEST - 5)  # the rest is for stopping
    begin = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="quittance-smoke-"))
    folder.chmod(0o711)  # PostgreSQL's user must get through
    try:
        verdict = _walk(folder)
    except Stopped:
        say("stopped")
        return 1
    except (ChildDied, NotStarted, NotUsable, Unexpected, TooSlow) as error:
        print(f"\nFAILED: {error}\n", file=sys.stderr)
        return 1
    finally:
        world.remove(folder)
    print("\nBusiness Central says:")
    for sentence in verdict.sentences:
        print(f"  {sentence}")
    word = "smoke passed" if verdict.good else "smoke FAILED"
    print(f"{word} in {time.monotonic() - begin:.1f} s")
    return 0 if verdict.good else 1


def _walk(folder: Path) -> erp_look.Verdict:
    plan = world.Plan(folder, world.free_ports(), fsync=False)
    with world.started(plan, say) as house:
        at = house.addresses
        books = erp_look.Books(
            at["QUITTANCE_DEMO_BUSINESS_CENTRAL"], at["QUITTANCE_DEMO_BUSINESS_CENTRAL_CONTROL"]
        )
        try:
            before = books.last_entry()
            paid = first_road.walk(house.facts, say)
            office_look.see_posting(house.facts, paid, say)
            house.check()
            verdict = erp_look.judge(books, paid.lines, before=before, document=paid.document)
        except BaseException:
            signal.alarm(0)
            for name in ("web", "worker"):
                print(f"\n{last_words(folder / 'log' / f'{name}.log')}", file=sys.stderr)
            raise
        finally:
            books.close()
        signal.alarm(0)
        return verdict


def _too_slow(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise TooSlow(f"The road was not at its end after {LONGEST - 5} s.")


if __name__ == "__main__":
    sys.exit(main())
