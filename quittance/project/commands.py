"""What operators run: the web server, the worker, the migrations."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import django
from django.core.management import call_command

_KEEP = "successful"  # finished jobs are deleted; failed ones stay to be looked at


def migrate(arguments: Sequence[str]) -> None:
    """Bring the database up to date, as the role that owns it (``DATABASE_OWNER_URL``)."""
    parser = argparse.ArgumentParser(prog="quittance migrate", description=migrate.__doc__)
    parser.parse_args(arguments)
    django.setup()
    call_command("migrate", database="owner", interactive=False, verbosity=1)


def serve(arguments: Sequence[str]) -> None:
    """Serve the pages, and collect the static files first."""
    from granian import Granian
    from granian.constants import Interfaces

    parser = argparse.ArgumentParser(prog="quittance serve", description=serve.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4, help="for each worker")
    chosen = parser.parse_args(arguments)
    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)
    Granian(
        "quittance.project.wsgi:application",
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.WSGI,
        workers=chosen.workers,
        blocking_threads=chosen.threads,
        respawn_failed_workers=True,
    ).serve()


def worker(arguments: Sequence[str]) -> None:
    """Run jobs until a signal ends it; what is under way is finished first."""
    parser = argparse.ArgumentParser(prog="quittance worker", description=worker.__doc__)
    parser.add_argument("--concurrency", type=int, default=6)
    chosen = parser.parse_args(arguments)
    django.setup()
    from procrastinate.contrib.django import app

    from quittance.jobs.stalled import DEAD_AFTER_SECONDS, HEARTBEAT_SECONDS

    with app.replace_connector(app.connector.get_worker_connector()) as running:  # type: ignore[attr-defined]
        running.run_worker(
            concurrency=chosen.concurrency, delete_jobs=_KEEP,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=DEAD_AFTER_SECONDS, shutdown_graceful_timeout=20,
        )  # fmt: skip


def connections(arguments: Sequence[str]) -> None:
    """Ask every ERP and gateway whether our settings are right; say which part is wrong."""
    parser = argparse.ArgumentParser(prog="quittance connections", description=connections.__doc__)
    parser.parse_args(arguments)
    django.setup()
    from quittance.project.connections import check_connections

    good = True
    for works, sentence in check_connections():
        sys.stdout.write(f"{'ok ' if works else 'BAD'}  {sentence}\n")
        good = good and works
    sys.exit(0 if good else 1)
