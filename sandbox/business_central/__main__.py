"""Starts the sandbox: ``python -m sandbox.business_central --help``."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from socket import socket

from starlette.types import ASGIApp

from sandbox.business_central import api, control, options, posting, server, tokens
from sandbox.business_central.copies import Replica
from sandbox.business_central.database import Database
from sandbox.business_central.faults import Faults, FaultyApplication
from sandbox.business_central.jobs import Queue
from sandbox.business_central.ledger_page import Published
from sandbox.business_central.limits import (
    LIKE_THE_SERVICE,
    LimitedApplication,
    Limits,
    Requests,
)
from sandbox.business_central.seed.fill import fill, fill_second
from sandbox.business_central.webhooks.notify import Notifier, Pace

_ROOT = f"/v2.0/{tokens.TENANT}/{tokens.ENVIRONMENT}/api/v2.0"


def main() -> int:
    """Make the data if there is none, listen, say so in one line, serve."""
    given = options.read()
    try:
        public = server.listen(given.host, given.port)
        inner = server.listen(given.host, given.control_port)
    except OSError as error:
        print(f"The sandbox cannot listen on {given.host}: {error}.", file=sys.stderr)
        return 2
    database = Database(given.data, today=given.today)
    fill(database, seed=given.seed, invoices=given.invoices)
    second = Database(given.data / "second", today=given.today)
    others = {fill_second(second, database): second}
    _serve(given, database, others, public, inner)
    return 0


def _serve(
    given: argparse.Namespace,
    database: Database,
    others: dict[str, Database],
    public: socket,
    inner: socket,
) -> None:
    faults, requests = Faults(), Requests()
    stores = api.Stores(
        database=database,
        replica=Replica(database),
        published=Published(given.ledger_service),
        others=others,
    )
    settings = api.Settings(page=given.page_size, token_lifetime=given.token_lifetime)
    limits = Limits(rate=given.rate_limit, concurrent=given.concurrent)
    if given.like_the_service:
        limits.change(LIKE_THE_SERVICE)
    clerk = partial(control.clerk_act, database)
    app = FaultyApplication(api.application(stores, settings), faults, clerk)
    limited = LimitedApplication(app, requests, limits)
    pace = Pace(delay=given.webhook_delay, retry=given.webhook_retry, most=given.webhook_most)
    levers = control.Levers(faults=faults, requests=requests, limits=limits, pace=pace)
    notifier = Notifier(database, pace, f"{_address(public)}{_ROOT}")
    queues = [Queue(each, posting.post_document) for each in (database, *others.values())]

    def ready() -> None:
        notifier.start()
        for queue in queues:
            queue.start()
        print(
            f"Business Central sandbox is ready: api {_address(public)}{_ROOT}/"
            f" control {_address(inner)}/",
            flush=True,
        )

    listeners: list[tuple[ASGIApp, socket]] = [
        (limited, public),
        (control.application(stores, levers), inner),
    ]
    server.run(listeners, ready=ready, log=given.log)
    for queue in queues:
        queue.stop()
    notifier.stop()


def _address(taken: socket) -> str:
    host, port = taken.getsockname()[:2]
    return f"http://{host}:{port}"


if __name__ == "__main__":
    sys.exit(main())
