"""One process that plays what its standard input asks for, and prints what each history showed."""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext

from tests.histories.stand import collect_seldom, set_up


def main() -> None:
    """For each line with a seed, an aim and a bug: play it, and say a line of JSON."""
    set_up()
    from tests.histories import ports
    from tests.histories.history import Theatre
    from tests.histories.mutants import planted

    theatre = Theatre(os.environ["HISTORIES_ADMIN_URL"])
    collect_seldom()
    with ports.installed():
        for line in sys.stdin:
            seed, aim, bug, often = json.loads(line)
            with planted(bug) if bug else nullcontext():
                result = theatre.play(seed, aim=tuple(aim) if aim else None, often=often)
            said = {
                "wrongs": result.wrongs, "crossed": result.crossed, "count": result.count,
                "steps": result.steps, "met": [[*cell, n] for cell, n in result.met.items()],
            }  # fmt: skip
            print(json.dumps(said), flush=True)  # noqa: T201
    theatre.close()


if __name__ == "__main__":
    main()
