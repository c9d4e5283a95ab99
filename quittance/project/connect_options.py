"""Reads the options of ``quittance connect``: those of the adapter's own settings, and ours."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from quittance.connections import trial


def read(arguments: Sequence[str], *, explained: str) -> argparse.Namespace:
    """Return what was chosen. An unknown ERP or option ends the program with 2 and a sentence."""
    kinds = [kind.replace("_", "-") for kind in trial.kinds()]
    # No abbreviations: a shorter --client-secret-file would take the secret itself.
    parser = argparse.ArgumentParser(
        prog="quittance connect", description=explained, allow_abbrev=False
    )
    parser.add_argument("kind", choices=kinds, help="which ERP")
    parser.add_argument("--organization", default="", help="its id or one of its hosts")
    parser.add_argument("--legal-entity", default="", metavar="NAME", help="which books")
    parser.add_argument("--zone", default="", help="time zone of a legal entity that is new")
    parser.add_argument("--portal", default="", metavar="URL", help="where the ERP can call us")
    parser.add_argument("--url", default="", help="where the ERP and its sign-in answer (sandbox)")
    parser.add_argument("--check-only", action="store_true", help="test, and keep nothing")
    parser.add_argument("--no-input", action="store_true", help="ask nothing, rather fail")
    named = [argument for argument in arguments if argument in kinds]
    for field in trial.fields_of(named[0].replace("-", "_")) if named else ():
        option = f"--{field.name.replace('_', '-')}"
        names = [option.removesuffix("-id"), option] if field.offered else [option]
        if field.secret:
            parser.add_argument(f"{option}-file", default="", metavar="FILE", help=field.help)
        else:
            parser.add_argument(*dict.fromkeys(names), dest=field.name, default="", help=field.help)
    return parser.parse_args(arguments)
