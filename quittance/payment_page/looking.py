"""Fetches the pages on which people pay as a browser would, and writes down how they were."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urljoin
from uuid import UUID

import httpx
from django.conf import settings
from django.urls import reverse

from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.branding.look import forget_look, look_of
from quittance.branding.theme import css_variables
from quittance.connections.models import GatewayAccount
from quittance.connections.open import gateway_for
from quittance.connections.reach import new_client
from quittance.core import clock
from quittance.core.errors import Misconfigured, Refused, Unavailable
from quittance.gateways.fields import EmbedsFields
from quittance.httpclient.client import send
from quittance.payment_page.inventory import FIELDS, LINK, inventory, read_of_gateway
from quittance.payment_page.judge import Expected, Seen, judge
from quittance.payment_page.sample import sample_token
from quittance.tenancy.address import portal_address
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id

log = logging.getLogger(__name__)
LOOKED: Final = "payment page looked at"  # what the audit calls it; s13_*.sql reads it
PATIENCE: Final = 3  # looks in a row without an answer before that is told
_A_DAY: Final = timedelta(hours=23)  # the clock strikes every hour
_SECONDS: Final = 20
_MOST_BYTES: Final = 2 * 1024 * 1024
# As a browser asks: a server that lies to browsers alone shall not know us.
_AS_A_BROWSER: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36",
    "Accept-Language": "en-US,en;q=0.9",
}
_TO_A_PAGE: Final = {
    "Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Site": "none",
    "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
}  # fmt: skip
_TO_A_FILE: Final = {
    "Accept": "*/*", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors",
    "Sec-Fetch-Dest": "script",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A page of the current organization on which people pay."""

    key: str  # "link", or "fields:" and the id of a gateway account
    account: GatewayAccount | None = None

    @property
    def page(self) -> str:
        """Its name in the inventory."""
        return FIELDS if self.account else LINK

    @property
    def title(self) -> str:
        """How people call it."""
        title = inventory().titles[self.page]
        return f"{title} of {self.account.name}" if self.account else title


def look_at_pages() -> list[str]:
    """Look at every page whose time has come, write down how each was; return all differences.

    A page is looked at once a day, and every hour while something is wrong with it. An organization
    that nobody can reach has no pages.
    """
    address = portal_address(current_organization_id())
    if not address:
        return []
    with reading():
        due = [(each, last) for each in _targets() if _is_due(last := _last_look(each.key))]
    found = []
    with new_client(timeout_seconds=_SECONDS) as client:
        for target, last in due:
            found += _look(client, address, target, failures=int((last or {}).get("failures", 0)))
    return found


def _targets() -> Sequence[Target]:
    accounts = GatewayAccount.objects.filter(is_active=True, embeds=True).order_by("pk")
    return [
        Target(key=LINK),
        *(Target(key=f"{FIELDS}:{each.pk}", account=each) for each in accounts),
    ]


def _last_look(key: str) -> dict[str, Any] | None:
    """Return the facts of the last look at a page within the day, or ``None``."""
    rows = AuditEvent.objects.filter(
        what=LOOKED, happened_at__gt=clock.now() - _A_DAY, facts__page=key
    )
    return rows.order_by("-happened_at", "-id").values_list("facts", flat=True).first()


def _is_due(last: dict[str, Any] | None) -> bool:
    return last is None or bool(last["differences"] or last["failures"])


def _look(client: httpx.Client, address: str, target: Target, *, failures: int) -> list[str]:
    try:
        seen = _seen(client, address, target)
        failures = 0
    except Unavailable as error:
        failures += 1
        told = [f"It could not be had {failures} times in a row: {error}"]
        seen = Seen(differences=told if failures >= PATIENCE else [])
    with writing():
        record_event(
            LOOKED, page=target.key, title=target.title, address=address, failures=failures,
            differences=seen.differences, headers=seen.headers, files=seen.files,
        )  # fmt: skip
    if seen.differences:
        log.error("%s is not as the inventory says: %s", target.title, seen.differences[0])
    return seen.differences


def _seen(client: httpx.Client, address: str, target: Target) -> Seen:
    """Raises ``Unavailable`` when there was no answer."""
    try:
        expected = _expected(address, target)
        answer = _get(client, expected.address, _TO_A_PAGE)
        return judge(
            expected, answer.headers, answer.text,
            lambda file: _get(client, file, _TO_A_FILE).content,
        )  # fmt: skip
    except (Misconfigured, Refused) as error:
        return Seen(differences=[str(error)])


def _get(client: httpx.Client, address: str, headers: dict[str, str]) -> httpx.Response:
    request = client.build_request("GET", address, headers={**_AS_A_BROWSER, **headers})
    try:
        return send(client, request, most_bytes=_MOST_BYTES)
    except (Misconfigured, Refused) as error:
        if "status" not in error.facts:
            raise
        what = f"{request.url.path[:100]} is answered with {error.facts['status']}."
        raise Refused(what) from error


def _expected(address: str, target: Target) -> Expected:
    organization_id = current_organization_id()
    forget_look(organization_id)  # what this process remembers may be older than the page
    brand = css_variables(look_of(organization_id, name=""))
    path = _path(target.account.pk if target.account else None)
    plain = Expected(
        page=target.page, address=urljoin(address, path), static=settings.STATIC_URL, brand=brand
    )
    if target.account is None:
        return plain
    gateway = gateway_for(target.account.pk)
    if not isinstance(gateway, EmbedsFields):
        raise Misconfigured("This gateway has no fields any more: have them not shown.")
    brought = read_of_gateway(gateway.fields_inventory())
    origins = brought.allowed(gateway.capabilities.origins)
    return replace(plain, gateway=brought, origins=origins)


def _path(account_id: UUID | None) -> str:
    if account_id is None:
        return reverse("portal:open_link", kwargs={"token": "a-look-at-the-page"})
    return reverse("portal:sample_fields", kwargs={"token": sample_token(account_id)})
