"""The command ``python -m sandbox.paypal``: two servers, one for the world, one for tests."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from socket import socket
from typing import Final

from sandbox.paypal import books, clockwork, control, request_keys, site
from sandbox.paypal.certificates import kept_signer
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import ACCOUNTS, Store
from sandbox.serving import command
from sandbox.serving.serve import serve

_NAME: Final = "sandbox.paypal"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code."""
    options = _parser().parse_args(arguments)
    ports = (options.port, options.control_port)
    return command.run(_NAME, options, Store, ports, partial(_serve, options))


def _serve(
    options: argparse.Namespace, store: Store, sockets: list[socket], urls: list[str]
) -> None:
    for name in control.PACE:
        store.set_setting(name, getattr(options, name))
    request_keys.forget_interrupted(store)
    url, control_url = urls
    sandbox = Sandbox(store, options.public_url.rstrip("/") or url, kept_signer(options.data))
    apps = (site.new_app(sandbox), control.new_app(sandbox))
    ready = f"{_NAME} ready: {url} control {control_url}"
    serve(dict(zip(sockets, apps, strict=True)), clockwork.run(sandbox), ready=ready)


def _parser() -> argparse.ArgumentParser:
    clients = ", ".join(f"{key.replace(':', ' / ')} ({name})" for _, name, key in ACCOUNTS)
    return command.new_parser(
        _NAME,
        "PayPal with pretend money: orders, vault, disputes, reports, webhooks.",
        f"Client id and secret: {clients}. See docs/reference/paypal.md.",
        ports={"port": "of API and pages", "control-port": "of the control port"},
        waits=(
            ("webhook-delay", 0.0, "before the first delivery"),
            ("settle-delay", 3.0, "that a pending payment takes"),
            ("report-delay", float(books.LONGEST_DELAY), "until the report shows a transaction"),
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
