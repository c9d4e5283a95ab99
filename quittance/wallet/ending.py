"""Ends kept methods: removed or revoked by the payer, returned by a bank, left, or gone there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from quittance.audit.record import record_event
from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import OutsideError, RuleBroken
from quittance.gateways.consent import Holder
from quittance.gateways.saved import SavesMethods, TakesMandates
from quittance.jobs.later import next_look
from quittance.notifications.messages import Part
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.consents import end_consent
from quittance.wallet.models import ConsentRecord, DefaultMethod, KeptMethod, Saving
from quittance.wallet.telling import has_left, tell
from quittance.wallet.transitions import M, S, move_method, move_saving

UNFIT: Final = "unfit"
LEFT: Final = "left"
# Ended here, and the gateway is told: the payer said so, a bank did, or it is not as agreed.
OURS: Final = frozenset({"removed", "revoked", "returned", UNFIT, LEFT})
ENDINGS: Final = OURS | {"gone", "mandate_ended"}  # the last two: the gateway said so


class NotKept(RuleBroken):
    """This way to pay is not kept any more."""


def remove(method_id: UUID, *, reason: str = "removed") -> KeptMethod:
    """End a method here at once, then have the gateway forget it; once is enough.

    Its mandate ends with it. When the gateway does not answer, a job goes on. Raises ``NotKept``,
    also for one that the scope may not see.
    """
    with reading():
        if not KeptMethod.objects.filter(pk=method_id).exists():
            raise NotKept
    with widened(), writing():
        row = lock_method(method_id)
        if row.status == M.ENDED:
            if row.ended_reason in OURS:
                return row
            raise NotKept
        end_method(row, reason, cause="the payer said so")
    with widened():
        forget(row)
    return row


def lock_methods(rows: QuerySet[KeptMethod]) -> list[KeptMethod]:
    """Return methods, locked with their savings for the rest of a transaction.

    The order of the house: the savings by id, the methods by id, what was agreed to. Whoever takes
    them the other way round waits for somebody who waits for him.
    """
    savings = Saving.objects.filter(
        customer_account_id__in=rows.values("customer_account_id"), status=S.VERIFYING,
        kept_method__in=rows.values("pk"),
    )  # fmt: skip
    list(savings.order_by("pk").select_for_update().values("pk"))
    return list(rows.select_for_update().order_by("pk"))


def lock_method(method_id: UUID) -> KeptMethod:
    """Return a method, locked for the rest of a transaction: see ``lock_methods``."""
    (row,) = lock_methods(KeptMethod.objects.filter(pk=method_id))
    return row


def end_saving(row: Saving, to: str, *, cause: str, **changes: object) -> None:
    """End a saving that kept nothing, and with it what was agreed to, in a transaction."""
    move_saving(row, to, cause=cause, next_at=None, **changes)
    end_consent(row.consent_id)


def end_method(
    row: KeptMethod, reason: str, *, cause: str, why: str = "", parts: Sequence[Part] = (),
    **facts: object,
) -> None:  # fmt: skip
    """End a method with all that hangs on it, and tell who saved it, in a transaction.

    It is locked: see ``lock_method``. ``why``: what the payer is told besides, and ``parts`` the
    same for other languages; ``facts``: what else is written into its row.
    """
    was_verified = row.status in {M.ACTIVE, M.BLOCKED}
    now = clock.now()
    move_method(
        row, M.ENDED, cause=cause, ended_reason=reason, ended_at=now,
        next_at=now if reason in OURS else None, forgotten_at=None if reason in OURS else now,
        failures=0, **facts,
    )  # fmt: skip
    DefaultMethod.objects.filter(method=row).delete()
    end_consent(row.consent_id, by=cause if reason == "returned" else "")
    waiting = Saving.objects.filter(
        customer_account_id=row.customer_account_id, kept_method=row, status=S.VERIFYING
    )
    for saving in waiting.order_by("pk").select_for_update():
        end_saving(saving, S.CANCELLED, cause=cause)
    record_event(
        "method ended",
        subject_kind="kept_method",
        subject_id=row.pk,
        reason=reason,
        label=row.label,
    )
    if was_verified:
        _tell(row, reason, why, parts)


def end_without_holder() -> int:
    """End personal accounts whose holder may pay for the customer no more; say how many.

    Their agreement ends with them, and the gateway is told to forget them.
    """
    with reading():
        rows = KeptMethod.objects.filter(holder=Holder.PERSONAL).exclude(status=M.ENDED)
        found = [row.pk for row in rows.order_by("pk") if has_left(row)]
    ended = 0
    for method_id in found:
        with writing():
            row = lock_method(method_id)
            if row.status != M.ENDED and has_left(row):
                end_method(row, LEFT, cause="its holder may pay for the customer no more")
                ended += 1
    return ended


def forget(row: KeptMethod) -> None:
    """Have the gateway forget a method that ended here. Nothing is raised: a job tries again."""
    try:
        gateway = gateway_for(row.gateway_account_id)
        if row.gateway_mandate and isinstance(gateway, TakesMandates):
            gateway.revoke_mandate(row.gateway_mandate)
        if isinstance(gateway, SavesMethods):
            gateway.remove_method(row.gateway_method)
    except OutsideError:
        changes: dict[str, object] = {
            "next_at": next_look(row.failures), "failures": min(row.failures + 1, 1000),
        }  # fmt: skip
    else:
        changes = {"next_at": None, "forgotten_at": clock.now(), "failures": 0}
    with writing():
        KeptMethod.objects.filter(pk=row.pk, forgotten_at=None).update(**changes)


def _tell(row: KeptMethod, reason: str, why: str, parts: Sequence[Part]) -> None:
    consent = ConsentRecord.objects.get(pk=row.consent_id)
    facts = {
        "label": row.label, "reason": reason, "why": why, "why_parts": parts, "text": consent.text,
        "version": consent.text_version, "given_at": consent.given_at.isoformat(),
    }  # fmt: skip
    tell(row, "method_ended", str(row.pk), facts)
