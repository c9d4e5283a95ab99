"""The command ``python -m sandbox.stripe``: API and pages, the browser script, a port for tests."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.serving import clock
from sandbox.serving.serve import listen, serve
from sandbox.serving.store import OldState
from sandbox.stripe import clockwork, control, idempotency, payouts, script, site
from sandbox.stripe.state import Pace, Sandbox
from sandbox.stripe.store import ACCOUNTS, Store, publishable


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code."""
    options = _parser().parse_args(arguments)
    options.data.mkdir(parents=True, exist_ok=True)
    try:
        store = Store(options.data / "stripe.sqlite")
    except OldState as error:
        print(f"sandbox.stripe: {error} Delete it to begin anew.", file=sys.stderr)
        return 2
    with contextlib.closing(store):
        return _run(options, store)


def _run(options: argparse.Namespace, store: Store) -> int:
    try:
        sockets = [
            listen(options.host, port)
            for port in (options.port, options.script_port, options.control_port)
        ]
    except OSError as error:
        print(f"sandbox.stripe: {error.strerror}: choose another port.", file=sys.stderr)
        return 2
    store.set_setting("webhook_delay", options.webhook_delay)
    clock.set_ahead(store.setting("clock_ahead", 0.0))
    idempotency.forget_interrupted(store)
    for account in ACCOUNTS:
        payouts.plan(store, account[0], options.payout_every)
    url, script_url, control_url = (
        f"http://{options.host}:{listener.getsockname()[1]}" for listener in sockets
    )
    sandbox = Sandbox(
        store,
        Pace(settle=options.settle_delay, returned=options.return_delay),
        options.public_url.rstrip("/") or url,
        script_url,
    )
    apps = (site.new_app(sandbox), script.new_app(sandbox), control.new_app(sandbox))
    ready = f"sandbox.stripe ready: {url} script {script_url} control {control_url}"
    serve(dict(zip(sockets, apps, strict=True)), clockwork.run(sandbox), ready=ready)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.stripe",
        description="Stands in for Stripe, with pretend money: API, pages, script, webhooks.",
        epilog="Keys: "
        + ", ".join(f"{key} and {publishable(key)} ({name})" for _, name, key in ACCOUNTS)
        + ". See docs/reference/stripe-sandbox.md.",
    )
    for name, what in (
        ("--port", "of API and pages"),
        ("--script-port", "of the browser script"),
        ("--control-port", "of the control port"),
    ):
        parser.add_argument(name, type=int, required=True, help=f"{what}; 0 for a free one")
    parser.add_argument("--data", type=Path, required=True, help="directory of the state")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--public-url", default="", help="origin that browsers see, if another")
    for name, default, what in (
        ("webhook-delay", 0.0, "before the first delivery"),
        ("settle-delay", 3.0, "that bank debits take"),
        ("return-delay", 10.0, "from a success to its dispute"),
        ("payout-every", 86400.0, "between payouts"),
    ):
        told = f"seconds {what} (%(default)s)"
        parser.add_argument(f"--{name}", type=float, metavar="S", default=default, help=told)
    return parser


if __name__ == "__main__":
    sys.exit(main())
