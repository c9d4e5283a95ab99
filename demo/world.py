"""Puts up the whole house: database, both sandboxes, demo company, worker and web server."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from demo import binaries, children, gateways, postgres, roles
from demo.children import ROOT, Child
from demo.gateways import GATEWAYS
from demo.ports import HOST, free_port, is_free

DATABASE = "quittance"
FILL_SECONDS = 1800  # a million invoices take their time, once
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each server listens, on the loopback address only."""

    web: int = 8000
    business_central: int = 8101
    business_central_control: int = 8102
    gateway: int = 8201
    gateway_control: int = 8202
    gateway_fields: int = 8203
    stripe: int = 8211
    stripe_script: int = 8212
    stripe_control: int = 8213
    paypal: int = 8221
    paypal_control: int = 8222


USUAL_PORTS = Ports()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to put up, and where. ``invoices`` is the size of a new demo company.

    ``fsync=False`` is for data that nobody keeps.
    """

    directory: Path
    ports: Ports
    invoices: int | None = None
    fsync: bool = True
    gateways: tuple[str, ...] = ("sandbox",)


@dataclass(frozen=True, slots=True)
class World:
    """The running house.

    ``facts`` is what ``demo.company --print`` says, ``inside`` the environment of our programs.
    """

    plan: Plan
    addresses: dict[str, str]
    facts: dict[str, Any]
    programs: tuple[Child, ...]
    server: postgres.Server | None
    inside: dict[str, str]

    def check(self) -> None:
        """Raise ``ChildDied`` if one of the programs has ended."""
        for child in self.programs:
            child.check()
        if self.server:
            log = self.plan.directory / "log" / "postgres.log"
            Child("PostgreSQL", self.server.process, log).check()


def choose_ports(say: Say, usual: Ports = USUAL_PORTS) -> Ports:
    """The usual ports, or the next free one for each that is taken."""
    chosen: dict[str, int] = {}
    for name in Ports.__slots__:
        wanted = getattr(usual, name)
        port = next(p for p in range(wanted, 65536) if p not in chosen.values() and is_free(p))
        if port != wanted:
            say(f"port {wanted} is taken; {name.replace('_', ' ')} uses {port}")
        chosen[name] = port
    return Ports(**chosen)


def free_ports() -> Ports:
    """Ports that nobody uses, for a run beside others."""
    return Ports(*(free_port() for _ in Ports.__slots__))


@contextlib.contextmanager
def started(plan: Plan, say: Say) -> Iterator[World]:
    """The house, running until the block ends; the database stops last."""
    logs = plan.directory / "log"
    with contextlib.ExitStack() as stack:
        outside = [stack.enter_context(child) for child in _sandboxes(plan, logs, say)]
        server, database = _database(plan, stack, say)
        inside = _environment(plan, database.app)
        _prepare(plan, inside, database.owner, say)
        control = plan.ports.business_central_control
        children.wait_for_answer(outside[0], control, "/health", seconds=FILL_SECONDS)
        for name, child in zip(plan.gateways, outside[1:], strict=True):
            children.wait_for_answer(child, getattr(plan.ports, GATEWAYS[name].ports["port"]))
        say("starts the web server and loads the demo company out of Business Central")
        serve = ["quittance", "serve", "--port", str(plan.ports.web)]
        web = stack.enter_context(_program("web", serve, logs, inside))
        company = logs / "demo-company.log"
        children.run("demo.company", ["demo.company"], log=company, environment=inside)
        say("starts the worker")
        worker = stack.enter_context(_program("worker", ["quittance", "worker"], logs, inside))
        children.wait_for_answer(web, plan.ports.web)
        facts = _facts(inside)
        programs = (web, worker, *outside)
        try:
            yield World(plan, addresses(plan), facts, programs, server, inside)
        finally:
            say("stops everything")


def addresses(plan: Plan) -> dict[str, str]:
    """The address of every server, by the variable that tells it to ``demo.company``."""
    ports = plan.ports
    return {
        "QUITTANCE_DEMO_WEB": f"http://localhost:{ports.web}",
        "QUITTANCE_DEMO_BUSINESS_CENTRAL": f"http://{HOST}:{ports.business_central}",
        "QUITTANCE_DEMO_BUSINESS_CENTRAL_CONTROL": f"http://{HOST}:{ports.business_central_control}",
        **gateways.addresses(ports, plan.gateways),
    }


def _program(
    name: str, arguments: list[str], logs: Path, environment: dict[str, str]
) -> contextlib.AbstractContextManager[Child]:
    log = logs / f"{name}.log"
    return children.running(name, arguments, log=log, environment=environment)


def _quittance(command: str, logs: Path, environment: dict[str, str], *told: str) -> None:
    log, line = logs / f"{command}.log", ["quittance", command, *told]
    children.run(f"quittance {command}", line, log=log, environment=environment)


def _sandboxes(
    plan: Plan, logs: Path, say: Say
) -> Iterator[contextlib.AbstractContextManager[Child]]:
    """The servers of the world outside; they know nothing of our database or secrets."""
    names = [GATEWAYS[each].name for each in plan.gateways]
    say(f"starts {', '.join(['the Business Central sandbox', *names])}")
    ports, environment = plan.ports, _inherited()
    of_erp = ["--port", str(ports.business_central)]
    of_erp += ["--control-port", str(ports.business_central_control)]
    if plan.invoices is not None:
        of_erp += ["--invoices", str(plan.invoices)]
    programs = [("sandbox.business_central", of_erp)]
    programs += [(GATEWAYS[each].module, GATEWAYS[each].arguments(ports)) for each in plan.gateways]
    for module, told in programs:
        name = module.removeprefix("sandbox.")
        arguments = [module, *told, "--data", str(plan.directory / name), "--webhook-delay", "1"]
        yield _program(name, arguments, logs, environment)


def _database(
    plan: Plan, stack: contextlib.ExitStack, say: Say
) -> tuple[postgres.Server | None, roles.Addresses]:
    """The given PostgreSQL if ``DATABASE_URL`` is set, else our own."""
    given = os.environ.get("DATABASE_URL")
    if given:
        say("prepares the PostgreSQL that DATABASE_URL names")
        passwords = roles.passwords_in(plan.directory / "given-database-passwords.json")
        owner = os.environ.get("DATABASE_OWNER_URL")
        return None, roles.prepare_given(given, owner, passwords)
    version = binaries.installed_version()
    say(f"starts PostgreSQL {version} under {_short(plan.directory / 'postgres')}")
    server = postgres.start(
        plan.directory / "postgres",
        fsync=plan.fsync,
        log=plan.directory / "log" / "postgres.log",
    )
    stack.callback(server.stop)
    server.create_database(DATABASE)
    return server, roles.Addresses(server.owner_url(DATABASE), server.app_url(DATABASE))


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _inherited() -> dict[str, str]:
    """Our environment without the database addresses: each program gets only what it needs."""
    return {k: v for k, v in os.environ.items() if not k.startswith("DATABASE_")}


def _environment(plan: Plan, app_address: str) -> dict[str, str]:
    return {
        **_inherited(),
        **_secrets(plan.directory / "secrets.json"),
        **addresses(plan),
        "DATABASE_URL": app_address,
        "QUITTANCE_POOL": "1",
        "QUITTANCE_HTTPS": "0",
        "QUITTANCE_PRIVATE_ADDRESSES": "1",
        "QUITTANCE_PUBLIC_PORT": str(plan.ports.web),
        "QUITTANCE_STATIC_ROOT": str(plan.directory / "static"),
        "QUITTANCE_MAIL_FOLDER": str(plan.directory / "mail"),
    }


def _secrets(file: Path) -> dict[str, str]:
    """The demo's own keys, made once and readable by nobody else."""
    if not file.exists():
        names = ("QUITTANCE_SECRET_KEY", "QUITTANCE_SEAL_KEY")
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump({name: secrets.token_urlsafe(48) for name in names}, out)
    content: dict[str, str] = json.loads(file.read_text())
    return content


def _prepare(plan: Plan, environment: dict[str, str], owner_address: str, say: Say) -> None:
    """Bring the database and the static files up to date."""
    logs = plan.directory / "log"
    say("migrates the database")
    # Whoever brought roles of his own has made a reader, too, if he wants one.
    ours = urlsplit(owner_address).username == roles.OWNER
    told = ["--reader", roles.READER] if ours else []
    _quittance("migrate", logs, {**environment, "DATABASE_OWNER_URL": owner_address}, *told)


def _facts(environment: dict[str, str]) -> dict[str, Any]:
    """What the demo company says of itself: addresses and sign-ins."""
    said = subprocess.run(
        [sys.executable, "-m", "demo.company", "--print"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )
    if said.returncode:
        raise children.ChildDied(f"demo.company --print failed: {said.stderr.strip()}")
    facts: dict[str, Any] = json.loads(said.stdout)
    return facts


def watch(world: World) -> None:
    """Look after the programs until a signal ends us. Raises ``ChildDied``."""
    while True:
        world.check()
        time.sleep(0.3)


def remove(directory: Path) -> None:
    """Throw away everything that was kept, also what lies outside the directory."""
    binaries.remove_outside(directory / "postgres")
    if directory.exists():
        shutil.rmtree(directory)
