"""The command ``python -m sandbox.paypal``: two servers, one for the world, one for tests."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.paypal import books, clockwork, control, request_keys, site
from sandbox.paypal.certificates import kept_signer
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import ACCOUNTS, Store
from sandbox.serving import clock
from sandbox.serving.serve import listen, serve
from sandbox.serving.store import OldState


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code."""
    options = _parser().parse_args(arguments)
    options.data.mkdir(parents=True, exist_ok=True)
    try:
        store = Store(options.data / "paypal.sqlite")
    except OldState as error:
        print(f"sandbox.paypal: {error} Delete it to begin anew.", file=sys.stderr)
        return 2
    with contextlib.closing(store):
        return _run(options, store)


def _run(options: argparse.Namespace, store: Store) -> int:
    try:
        api = listen(options.host, options.port)
        tests = listen(options.host, options.control_port)
    except OSError as error:
        print(f"sandbox.paypal: {error.strerror}: choose another port.", file=sys.stderr)
        return 2
    for name in control.PACE:
        store.set_setting(name, getattr(options, name))
    clock.set_ahead(store.setting("clock_ahead", 0.0))
    request_keys.forget_interrupted(store)
    url = f"http://{options.host}:{api.getsockname()[1]}"
    control_url = f"http://{options.host}:{tests.getsockname()[1]}"
    sandbox = Sandbox(store, options.public_url.rstrip("/") or url, kept_signer(options.data))
    serve(
        {api: site.new_app(sandbox), tests: control.new_app(sandbox)},
        clockwork.run(sandbox),
        ready=f"sandbox.paypal ready: {url} control {control_url}",
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    clients = ", ".join(f"{key.replace(':', ' / ')} ({name})" for _, name, key in ACCOUNTS)
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.paypal",
        description="PayPal with pretend money: orders, vault, disputes, reports, webhooks.",
        epilog=f"Client id and secret: {clients}. See docs/reference/paypal.md.",
    )
    parser.add_argument(
        "--port", type=int, required=True, help="of API and pages; 0 for a free one"
    )
    parser.add_argument(
        "--control-port", type=int, required=True, help="of the control port; 0 for a free one"
    )
    parser.add_argument("--data", type=Path, required=True, help="directory of the state")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--public-url", default="", help="origin that browsers see, if another")
    for name, default, what in (
        ("webhook-delay", 0.0, "before the first delivery"),
        ("settle-delay", 3.0, "that a pending payment takes"),
        ("report-delay", float(books.LONGEST_DELAY), "until the report shows a transaction"),
    ):
        told = f"seconds {what} (%(default)s)"
        parser.add_argument(f"--{name}", type=float, metavar="S", default=default, help=told)
    return parser


if __name__ == "__main__":
    sys.exit(main())
