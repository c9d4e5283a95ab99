"""The command ``python -m sandbox.gateway``: three servers, the last one for tests."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from sandbox.gateway import clock, clockwork, control, fields, idempotency, payouts, site
from sandbox.gateway.connections import TrackedProtocol
from sandbox.gateway.payments import Pace
from sandbox.gateway.state import Sandbox
from sandbox.gateway.store import ACCOUNTS, OldState, Store


class _Server(uvicorn.Server):
    """A server that leaves the signals to us, because there are two of them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


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
        api = _listen(options.host, options.port)
        tests = _listen(options.host, options.control_port)
        script = _listen(options.host, options.fields_port)
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
    asyncio.run(_serve(sandbox, apps, ready))
    return 0


async def _serve(sandbox: Sandbox, apps: dict[socket.socket, Starlette], ready: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    servers = {listener: _Server(_config(app)) for listener, app in apps.items()}
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener]))
        for listener, server in servers.items()
    ]
    while not all(server.started for server in servers.values()):
        await asyncio.sleep(0.01)
    work = asyncio.create_task(clockwork.run(sandbox))
    work.add_done_callback(lambda _: stop.set())
    print(ready, flush=True)
    await stop.wait()
    for server in servers.values():
        server.should_exit = True
    await asyncio.gather(*tasks)
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=TrackedProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), backlog=512)
    except OSError as error:
        raise OSError(error.errno, f"{host}:{port}: {error.strerror}") from error
    # asyncio sets this only on sockets made with the protocol's number; without it every answer
    # waits 40 ms for the caller's delayed acknowledgement of its headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


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
