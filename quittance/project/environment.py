"""Reads the environment; a wrong value stops the start with a sentence."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
_PREPARE_AFTER = 5  # times that a connection of the pool has sent a statement; see tenancy/kept.py


def env_text(name: str, default: str | None = None) -> str:
    """Return the variable ``name``, or ``default``; without either the start stops."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set the environment variable {name}.")
    return value


def env_flag(name: str, *, default: bool = False) -> bool:
    """Return the variable ``name`` as true (1, true, yes, on) or false (0, false, no, off)."""
    value = os.environ.get(name, "").lower()
    if name not in os.environ:
        return default
    if value not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}; write 1 or 0.")
    return value in _TRUE


def env_whole(name: str, default: int) -> int:
    """Return the variable ``name`` as a whole number."""
    value = os.environ.get(name, str(default))
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name} is {value!r}; write a whole number.")
    return int(value)


def env_servers(name: str) -> list[tuple[str, int]]:
    """Return the variable ``name`` as IP addresses and ports, like ``9.9.9.9:53 [::1]:5353``."""
    found = []
    for each in os.environ.get(name, "").split():
        host, _, port = each.rpartition(":")
        try:
            found.append((str(ip_address(host.strip("[]"))), int(port)))
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} has {each!r}; write it like 9.9.9.9:53.") from error
    return found


def env_secret(name: str, *, at_least: int = 32, required: bool = True) -> str:
    """Return the secret ``name``, from the environment or the file that ``name_FILE`` names.

    One that is not required may be left out, or empty.
    """
    file = os.environ.get(f"{name}_FILE")
    if not required and not file and not os.environ.get(name):
        return ""
    value = Path(file).read_text().strip() if file else env_text(name)
    if len(value) < at_least:
        raise ImproperlyConfigured(f"{name} has {len(value)} characters; it needs {at_least}.")
    return value


def env_database(name: str, *, pool: bool) -> dict[str, Any]:
    """Return Django's settings for the database whose address the variable ``name`` holds.

    Shape: ``postgresql://role:password@host:port/database?sslmode=verify-full``; a ``host`` in the
    query names the folder of a socket.
    """
    address = urlsplit(env_text(name))
    if address.scheme not in {"postgresql", "postgres"} or len(address.path) < 2:
        raise ImproperlyConfigured(f"{name} is not like postgresql://role:password@host/database.")
    query = dict(parse_qsl(address.query))
    options: dict[str, Any] = {"application_name": "quittance"}
    if pool:
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
        options["prepare_threshold"] = _PREPARE_AFTER
    host = query.pop("host", unquote(address.hostname or ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(address.path[1:]),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": host,
        "PORT": str(address.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": pool,
        "OPTIONS": options | query,
    }


def env_connect(field: str) -> str:
    """Return the setting ``field`` of a connection that is being made; "" when it is not given.

    ``QUITTANCE_CONNECT_CLIENT_ID``, or ``…_FILE`` with the path of a file that holds it.
    """
    name = f"QUITTANCE_CONNECT_{field.upper()}"
    file = os.environ.get(f"{name}_FILE")
    return Path(file).read_text().strip() if file else os.environ.get(name, "").strip()
