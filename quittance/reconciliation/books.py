"""Reads the gateways' own books, entry by entry, and hands what is new to those it concerns."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from quittance.connections.models import GatewayAccount
from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import OutsideError, Refused
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.gateways.base import Movement, MovementKind, MovementPage, ReportsMovements
from quittance.ledger import accounts
from quittance.ledger.record import record
from quittance.payments.jobs import wake
from quittance.payments.models import GatewayAttempt
from quittance.payments.models.attempt import WITH_MONEY
from quittance.payments.outside import adopt_movements
from quittance.reconciliation.models import BooksCursor, GatewayMovement
from quittance.tenancy.rows import reading, writing

log = logging.getLogger(__name__)
K = GatewayMovement.Kind
PAGES: Final = 200  # in one run; the next one goes on


def read_books(gateway_account_id: UUID) -> Sequence[Movement]:
    """Read what is new in a gateway's books, keep it, hand it over; return it.

    Each page is kept in one transaction with the place where it ends, so nothing is lost and
    nothing counts twice. A gateway that shows no books has none. Raises ``OutsideError``, noted
    on the cursor; what was read before it stays.
    """
    gateway = gateway_for(gateway_account_id)
    if not isinstance(gateway, ReportsMovements):
        return []
    new: list[Movement] = []
    try:
        for _ in range(PAGES):
            cursor = _cursor_of(gateway_account_id)
            page = _page_after(gateway, cursor)
            new += _keep(gateway_account_id, cursor, page)
            if not page.more:
                break
    except OutsideError as error:
        _note_failure(gateway_account_id, error)
        raise
    finally:
        hand_over(gateway_account_id, {each.gateway_object for each in new})
    return new


def _page_after(gateway: ReportsMovements, cursor: str) -> MovementPage:
    """Return the page after ``cursor``; the first one when the gateway does not know the place.

    What is known already does not count again.
    """
    try:
        return gateway.movements(cursor)
    except Refused:
        if not cursor:
            raise
        log.warning("the gateway does not know our place in its books, which are read anew")
        return gateway.movements("")


def hand_over(gateway_account_id: UUID, objects: Collection[str]) -> None:
    """Tell each payment what the books say of it. Run it as often as you like.

    Nothing is raised: what could not be told shows as a difference, and is told again.
    """
    with reading():
        attempts = list(
            GatewayAttempt.objects.filter(
                gateway_account_id=gateway_account_id, gateway_object__in=objects
            )
        )
        kept = _kept(gateway_account_id, [each.gateway_object or "" for each in attempts])
    for attempt in attempts:
        movements = kept[attempt.gateway_object or ""]
        if attempt.status not in WITH_MONEY:  # its webhook is late, or lost: F24
            with writing():
                wake(attempt.payment_id)
        if any(each.kind is not MovementKind.CHARGE for each in movements):
            _adopt(attempt, movements)


def accounts_with_books() -> list[UUID]:
    """Return the gateway accounts that are switched on, in a transaction of the caller."""
    active = GatewayAccount.objects.filter(is_active=True)
    return list(active.order_by("pk").values_list("pk", flat=True))


def _adopt(attempt: GatewayAttempt, movements: Sequence[Movement]) -> None:
    """What went back without us is for ``payments`` to write down."""
    try:
        adopt_movements(attempt.pk, movements)
    except OutsideError as error:
        log.warning("movements of attempt %s wait: %s", attempt.pk, error)


def _cursor_of(gateway_account_id: UUID) -> str:
    with reading():
        found = BooksCursor.objects.filter(gateway_account_id=gateway_account_id).first()
    return found.cursor if found else ""


def _keep(gateway_account_id: UUID, cursor: str, page: MovementPage) -> list[Movement]:
    """Keep one page; return what is new of it. A worker that was faster has kept it already."""
    with writing():
        row, _ = BooksCursor.objects.select_for_update().get_or_create(
            gateway_account_id=gateway_account_id
        )
        if row.cursor != cursor:
            return []
        ids = [each.movement_id for each in page.movements]
        known = GatewayMovement.objects.filter(
            gateway_account_id=gateway_account_id, movement_id__in=ids
        )
        seen = set(known.values_list("movement_id", flat=True))
        new = [each for each in page.movements if each.movement_id not in seen]
        for each in new:
            _write(gateway_account_id, each)
        succeeded = {} if page.more else {"succeeded_at": clock.now(), "failure": ""}
        BooksCursor.objects.filter(pk=row.pk).update(cursor=page.cursor, **succeeded)
    return new


def _write(gateway_account_id: UUID, movement: Movement) -> None:
    row = GatewayMovement.objects.create(
        id=new_id(), gateway_account_id=gateway_account_id, movement_id=movement.movement_id,
        kind=movement.kind.value, gateway_object=movement.gateway_object,
        subject=movement.subject, gross_minor=movement.gross.minor, fee_minor=movement.fee.minor,
        currency=movement.gross.currency, code=movement.code[:100],
        happened_at=movement.happened_at, read_at=clock.now(),
    )  # fmt: skip
    clearing = accounts.gateway_clearing(gateway_account_id)
    if movement.fee.minor:
        fees = accounts.gateway_fees(gateway_account_id)
        record(
            f"gateway_fee:{row.pk}", f"Fee of {movement.gateway_object or movement.movement_id}",
            {clearing: -movement.fee, fees: movement.fee},
        )  # fmt: skip
    if movement.kind is MovementKind.PAYOUT and movement.gross.minor:
        bank = accounts.paid_out(gateway_account_id)
        record(
            f"payout:{row.pk}", f"Payout {movement.subject}",
            {clearing: movement.gross, bank: -movement.gross},
        )  # fmt: skip


def _kept(gateway_account_id: UUID, objects: Sequence[str]) -> Mapping[str, list[Movement]]:
    found: dict[str, list[Movement]] = defaultdict(list)
    rows = GatewayMovement.objects.filter(
        gateway_account_id=gateway_account_id, gateway_object__in=[each for each in objects if each]
    )
    for row in rows.order_by("happened_at", "pk"):
        found[row.gateway_object].append(_movement(row))
    return found


def _movement(row: GatewayMovement) -> Movement:
    return Movement(
        movement_id=row.movement_id, kind=MovementKind(row.kind),
        gateway_object=row.gateway_object, subject=row.subject,
        gross=Money(row.gross_minor, row.currency), fee=Money(row.fee_minor, row.currency),
        code=row.code, happened_at=row.happened_at,
    )  # fmt: skip


def _note_failure(gateway_account_id: UUID, error: OutsideError) -> None:
    with writing():
        BooksCursor.objects.update_or_create(
            gateway_account_id=gateway_account_id,
            defaults={"failed_at": clock.now(), "failure": str(error)[:500]},
        )
