"""One process that plays what its standard input asks for, and prints what each history showed."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from typing import Final

from tests.histories.stand import Copies, collect_seldom, set_up

A_COPY: Final = 100  # histories in one database


def main() -> None:
    """For each line with a seed, an aim and a bug: play it, and say a line of JSON."""
    set_up()
    from tests.histories import ports
    from tests.histories.history import Theatre
    from tests.histories.mutants import planted

    copies = Copies()
    theatre = Theatre(copies.lead_to_next())
    collect_seldom()
    with ports.installed():
        for number, line in enumerate(sys.stdin, 1):
            seed, aim, bug, often = json.loads(line)
            with planted(bug) if bug else nullcontext():
                result = theatre.play(seed, aim=tuple(aim) if aim else None, often=often)
            said = {
                "wrongs": result.wrongs, "crossed": result.crossed, "count": result.count,
                "steps": result.steps, "met": [[*cell, n] for cell, n in result.met.items()],
            }  # fmt: skip
            print(json.dumps(said), flush=True)  # noqa: T201
            if number % A_COPY == 0:
                theatre.close()
                theatre = Theatre(copies.lead_to_next())
    theatre.close()
    copies.close()


if __name__ == "__main__":
    main()
