"""What a browser may load on a page of ours; the page with a gateway's fields may load more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

_SOURCES: Final[Mapping[str, str]] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
}
# Text becomes markup by htmx's policy (static/ui/trusted.js) and script by none. Gateways' scripts
# know nothing of it, so it is left out where one is loaded.
_TRUSTED_TYPES: Final = {"require-trusted-types-for": "'script'", "trusted-types": "htmx"}
REPORTS: Final = "/hooks/browser"  # where browsers say what they refused; see webhooks/reports.py
_ENDPOINT: Final = "csp"
REPORTING: Final = f'{_ENDPOINT}="{REPORTS}"'  # what browsers want to know of it in a header
_REPORTED: Final = {"report-uri": REPORTS, "report-to": _ENDPOINT}


def policy(**more: Sequence[str]) -> str:
    """Return the policy of a page; ``script_src=["https://js.example"]`` adds an origin to it."""
    added = {name.replace("_", "-"): list(origins) for name, origins in more.items() if origins}
    trusted = {} if "script-src" in added else _TRUSTED_TYPES
    sources = {**dict.fromkeys(added, ""), **_SOURCES, **trusted, **_REPORTED}
    return "; ".join(
        " ".join(filter(None, (name, said, *added.get(name, ())))) for name, said in sources.items()
    )


def may_ask_for_payment(origins: Sequence[str]) -> str:
    """Return the permissions of a page whose fields may use the browser's own way to pay."""
    allowed = " ".join(["self", *(f'"{each}"' for each in origins)])
    return f"camera=(), microphone=(), geolocation=(), payment=({allowed})"
