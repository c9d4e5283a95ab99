"""The house under test: every program a process, and a proxy before everything that it asks."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psycopg

from demo import binaries, postgres
from demo.ports import HOST, answers_http, free_port
from tests import migrated
from tests.chaos.programs import Program
from tests.chaos.proxy import Loop, Proxy

DATABASE = "quittance"
_BACKEND = (
    "SELECT pid FROM pg_stat_activity WHERE usename = 'quittance_app'"
    " AND backend_type = 'client backend' ORDER BY random() LIMIT 1"
)
_ASKED = {  # how to see that a program is up
    "gateway": ("gateway_control", "/health"),
    "erp": ("erp_control", "/health"),
    "web": ("web", "/sign-in"),
}


@dataclass(slots=True)
class House:
    """The running programs, and the ways to hurt them."""

    folder: Path
    server: postgres.Server
    loop: Loop
    proxies: dict[str, Proxy]  # "database", "gateway", "erp"
    programs: dict[str, Program] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    _database: threading.Lock = field(default_factory=threading.Lock)

    @property
    def web(self) -> str:
        """The address that buyers know."""
        return f"http://localhost:{self.ports['web']}"

    def control(self, who: str) -> str:
        """The address of a sandbox's control port; no proxy stands before it."""
        return f"http://{HOST}:{self.ports[f'{who}_control']}"

    def ask(self, who: str, method: str, path: str, **said: Any) -> Any:
        """Ask a sandbox's control port."""
        answer = httpx.request(
            method, f"{self.control(who)}{path}", trust_env=False, timeout=30, **said
        )
        return answer.raise_for_status().json()

    def admin(self) -> psycopg.Connection[Any]:
        """A superuser's connection, past the proxy: it sees every organization's rows."""
        with self._database:
            address = self.server.admin_url(DATABASE)
        return psycopg.connect(address, autocommit=True, connect_timeout=5)

    def weather(self, where: str, weather: str, often: float = 0) -> None:
        """Change how a proxy carries."""
        self.loop.do(self.proxies[where].change(weather, often))

    def restart_database(self) -> None:
        """Stop PostgreSQL as ``pg_ctl -m immediate`` does, and let it recover, on another port."""
        with self._database:
            self.server.process.send_signal(signal.SIGQUIT)
            self.server.process.wait()
            self.server.lock.close()
            self.server = postgres.start(self.folder / "postgres", fsync=True)
            self.proxies["database"].target = self.server.port

    def stop_database(self) -> None:
        """Stop it cleanly, whichever server it is by now."""
        self.server.stop()

    def kill_backend(self) -> None:
        """SIGKILL for one backend that works for us: PostgreSQL throws all out and recovers."""
        with self.admin() as admin:
            row = admin.execute(_BACKEND).fetchone()
        if row is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(row[0], signal.SIGKILL)

    def awake(self, *names: str) -> None:
        """Start and wake these programs, or all, and wait until they answer."""
        chosen = {name: self.programs[name] for name in names or self.programs}
        for program in chosen.values():
            program.go_on()
            program.start()
        for name, program in chosen.items():
            if name in _ASKED:
                port, path = _ASKED[name]
                program.wait_until(partial(answers_http, self.ports[port], path))

    def heal(self) -> None:
        """End everything that goes wrong."""
        for where in self.proxies:
            self.weather(where, "")
        self.awake()
        self.ask("gateway", "DELETE", "/faults")
        self.ask("erp", "DELETE", "/faults")
        self.ask("gateway", "POST", "/webhooks/behaviour", json={})


@contextlib.contextmanager
def started(folder: Path, seed: str, *, workers: int = 2) -> Iterator[House]:
    """Put everything up, with a demo company and its buyers; remove nothing at the end."""
    with ExitStack() as stack:
        loop = Loop()
        stack.callback(loop.stop)
        server = postgres.start(folder / "postgres", fsync=True)
        ports = {
            name: free_port()
            for name in ("web", "erp", "erp_control", "gateway", "gateway_control")
        }
        targets = {"database": server.port, "gateway": ports["gateway"], "erp": ports["erp"]}
        proxies = {
            name: Proxy(name, target, Random(f"{seed}:{name}")) for name, target in targets.items()
        }
        house = House(folder, server, loop, proxies, ports=ports)
        stack.callback(house.stop_database)
        for proxy in proxies.values():
            loop.do(proxy.open())
            stack.callback(loop.do, proxy.close())
        server.create_database(DATABASE)
        _add_programs(house, workers)
        for program in house.programs.values():
            stack.callback(program.stop)
        _fill(house)
        yield house


def _add_programs(house: House, workers: int) -> None:
    ports, log, inside = house.ports, house.folder / "log", _inside(house)
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "QUITTANCE_"))}
    for name, module in (("gateway", "sandbox.gateway"), ("erp", "sandbox.business_central")):
        arguments = [module, "--port", str(ports[name])]
        arguments += ["--control-port", str(ports[f"{name}_control"])]
        arguments += ["--data", str(house.folder / name), "--webhook-delay", "0.5"]
        arguments += ["--settle-delay", "4"] if name == "gateway" else []
        house.programs[name] = Program(name, arguments, outside, log / f"{name}.log")
    serve = ["quittance", "serve", "--port", str(ports["web"])]
    house.programs["web"] = Program("web", serve, inside, log / "web.log")
    for place in range(workers):
        name = f"worker_{place + 1}"
        house.programs[name] = Program(name, ["quittance", "worker"], inside, log / f"{name}.log")


def _inside(house: House) -> dict[str, str]:
    """What our own programs are told: the proxies are all they know of the world."""
    through = {name: f"http://{HOST}:{proxy.port}" for name, proxy in house.proxies.items()}
    address = house.server.app_url(DATABASE).replace(
        f":{house.server.port}/", f":{house.proxies['database'].port}/"
    )
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "QUITTANCE_"))
    }
    return inherited | {
        "DATABASE_URL": address,
        "QUITTANCE_SECRET_KEY": secrets.token_urlsafe(48),
        "QUITTANCE_SEAL_KEY": secrets.token_urlsafe(48),
        "QUITTANCE_POOL": "1",
        "QUITTANCE_HTTPS": "0",
        "QUITTANCE_PRIVATE_ADDRESSES": "1",
        "QUITTANCE_TRUSTED_PROXIES": "1",
        "QUITTANCE_PUBLIC_PORT": str(house.ports["web"]),
        "QUITTANCE_STATIC_ROOT": str(house.folder / "static"),
        "QUITTANCE_MAIL_FOLDER": str(house.folder / "mail"),
        "QUITTANCE_DEMO_WEB": house.web,
        "QUITTANCE_DEMO_BUSINESS_CENTRAL": through["erp"],
        "QUITTANCE_DEMO_BUSINESS_CENTRAL_CONTROL": house.control("erp"),
        "QUITTANCE_DEMO_GATEWAY": through["gateway"],
        "QUITTANCE_DEMO_GATEWAY_CONTROL": house.control("gateway"),
        "DJANGO_SETTINGS_MODULE": "quittance.project.settings",
    }


def _fill(house: House) -> None:
    """Migrate, start everything, load the demo company out of the ERP, make the buyers."""
    log, programs = house.folder / "log", house.programs
    inside = programs["web"].environment
    owner = {**inside, "DATABASE_OWNER_URL": house.server.owner_url(DATABASE)}
    programs["gateway"].start()  # they come up while the tables are made
    programs["erp"].start()
    if not migrated.load(house.server.owner_url(DATABASE)):
        Program("migrate", ["quittance", "migrate"], owner, log / "migrate.log").run()
    house.awake("gateway", "erp", "web")
    Program("company", ["demo.company"], inside, log / "company.log").run()
    Program("people", ["tests.chaos.people"], inside, log / "people.log").run()
    house.awake()


def keep_facts(folder: Path, facts: dict[str, Any]) -> None:
    """Write down what a run was, beside its logs."""
    (folder / "run.json").write_text(json.dumps(facts, indent=1, default=str))


def remove(folder: Path) -> None:
    """Throw everything away."""
    import shutil

    binaries.remove_outside(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)
