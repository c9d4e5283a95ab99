"""Refuses to serve pages of which nobody said who may open them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from quittance.identity.permissions import BuyerPermission, Permission

DOORS: Final = frozenset({"portal", "backoffice"})
# Whom a view lets in who needs no permission: everybody, or who holds a link to pay.
OPEN: Final = frozenset({"public", "link"})


def pages() -> Iterator[tuple[str, URLPattern]]:
    """Return every page of the doors for people, by its whole name, such as "portal:invoices"."""
    for door in get_resolver().url_patterns:
        if isinstance(door, URLResolver) and door.app_name in DOORS:
            for name, pattern in _below(door):
                yield f"{door.app_name}:{name}", pattern


def undeclared() -> list[str]:
    """Return the names of pages whose view declares neither a permission nor that it is open."""
    known = {*Permission, *BuyerPermission, *OPEN}
    return [
        name for name, page in pages() if getattr(page.callback, "permission", None) not in known
    ]


def refuse_undeclared() -> None:
    """Stop the start. Raises ``ImproperlyConfigured``, which names the pages."""
    missing = undeclared()
    if missing:
        raise ImproperlyConfigured(
            f"Nobody said who may open {', '.join(missing)}: see quittance/portal/access.py and "
            "quittance/backoffice/access.py."
        )


def _below(resolver: URLResolver) -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _below(each)
        else:
            yield str(each.name or each.pattern), each
