"""The command line: what the sandbox can be told."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sandbox.business_central import manual
from sandbox.business_central.shapes import LEDGER_PAGE


def read(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; ends the program with a message when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.business_central",
        usage="%(prog)s --port PORT --control-port PORT --data DATA [option ...]",
        description=manual.ABOUT,
        epilog=manual.MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _place(parser)
    _company(parser)
    _habits(parser)
    _limits(parser)
    return parser.parse_args(arguments)


def _place(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("where").add_argument
    add("--port", type=int, required=True, help="the API's port; 0 takes a free one")
    add("--control-port", type=int, required=True, metavar="PORT",
        help="the control port; 0 takes a free one")  # fmt: skip
    add("--data", type=Path, required=True, help="the directory that keeps the state")
    add("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")
    add("--log", action="store_true", help="write a line for each request to standard error")


def _company(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("the company").add_argument
    add("--seed", type=int, default=1, help="which demo company is made when DATA is empty")
    add("--invoices", type=int, default=0, metavar="NUMBER",
        help="add so many invoices of many more customers")  # fmt: skip
    add("--today", type=date.fromisoformat, metavar="DATE",
        help="the work date (default: today, UTC)")  # fmt: skip
    add("--ledger-service", default=LEDGER_PAGE, metavar="NAME",
        help="the web service's name over page 25 ('' for none)")  # fmt: skip


def _habits(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("pages, tokens, webhooks").add_argument
    add("--page-size", type=int, default=20_000, metavar="RECORDS",
        help="the most records of a page (default 20,000)")  # fmt: skip
    add("--token-lifetime", type=int, default=3599, metavar="SECONDS",
        help="how long a token lives (default 3,599)")  # fmt: skip
    add("--webhook-delay", type=float, default=30, metavar="SECONDS",
        help="how long changes are gathered before they are notified (default 30)")  # fmt: skip
    add("--webhook-retry", type=float, default=60, metavar="SECONDS",
        help="how long to wait before a notification is sent again (default 60)")  # fmt: skip
    add("--webhook-most", type=int, default=1000, metavar="NUMBER",
        help="above so many of one subscription, they become one collection")  # fmt: skip


def _limits(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("limits (off at first)").add_argument
    add("--like-the-service", action="store_true",
        help="all of the service's: 6,000 in 5 minutes, 5 at once, 408 and 504")  # fmt: skip
    add("--rate-limit", type=int, default=0, metavar="REQUESTS",
        help="answer 429 above so many in 5 minutes")  # fmt: skip
    add("--concurrent", type=int, default=0, metavar="REQUESTS",
        help="run so many at once, queue 95 more, then 429")  # fmt: skip
