"""Keeps a gateway that does not accept our key from being asked again and again.

Nothing is decided by it: what is under way stays as it is until the gateway can be asked again.
Source: F29 of reliability.md.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import httpx
from django.db import DatabaseError

from quittance.audit.record import record_event
from quittance.connections.models import GatewayAccount
from quittance.core import clock
from quittance.core.errors import Unavailable
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened

log = logging.getLogger(__name__)
AFTER: Final = 3  # refusals of our key in a row; one may be the key that was just replaced
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
_NO_KEY: Final = frozenset({401, 403})
# Accounts that refused our key last: only for them a good answer is news. A hint, no truth.
_refusing: set[UUID] = set()


def watch(client: httpx.Client, account_id: UUID) -> None:
    """Count from now on how the answers to ``client`` go, which talks to this account only."""
    client.event_hooks = {"response": [partial(_note, account_id)]}


def must_be_open(account: GatewayAccount) -> None:
    """Raise ``Unavailable`` while the account must not be asked; ``account`` was just read."""
    if account.refusals:
        _refusing.add(account.pk)
    if account.shut_until and account.shut_until > clock.now():
        wait = account.shut_until - clock.now()
        raise Unavailable(
            "The gateway does not accept our key, so it is not asked for a while.",
            retry_after_seconds=wait.total_seconds(), gateway_account=str(account.pk),
        )  # fmt: skip


def shut_accounts() -> list[str]:
    """Return the names of the accounts that do not accept our key, in a caller's transaction."""
    refusing = GatewayAccount.objects.filter(is_active=True, refusals__gte=AFTER)
    return list(refusing.order_by("name").values_list("name", flat=True))


def _note(account_id: UUID, response: httpx.Response) -> None:
    try:
        if response.status_code in _NO_KEY:
            _refused(account_id)
        elif response.is_success and account_id in _refusing:
            _accepted(account_id)
    except DatabaseError:  # an answer is worth more than our counting
        log.warning("gateway account %s: its answer was not counted", account_id)


def _refused(account_id: UUID) -> None:
    _refusing.add(account_id)
    with widened(), writing():
        row = GatewayAccount.objects.select_for_update().get(pk=account_id)
        row.refusals += 1
        if row.refusals >= AFTER:
            row.shut_until = clock.now() + WAITS[min(row.refusals - AFTER, len(WAITS) - 1)]
        if row.refusals == AFTER:
            record_event(
                "gateway does not accept our key",
                subject_kind="gateway_account",
                subject_id=account_id,
            )
        row.save(update_fields=["refusals", "shut_until"])


def _accepted(account_id: UUID) -> None:
    _refusing.discard(account_id)
    with widened(), writing():
        refusing = GatewayAccount.objects.filter(pk=account_id, refusals__gt=0)
        refusing.update(refusals=0, shut_until=None)
