"""One process that plays a list of seeds (from standard input) and prints what they showed."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from typing import Any

from tests.histories.stand import collect_seldom, set_up


def main() -> None:
    """Play all seeds; one line of JSON at the end."""
    set_up()
    from tests.histories import ports
    from tests.histories.history import Theatre

    theatre = Theatre(os.environ["HISTORIES_ADMIN_URL"])
    collect_seldom()
    met: Counter[tuple[str, str]] = Counter()
    crossed: Counter[str] = Counter()
    count: Counter[str] = Counter()
    wrong: dict[int, Any] = {}
    steps = 0
    with ports.installed():
        for seed in json.loads(sys.stdin.read()):
            result = theatre.play(seed)
            met.update(result.met)
            crossed.update(result.crossed)
            count.update(result.count)
            steps += result.steps
            if result.wrongs:
                wrong[seed] = list(result.wrongs)
                print(f"seed {seed}: {list(result.wrongs)}", file=sys.stderr, flush=True)  # noqa: T201
    theatre.close()
    said = {
        "met": {"|".join(key): n for key, n in met.items()}, "crossed": dict(crossed),
        "count": dict(count), "wrong": wrong, "steps": steps,
    }  # fmt: skip
    print(json.dumps(said))  # noqa: T201


if __name__ == "__main__":
    main()
