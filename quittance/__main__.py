"""The command ``quittance``: serve, worker, migrate, and Django's own commands."""

from __future__ import annotations

import os
import sys

_OWN = {
    "serve", "worker", "migrate", "connect", "mapping", "connections", "reseal", "reconcile",
    "sync", "bank", "ledger", "sign-ins", "retention", "erase",
}  # fmt: skip


def main() -> None:
    """Run what the first argument names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quittance.project.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if sys.argv[1:3] in (
        ["check", "money"],
        ["check", "audit"],
        ["check", "mail"],
    ):  # what else is checked is Django's
        from quittance.project import commands

        getattr(commands, f"check_{sys.argv[2]}")(sys.argv[3:])
    elif command == "new-gateway":  # needs no settings and no database
        from quittance.project import new_gateway

        new_gateway.run(sys.argv[2:])
    elif command in _OWN:
        from quittance.project import commands

        getattr(commands, command.replace("-", "_"))(sys.argv[2:])
    else:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["quittance", *sys.argv[1:]])


if __name__ == "__main__":
    main()
