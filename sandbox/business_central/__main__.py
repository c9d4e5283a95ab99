"""Starts the sandbox: ``python -m sandbox.business_central --help``."""

from __future__ import annotations

import sys
from socket import socket

from sandbox.business_central import api, control, options, server, tokens
from sandbox.business_central.database import Database
from sandbox.business_central.seed.fill import fill


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
    settings = api.Settings(page=given.page_size, token_lifetime=given.token_lifetime)

    def ready() -> None:
        root = f"/v2.0/{tokens.TENANT}/{tokens.ENVIRONMENT}/api/v2.0/"
        print(
            f"Business Central sandbox is ready: api {_address(public)}{root}"
            f" control {_address(inner)}/",
            flush=True,
        )

    server.run(
        [(api.application(database, settings), public), (control.application(database), inner)],
        ready=ready,
        log=given.log,
    )
    return 0


def _address(taken: socket) -> str:
    host, port = taken.getsockname()[:2]
    return f"http://{host}:{port}"


if __name__ == "__main__":
    sys.exit(main())
