"""The command ``python -m sandbox.gateway``: three servers, the last one for tests."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.gateway import clock, clockwork, control, fields, idempotency, payouts, site
from sandbox.gateway.payments import Pace
from sandbox.gateway.state import Sandbox
from sandbox.gateway.store import ACCOUNTS, OldState, Store
from sandbox.serving.serve import listen, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code."""
    options = _parser().parse_args(arguments)
    options.data.mkdir(parents=True, exist_ok=True)
    try:
        store = Store(options.data / "gateway.sqlite")
    except OldState as error:
        print(f"sandbox.gateway: {error} Delete it to begin anew.", file=sys.stderr)
        return 2
    with contextlib.closing(store):
        return _run(options, store)


def _run(options: argparse.Namespace, store: Store) -> int:
    try:
        api = listen(options.host, options.port)
        tests = listen(options.host, options.control_port)
        script = listen(options.host, options.fields_port)
    except OSError as error:
        print(f"sandbox.gateway: {error.strerror}: choose another port.", file=sys.stderr)
        return 2
    store.set_setting("webhook_delay", options.webhook_delay)
    clock.set_ahead(store.setting("clock_ahead", 0.0))
    idempotency.forget_interrupted(store)
    for account_id, _, _ in ACCOUNTS:
        payouts.plan(store, account_id, options.payout_every)
    url = f"http://{options.host}:{api.getsockname()[1]}"
    sandbox = Sandbox(
        store,
        Pace(settle=options.settle_delay, returned=options.return_delay),
        options.public_url.rstrip("/") or url,
    )
    control_url = f"http://{options.host}:{tests.getsockname()[1]}"
    fields_url = f"http://{options.host}:{script.getsockname()[1]}"
    ready = f"sandbox.gateway ready: {url} control {control_url} fields {fields_url}"
    apps = {
        api: site.new_app(sandbox),
        tests: control.new_app(sandbox),
        script: fields.new_app(sandbox),
    }
    serve(apps, clockwork.run(sandbox), ready=ready)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.gateway",
        description="A payment gateway with pretend money: API, hosted page, webhooks, faults.",
        epilog="API keys: "
        + ", ".join(f"{key} ({name})" for _, name, key in ACCOUNTS)
        + ". See docs/reference/gateway-sandbox.md.",
    )
    parser.add_argument("--port", type=int, required=True, help="of API and page; 0 for a free one")
    parser.add_argument(
        "--control-port", type=int, required=True, help="of the control port; 0 for a free one"
    )
    parser.add_argument(
        "--fields-port", type=int, default=0, help="of the embedded fields; 0 for a free one"
    )
    parser.add_argument("--data", type=Path, required=True, help="directory of the state")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--public-url", default="", help="origin that browsers see, if another")
    for name, default, what in (
        ("webhook-delay", 0.0, "before the first delivery"),
        ("settle-delay", 3.0, "that slow payments take"),
        ("return-delay", 10.0, "from a success to its return or dispute"),
        ("payout-every", 86400.0, "between payouts"),
    ):
        told = f"seconds {what} (%(default)s)"
        parser.add_argument(f"--{name}", type=float, metavar="S", default=default, help=told)
    return parser


if __name__ == "__main__":
    sys.exit(main())
