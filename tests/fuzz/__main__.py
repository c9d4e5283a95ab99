"""``make fuzz``: schemathesis over the doors of machines of a portal with fresh data.

It runs in ``.fuzz``, an environment of its own, as a program that knows only the description and
the address: without a token, with one of a directory, and as who watches us. Any 5xx that is not
described as "not done here", and any answer that the description does not allow, fails the run.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

from demo import world
from demo.children import ChildDied, last_words
from demo.environment import FUZZ
from demo.postgres import NotStarted
from demo.roles import NotUsable
from demo.run import Stopped, say, stop_on_signals
from tests.fuzz import narrowed

REPORT: Final = Path(__file__).parents[2] / "var" / "fuzz.json"
PATIENCE: Final = 300  # seconds for each part
LEAST, MOST = 2_000, 5_000  # requests of a whole run
CHECKS: Final = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)


class Part(NamedTuple):
    """One walk of schemathesis: what it asks for, and as whom."""

    name: str
    tags: tuple[str, ...]
    token: str
    examples: int  # of each act, in each phase


def main() -> int:
    """Run all parts; 0 when nothing was found and enough was asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    metrics = secrets.token_urlsafe(32)
    for given in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ.pop(given, None)  # fresh data means a database of our own
    os.environ["QUITTANCE_METRICS_TOKEN"] = metrics
    stop_on_signals()
    folder = Path(tempfile.mkdtemp(prefix="quittance-fuzz-"))
    folder.chmod(0o711)  # PostgreSQL's user must get through
    try:
        return _run(folder, metrics, asked.seed)
    except Stopped:
        say("stopped")
        return 1
    except (ChildDied, NotStarted, NotUsable) as error:
        print(f"\nFAILED: {error}\n", file=sys.stderr)
        return 1
    finally:
        world.remove(folder)


def _run(folder: Path, metrics: str, seed: int) -> int:
    plan = world.Plan(folder, world.free_ports(), fsync=False)
    with world.started(plan, say) as house:
        facts = narrowed.prepared(house)
        parts = (
            Part("without a token", ("hooks", "scim", "vitals"), "", 12),
            Part("as a directory", ("scim",), facts["token"], 60),
            Part("as who watches us", ("vitals",), metrics, 20),
        )
        description = folder / "openapi.json"
        description.write_text(json.dumps(narrowed.description(facts)))
        done = [_part(each, plan, description, seed) for each in parts]
        house.check()
        if not all(each["passed"] for each in done):
            print(last_words(folder / "log" / "web.log"), file=sys.stderr)
    return _judged(done, seed)


def _part(part: Part, plan: world.Plan, description: Path, seed: int) -> dict[str, Any]:
    """Run one part; what it says goes to the screen."""
    print(f"\n{part.name}", flush=True)
    config, events = plan.directory / "schemathesis.toml", plan.directory / f"{part.tags[0]}.ndjson"
    config.write_text(narrowed.CONFIG)
    told = ["--url", f"http://127.0.0.1:{plan.ports.web}", "--seed", str(seed)]
    told += ["--checks", CHECKS, "--max-examples", str(part.examples), "--workers", "1"]
    told += ["--phases", "examples,coverage,fuzzing", "--generation-database", "none"]
    told += ["--rate-limit", "24/s", "--no-color", "--continue-on-failure"]
    told += ["--report", "ndjson", "--report-ndjson-path", str(events)]
    told += [word for tag in part.tags for word in ("--include-tag", tag)]
    if part.token:
        told += ["-H", f"Authorization: Bearer {part.token}"]
    begin = time.monotonic()
    program = [str(FUZZ / "bin" / "schemathesis"), "--config-file", str(config), "run", *told]
    try:
        code = subprocess.run(
            [*program, str(description)], timeout=PATIENCE, check=False, cwd=plan.directory
        ).returncode
    except subprocess.TimeoutExpired:
        print(f"it did not end within {PATIENCE} s")
        code = 1
    return {
        "part": part.name, "passed": code == 0, "seconds": round(time.monotonic() - begin, 1),
        "answers": narrowed.answers(events),
    }  # fmt: skip


def _judged(done: list[dict[str, Any]], seed: int) -> int:
    requests = sum(sum(each["answers"].values()) for each in done)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps({"seed": seed, "requests": requests, "parts": done}, indent=1))
    failed = [each["part"] for each in done if not each["passed"]]
    for each in done:
        print(f"{each['part']:20} {each['seconds']:6.1f} s  {each['answers']}")
    few = "" if LEAST <= requests <= MOST else f" Not between {LEAST} and {MOST}."
    print(f"{requests} requests, failed: {', '.join(failed) or 'none'}.{few} See {REPORT.name}.")
    return 1 if failed or few else 0


if __name__ == "__main__":
    sys.exit(main())
