"""A portal behind real HTTP, and directories of companies that call it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.ground import Ground
from tests.portal.doors import Door, make_door, plain_files
from tests.scim.directory import Directory, connected


@pytest.fixture(scope="session")
def server(database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The web server; returns its port."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    class Silent(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with plain_files(tmp_path_factory.mktemp("static")):
        httpd = ThreadedWSGIServer(("127.0.0.1", 0), Silent)
        httpd.daemon_threads = True
        httpd.set_app(WSGIHandler())
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield httpd.server_port
        httpd.shutdown()
        httpd.server_close()
        thread.join()


@pytest.fixture
def door(ground: Ground) -> Iterator[Door]:
    """The portal of the test's organization."""
    with make_door(ground) as door:
        yield door


@pytest.fixture
def contoso(door: Door, server: int) -> Iterator[Directory]:
    """The directory of a customer's company."""
    with connected(door, server) as directory:
        yield directory


@pytest.fixture
def own(door: Door, server: int) -> Iterator[Directory]:
    """The directory of the seller's own staff."""
    roles = {"clerks": "clerk", "bosses": "administrator"}
    with connected(
        door, server, domain="northwind.test", for_staff=True, customers=(), roles=roles
    ) as directory:
        yield directory
