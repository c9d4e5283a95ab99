"""What operators run: the web server, the worker, the migrations."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import django
from django.core.management import call_command
from django.db import OperationalError, transaction
from django.db import connections as databases
from psycopg.errors import LockNotAvailable

_log = logging.getLogger(__name__)
_AGAIN_SECONDS = 2.0
_ENDS_WITHIN_SECONDS = 25.0  # after a signal: longer than jobs are given to end
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_MIGRATION_WAITS = "5 s"  # for a lock: behind one that waits, every request does
_KEEP = "successful"  # finished jobs are deleted; failed ones stay to be looked at


def migrate(arguments: Sequence[str]) -> None:
    """Bring the database up to date, as the role that owns it (``DATABASE_OWNER_URL``)."""
    parser = argparse.ArgumentParser(prog="quittance migrate", description=migrate.__doc__)
    parser.add_argument("--reader", metavar="ROLE", help="let this role read, and nothing else")
    chosen = parser.parse_args(arguments)
    django.setup()
    from quittance.tenancy.reader import NoReader, open_to_reader

    look_less_for_garbage()
    try:
        with databases["owner"].cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{_MIGRATION_WAITS}'")
        call_command("migrate", database="owner", interactive=False, verbosity=1)
        if chosen.reader:
            with transaction.atomic(using="owner"), databases["owner"].cursor() as cursor:
                open_to_reader(cursor, chosen.reader)
    except NoReader as error:
        sys.exit(f"{chosen.reader}: {error}")
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        sys.exit(
            f"A table was in use for more than {_MIGRATION_WAITS}; all who came after would have "
            "had to wait for us. What was done is kept. Try again when less is going on."
        )


def look_less_for_garbage() -> None:
    """Let a process that migrates from nothing take a third less processor time, and 100 MB more.

    Every step draws all models anew, in circles that only the garbage collector undoes.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def serve(arguments: Sequence[str]) -> None:
    """Serve the pages, and collect the static files first."""
    from granian import Granian
    from granian.constants import Interfaces

    from quittance.project.drain import draining

    parser = argparse.ArgumentParser(prog="quittance serve", description=serve.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4, help="for each worker")
    parser.add_argument(
        "--drain", type=float, default=0.0, metavar="SECONDS",
        help="after a signal: say so at /ready for so long, and go on serving, before it ends",
    )  # fmt: skip
    chosen = parser.parse_args(arguments)
    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)
    server: Any = draining(Granian, seconds=chosen.drain) if chosen.drain else Granian
    server(
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
    asyncio.run(_work(chosen.concurrency))


async def _work(concurrency: int) -> None:
    """Run jobs, and begin again whenever procrastinate gives up, until a signal comes.

    It gives up, sometimes without an error, when the database is restarted, when it cannot connect
    for half a minute, or when others took this worker for dead because it slept too long. Where the
    database goes at the moment of the signal, its error may come instead of our cancellation.
    """
    from procrastinate.exceptions import ConnectorException
    from psycopg import OperationalError

    loop, work = asyncio.get_running_loop(), asyncio.current_task()
    assert work is not None
    stopping = asyncio.Event()

    def stop() -> None:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)  # a second one ends it at once
        stopping.set()
        work.cancel()
        # Whatever still waits then, waits for what does not come; the rows say what is to be done.
        loop.call_later(_ENDS_WITHIN_SECONDS, os._exit, 1)

    for each in _SIGNALS:
        loop.add_signal_handler(each, stop)
    with suppress(asyncio.CancelledError):
        while True:
            cause: object = "it stopped by itself"
            try:
                await _run_jobs(concurrency)
            except (ConnectorException, OperationalError) as error:
                cause = error.__cause__ or error
            if stopping.is_set():
                return
            _log.warning("the worker begins again in %s s: %s", _AGAIN_SECONDS, cause)
            await asyncio.sleep(_AGAIN_SECONDS)


async def _run_jobs(concurrency: int) -> None:
    from procrastinate.contrib.django import app

    from quittance.jobs.finish import PatientManager
    from quittance.jobs.stalled import DEAD_AFTER_SECONDS, HEARTBEAT_SECONDS
    from quittance.project.log_lines import job_line

    with app.replace_connector(app.connector.get_worker_connector()) as running:  # type: ignore[attr-defined]
        running.job_manager = PatientManager(running.connector)
        async with running.open_async():
            await running.run_worker_async(
                concurrency=concurrency, delete_jobs=_KEEP, install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=DEAD_AFTER_SECONDS, shutdown_graceful_timeout=20,
                worker_middleware=[job_line],
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


def connect(arguments: Sequence[str]) -> None:
    """Connect a company of an ERP: ask for what is needed, test each step, seal it, begin to read.

    Everything that is asked for can be told by an option or by the environment instead; a secret
    never stands on the command line.
    """
    django.setup()
    from quittance.project import connect_options
    from quittance.project.connect import connect as go
    from quittance.project.terminal import Terminal

    chosen = connect_options.read(arguments, explained=connect.__doc__ or "")
    asks = sys.stdin.isatty() and not chosen.no_input
    sys.exit(go(chosen.kind, chosen, Terminal(source=sys.stdin, to=sys.stdout, asks=asks)))


def mapping(arguments: Sequence[str]) -> None:
    """Take the rules of where payments are booked out as a file, or in: all of them, or none."""
    django.setup()
    from quittance.project import mapping as rules
    from quittance.project.terminal import Terminal

    chosen = rules.options(arguments, explained=mapping.__doc__ or "")
    asks = sys.stdin.isatty() and chosen.file != "-"
    sys.exit(rules.run(chosen, Terminal(source=sys.stdin, to=sys.stdout, asks=asks)))


def bank(arguments: Sequence[str]) -> None:
    """Read a bank's statement, or take the seller's bank accounts out as a file, or in."""
    django.setup()
    from quittance.project import bank as banking
    from quittance.project.terminal import Terminal

    chosen = banking.options(arguments, explained=bank.__doc__ or "")
    asks = sys.stdin.isatty() and chosen.file != "-"
    sys.exit(banking.run(chosen, Terminal(source=sys.stdin, to=sys.stdout, asks=asks)))


def sign_ins(arguments: Sequence[str]) -> None:
    """Show or change who must have a second factor, or take them from who lost theirs."""
    django.setup()
    from quittance.project import sign_ins as signing
    from quittance.project.terminal import Terminal

    chosen = signing.options(arguments, explained=sign_ins.__doc__ or "")
    asks = sys.stdin.isatty()
    sys.exit(signing.run(chosen, Terminal(source=sys.stdin, to=sys.stdout, asks=asks)))


def reseal(arguments: Sequence[str]) -> None:
    """Seal all stored credentials with the key of now, while the one before is still set."""
    parser = argparse.ArgumentParser(prog="quittance reseal", description=reseal.__doc__)
    parser.parse_args(arguments)
    django.setup()
    from quittance.confirmations import requests
    from quittance.connections import keep
    from quittance.identity.factors import app
    from quittance.jobs.organization import each_organization
    from quittance.sso import providers

    rooms = (keep, app, providers, requests)
    rows = sum(room.reseal() for _ in each_organization(actor="reseal") for room in rooms)
    sys.stdout.write(
        f"{rows} secrets of connections, apps, providers and requests are sealed anew.\n"
    )


def retention(arguments: Sequence[str]) -> None:
    """Say what of people has had its time, and with --apply let go of it now."""
    parser = argparse.ArgumentParser(prog="quittance retention", description=retention.__doc__)
    parser.add_argument("--apply", action="store_true", help="let go of it")
    parser.add_argument("--organization", type=UUID, action="append", default=[])
    chosen = parser.parse_args(arguments)
    django.setup()
    from quittance.project import retention as act

    for line in act.retention(apply=chosen.apply, organizations=chosen.organization):
        sys.stdout.write(f"{line}\n")


def erase(arguments: Sequence[str]) -> None:
    """Say where a person is named and what an erasure would do; with --apply erase them now."""
    parser = argparse.ArgumentParser(prog="quittance erase", description=erase.__doc__)
    parser.add_argument("person", metavar="PERSON", help="their address, or their id")
    parser.add_argument("--organization", default="", help="its id or one of its hosts")
    parser.add_argument("--apply", action="store_true", help="erase them; it cannot be undone")
    chosen = parser.parse_args(arguments)
    django.setup()
    from quittance.project import erase as act
    from quittance.project.terminal import Terminal

    asks = sys.stdin.isatty() and sys.stdout.isatty()
    sys.exit(act.run(chosen, Terminal(source=sys.stdin, to=sys.stdout, asks=asks)))


def check_money(arguments: Sequence[str]) -> None:
    """Look whether our books are as they must be; exit code 1 when something is not."""
    parser = argparse.ArgumentParser(prog="quittance check money", description=check_money.__doc__)
    parser.add_argument("--organization", type=UUID, action="append", default=[])
    parser.add_argument(
        "--older-than", type=float, default=24, metavar="HOURS",
        help="what may be under way is only told of when it is older",
    )  # fmt: skip
    chosen = parser.parse_args(arguments)
    django.setup()
    from quittance.project import money

    hours = timedelta(hours=chosen.older_than)
    _say(money.check_money(organizations=chosen.organization, older_than=hours))


def check_audit(arguments: Sequence[str]) -> None:
    """Look whether all that people did is still as it was written down; exit code 1 if not."""
    django.setup()
    from quittance.evidence.anchors import read_head
    from quittance.project import audit

    parser = argparse.ArgumentParser(prog="quittance check audit", description=check_audit.__doc__)
    parser.add_argument("--organization", type=UUID, action="append", default=[])
    parser.add_argument(
        "--anchor", type=read_head, action="append", default=[], metavar="ORGANIZATION:PLACE:HASH",
        help="as it stands in a mail of before: hold the chain against it too",
    )  # fmt: skip
    chosen = parser.parse_args(arguments)
    _say(audit.check_audit(organizations=chosen.organization, given=chosen.anchor))


def check_mail(arguments: Sequence[str]) -> None:
    """Look whether the DNS speaks for who our mails are from; exit code 1 if something is missing.

    SPF, DKIM and DMARC of the domain in From, for each organization.
    """
    parser = argparse.ArgumentParser(prog="quittance check mail", description=check_mail.__doc__)
    parser.add_argument("--organization", type=UUID, action="append", default=[])
    chosen = parser.parse_args(arguments)
    django.setup()
    from quittance.project import mail

    _say(mail.check_mail(organizations=chosen.organization))


def reconcile(arguments: Sequence[str]) -> None:
    """Read the gateways' books, mend what is safe to mend, and say what differs by day."""
    parser = argparse.ArgumentParser(prog="quittance reconcile", description=reconcile.__doc__)
    parser.add_argument("--since", type=date.fromisoformat, metavar="DATE")
    parser.add_argument("--organization", type=UUID, action="append", default=[])
    chosen = parser.parse_args(arguments)
    django.setup()
    from quittance.core import clock
    from quittance.project import money

    since = chosen.since or clock.now().date() - timedelta(days=7)
    _say(money.reconcile(since=since, organizations=chosen.organization))


def ledger(arguments: Sequence[str]) -> None:
    """Say where the money is by our ledger: at each gateway, and for each ERP."""
    django.setup()
    from quittance.project import money
    from quittance.reconciliation.standing import end_of

    parser = argparse.ArgumentParser(prog="quittance ledger", description=ledger.__doc__)
    parser.add_argument(
        "--at", type=end_of, metavar="DATE|MOMENT",
        help="as it was recorded then: at the end of a day in UTC, or at a moment; else now",
    )  # fmt: skip
    parser.add_argument("--organization", type=UUID, action="append", default=[])
    chosen = parser.parse_args(arguments)
    for line in money.ledger(before=chosen.at, organizations=chosen.organization):
        sys.stdout.write(f"{line}\n")


def sync(arguments: Sequence[str]) -> None:
    """Read what changed out of the ERPs now; exit code 1 when something could not be read."""
    parser = argparse.ArgumentParser(prog="quittance sync", description=sync.__doc__)
    parser.add_argument("--organization", type=UUID, action="append", default=[])
    parser.add_argument(
        "--entity", action="append", default=[], help="a legal entity's id or name"
    )  # fmt: skip
    parser.add_argument("--full", action="store_true", help="compare everything, and mend it")
    parser.add_argument(
        "--believe-deletions", action="store_true",
        help="with --full: mark as deleted what the ERP has no more, however many",
    )  # fmt: skip
    parser.add_argument("--status", action="store_true", help="say how the mirror stands")
    chosen = parser.parse_args(arguments)
    django.setup()
    from quittance.project import sync as act

    which = {"organizations": chosen.organization, "entities": chosen.entity}
    if chosen.status:
        _tell(act.status(**which))
    else:
        _tell(act.sync(full=chosen.full, believe_deletions=chosen.believe_deletions, **which))


def _tell(lines: Iterable[tuple[int, str]]) -> None:
    """Write the lines as they come; end with 1 when one says so, or when there is none."""
    wrong, any_ = 0, False
    for count, line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        wrong, any_ = wrong + count, True
    if not any_:
        sys.stdout.write("No legal entity with a connection to an ERP was found.\n")
    sys.exit(1 if wrong or not any_ else 0)


def _say(lines: Iterable[tuple[int, str]]) -> None:
    """Write the lines; end with 1 when one of them says that something is not as it must be."""
    wrong = 0
    for count, line in lines:
        sys.stdout.write(f"{line}\n")
        wrong += count
    sys.stdout.write(f"\n{wrong} findings.\n" if wrong else "\nAll is as it must be.\n")
    if wrong:
        sys.exit(1)
