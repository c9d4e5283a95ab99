"""What tests stand on: a PostgreSQL of their own, both sandboxes, one organization a test."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import psycopg
import pytest
from django.conf import settings
from psycopg.pq import TransactionStatus

from demo import postgres, roles
from tests import kept_numbers, migrated
from tests.ground import Ground, World, make_ground

if TYPE_CHECKING:
    from sandbox.gateway.launch import Running as Gateway

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
DATABASE = f"quittance_{WORKER}"
_SECRETS = {
    "QUITTANCE_SECRET_KEY": "tests-only-" * 6,
    "QUITTANCE_SEAL_KEY": "tests-only-" * 4,
    "QUITTANCE_HTTPS": "0",
    "QUITTANCE_PRIVATE_ADDRESSES": "1",
    "DJANGO_SETTINGS_MODULE": "quittance.project.settings",
}


def _serve_database() -> None:
    """Start one PostgreSQL for the run: the first process does, workers are told by variables."""
    if "QUITTANCE_TEST_OWNER" in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="quittance-tests-"))
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    server = stack.enter_context(postgres.started(folder / "postgres"))
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute("SET scram_iterations = 1")  # the passwords are long and random: no guessing
        roles.make_roles(admin, server.passwords)
    os.environ["QUITTANCE_TEST_ADMIN"] = server.admin_url()
    os.environ["QUITTANCE_TEST_OWNER"] = server.owner_url("{database}")
    os.environ["QUITTANCE_TEST_APP"] = server.app_url("{database}")
    os.environ["QUITTANCE_TEST_FOLDER"] = str(folder)


def _keep_bytecode() -> None:
    """Where Python may keep no bytecode beside the sources, this run and its programs use ``var``.

    Without any, each program would compile all of Django when it starts.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        folder = Path(__file__).parents[1] / "var" / "bytecode"
        sys.pycache_prefix = os.environ.setdefault("PYTHONPYCACHEPREFIX", str(folder))
        sys.dont_write_bytecode = False


def _name(variable: str, database: str = DATABASE) -> str:
    return os.environ[variable].replace("%7Bdatabase%7D", database).replace("{database}", database)


def _admin(database: str) -> str:
    """Return a superuser's address of a database: it sees past all walls."""
    return f"{os.environ['QUITTANCE_TEST_ADMIN'].rpartition('/')[0]}/{database}"


def _make_database(name: str) -> None:
    """Make an empty database, open to the application's role."""
    with psycopg.connect(os.environ["QUITTANCE_TEST_ADMIN"], autocommit=True) as admin:
        roles.make_database(admin, name)
    roles.open_to_app(_name("QUITTANCE_TEST_OWNER", name))


gc.disable()  # until all is imported: what is imported lives on
_keep_bytecode()
_serve_database()
os.environ.update(_SECRETS)
MAILS = Path(os.environ["QUITTANCE_TEST_FOLDER"]) / WORKER / "mails"
MAILS.mkdir(parents=True, exist_ok=True)
os.environ["QUITTANCE_MAIL_FOLDER"] = str(MAILS)
os.environ["DATABASE_URL"] = _name("QUITTANCE_TEST_APP")
os.environ["DATABASE_OWNER_URL"] = _name("QUITTANCE_TEST_OWNER")
settings.PASSWORD_HASHERS = ["tests.hashing.Cheap"]
django.setup()


def pytest_configure(config: pytest.Config) -> None:
    """The first process migrates for all, unless an earlier run has."""
    config.pluginmanager.register(kept_numbers.Search(address=_admin(DATABASE), mails=MAILS))
    if config.getoption("numprocesses", None):
        gc.enable()  # this process looks for no tests
    if not (migrated.is_begun() or migrated.kept()):
        name = "quittance_migrated"
        _make_database(name)
        migrated.begin(owner=_name("QUITTANCE_TEST_OWNER", name), admin=_admin(name))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have long tests, so that no worker is left with one at the end."""
    long = {
        each.path for each in items if {"slow", "browser"} & {m.name for m in each.iter_markers()}
    }
    items.sort(key=lambda each: each.path not in long)


def pytest_collection_finish() -> None:
    """Look for garbage less often: what was imported lives on, and to look costs a tenth."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


@pytest.fixture(scope="session")
def database() -> Iterator[None]:
    """An empty, migrated database; the tests connect as the application's role."""
    from django.db import connections

    _make_database(DATABASE)
    migrated.load(_name("QUITTANCE_TEST_OWNER"))
    yield
    connections.close_all()


@pytest.fixture(scope="session")
def _superuser(database: None) -> Iterator[psycopg.Connection]:
    """A connection past all walls, whose deeds no trigger and no foreign key looks at."""
    with psycopg.connect(_admin(DATABASE), autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        yield admin


@pytest.fixture(autouse=True)
def _no_organization_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take away the organizations that the test made, not those of its module.

    Jobs go from one organization to the next: through those of all earlier tests it would take
    seconds. Only the row that names it goes; what else it left stands behind its wall.
    """
    if "database" not in request.fixturenames:
        yield
        return
    admin: psycopg.Connection = request.getfixturevalue("_superuser")
    of_module = [key for (key,) in admin.execute("SELECT id FROM tenancy_organization")]
    yield
    admin.execute("DELETE FROM tenancy_organization WHERE id <> ALL(%s)", [of_module])


@pytest.fixture(scope="session")
def world(database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Both sandboxes, running."""
    from sandbox.business_central.launch import start_business_central
    from sandbox.gateway.launch import start_gateway

    folder = tmp_path_factory.mktemp("world")
    with (
        start_business_central(folder / "business_central", webhook_delay=0.2) as erp,
        start_gateway(folder / "gateway", webhook_delay=0.05, settle_delay=0.2) as gateway,
    ):
        world = World(erp=erp, gateway=gateway)
        yield world
        world.client.close()


@pytest.fixture(scope="session")
def _quiet_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    from sandbox.gateway.launch import start_gateway

    with start_gateway(
        tmp_path_factory.mktemp("quiet") / "gateway",
        webhook_delay=0.05, settle_delay=0.2, return_delay=0.2,
    ) as gateway:  # fmt: skip
        yield gateway


@pytest.fixture
def quiet_world(world: World, _quiet_gateway: Gateway) -> Iterator[World]:
    """Both sandboxes; nobody else's charges are in the gateway's books, and nothing is planned."""
    own = World(erp=world.erp, gateway=_quiet_gateway)
    own.client.delete(f"{_quiet_gateway.control_url}/state").raise_for_status()
    yield own
    own.client.delete(f"{world.erp.control_url}/faults").raise_for_status()
    own.client.close()


@pytest.fixture
def ground(world: World) -> Iterator[Ground]:
    """A new organization with its connections, customers in the mirror, and the scope entered."""
    from quittance.connections.open import close_adapters

    with make_ground(world) as ground:
        yield ground
    close_adapters()
    for url in (world.erp.control_url, world.gateway.control_url):
        world.client.delete(f"{url}/faults").raise_for_status()


@pytest.fixture(autouse=True)
def _connection_as_new() -> Iterator[None]:
    """Leave the next test a connection that knows nothing of this one.

    A new one would also have PostgreSQL read anew what every table, wall and trigger is.
    """
    yield
    from django.db import connections

    for wrapper in connections.all(initialized_only=True):
        if wrapper.connection is not None and not _made_as_new(wrapper):
            wrapper.close()


def _made_as_new(wrapper: Any) -> bool:
    """Have PostgreSQL forget the session; ``False`` where the connection cannot be kept."""
    raw: psycopg.Connection[Any] = wrapper.connection
    is_idle = raw.info.transaction_status == TransactionStatus.IDLE
    if wrapper.alias != "default" or wrapper.errors_occurred or not is_idle:
        return False
    try:
        raw.execute("DISCARD ALL")
    except psycopg.Error:  # the server has ended it
        return False
    return True
