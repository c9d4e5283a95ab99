"""Has a gateway keep a method: write the wish down, ask the gateway, write its answer down."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import OutcomeUnknown, OutsideError, Refused, RuleBroken, Unavailable
from quittance.core.ids import new_id
from quittance.gateways.base import Payer
from quittance.gateways.saved import SaveRequest, SavesMethods
from quittance.identity.permissions import BuyerPermission
from quittance.jobs.later import next_look
from quittance.receivables.people import check_may
from quittance.tenancy.models import Organization
from quittance.tenancy.moving import ChangedMeanwhile
from quittance.tenancy.rows import because, reading, writing
from quittance.tenancy.scope import current_organization_id, widened
from quittance.wallet.agreeing import Agreed, agree
from quittance.wallet.answers import apply_answer
from quittance.wallet.consents import as_gateway_consent, end_consent
from quittance.wallet.ending import end_saving
from quittance.wallet.keeping import keep_method
from quittance.wallet.limits import TooManySavings, alert, check_tries, one_by_one
from quittance.wallet.models import ConsentRecord, KeptMethod, Saving
from quittance.wallet.transitions import S, move_saving

ASKING: Final = timedelta(seconds=90)  # a worker that looks earlier would meet a call being made


class SavingSuspended(RuleBroken):
    """This portal keeps no new ways to pay now. Nothing was saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveOrder(Agreed):
    """What a payer wants kept, and what he agreed to. ``{saving}`` in an address is our id."""

    method: str
    currency: str
    return_url: str
    cancel_url: str
    embedded: bool = False


def start_saving(order: SaveOrder, *, key: UUID) -> Saving:
    """Write a saving down and ask the gateway for it; ``redirect_url`` leads the payer on.

    Idempotent: a second call with the same ``key`` returns the first one and asks nobody. One whose
    answer was lost comes back ``SENT``; a job asks again. Raises ``MayNot``, ``TooManySavings``,
    ``SavingSuspended``, or the gateway's ``OutsideError``: then nothing is kept.
    """
    try:
        saving = _record(order, key)
    except TooManySavings:
        alert(order.customer_account_id, user_id=order.witness.user_id)
        raise
    if saving.status == S.PREPARED:
        with suppress(ChangedMeanwhile):  # the same form's other click asks
            ask_gateway(saving)
        with reading():
            saving.refresh_from_db()
    return saving


def ask_gateway(saving: Saving) -> None:
    """Ask the gateway for a saving; again under the same reference when an answer was lost.

    Raises ``ChangedMeanwhile`` when somebody else asks, or the gateway's ``OutsideError``.
    """
    gateway = keeper(saving.gateway_account_id)
    again = saving.status == S.SENT
    request = _send(saving)
    try:
        answer = gateway.start_saving(request)
    except (OutcomeUnknown, Unavailable) as error:
        if isinstance(error, Unavailable) and not again:  # surely not made, and the payer is there
            give_up(saving, error)
            raise
        with writing():
            Saving.objects.filter(pk=saving.pk, status=S.SENT).update(
                busy_until=None, next_at=next_look(saving.failures), failures=saving.failures + 1
            )
        return
    except OutsideError as error:
        give_up(saving, error)
        raise
    with widened(), writing():
        apply_answer(saving.pk, answer)


def keeper(gateway_account_id: UUID) -> SavesMethods:
    """Return a gateway that keeps methods. Raises ``OutsideError``."""
    gateway = gateway_for(gateway_account_id)
    if not isinstance(gateway, SavesMethods):
        raise Refused("This gateway keeps no methods.")
    return gateway


def adopt_from_payment(
    *, gateway_account_id: UUID, gateway_object: str, consent_id: UUID, currency: str
) -> KeptMethod | None:
    """Keep what a payment saved whose request had a consent; ``None`` when it saved nothing.

    A consent under which nothing is kept ends.

    Call it outside of any transaction, when the payment has succeeded; it may be called again.
    Raises the gateway's ``OutsideError``.
    """
    told = keeper(gateway_account_id).method_of_payment(gateway_object)
    with widened(), writing("saved with a payment"):
        if told is None:
            end_consent(consent_id)
            return None
        consent = ConsentRecord.objects.get(pk=consent_id)
        kept = keep_method(told, consent, gateway_account_id=gateway_account_id, currency=currency)
        if kept.consent_id != consent_id:  # it was kept before
            end_consent(consent_id)
        return kept


def give_up(saving: Saving, error: OutsideError) -> None:
    """End a saving that the gateway did not make."""
    with writing(), suppress(ChangedMeanwhile):
        end_saving(
            saving, S.FAILED, cause=f"not made: {type(error).__name__}", reason="gateway_fault",
            detail=str(error)[:500],
        )  # fmt: skip


def _record(order: SaveOrder, key: UUID) -> Saving:
    account_id, who = order.customer_account_id, order.who
    with widened(), writing():  # who tries too often is counted over all accounts
        one_by_one(who)
        earlier = Saving.objects.filter(customer_account_id=account_id, form_key=key).first()
        if earlier:
            return earlier
        if Organization.objects.filter(pk=current_organization_id(), suspended_at__isnull=False):
            raise SavingSuspended
        if order.witness.user_id:
            check_may(order.witness.user_id, [account_id], BuyerPermission.KEEP_METHODS)
        check_tries(who)
        because("the payer wants it kept")
        consent, payer = agree(order)
        saving_id = new_id()
        return Saving.objects.create(
            id=saving_id, customer_account_id=account_id, consent=consent, form_key=key,
            gateway_account_id=order.gateway_account_id, user_id=order.witness.user_id,
            reference=str(saving_id), method=order.method, currency=order.currency,
            embedded=order.embedded, gateway_payer=payer.gateway_payer, payer_name=payer.name[:200],
            payer_email=payer.email, next_at=clock.now() + ASKING,
            return_url=order.return_url.replace("{saving}", str(saving_id)),
            cancel_url=order.cancel_url.replace("{saving}", str(saving_id)),
        )  # fmt: skip


def _send(saving: Saving) -> SaveRequest:
    """Say that the gateway is being asked, before it is. Raises ``ChangedMeanwhile``."""
    now = clock.now()
    with writing():
        asked = {
            "sent_at": saving.sent_at or now, "next_at": now + ASKING, "busy_until": now + ASKING,
        }  # fmt: skip
        lost = Saving.objects.filter(pk=saving.pk, status=S.SENT)
        free = Q(busy_until__isnull=True) | Q(busy_until__lt=now)
        if saving.status == S.PREPARED:
            move_saving(saving, S.SENT, cause="asked the gateway", **asked)
        elif not lost.filter(free).update(**asked):
            raise ChangedMeanwhile(subject=str(saving.pk))
        consent = ConsentRecord.objects.get(pk=saving.consent_id)
    return SaveRequest(
        reference=saving.reference, payer=_payer(saving), consent=as_gateway_consent(consent),
        method=saving.method, currency=saving.currency, return_url=saving.return_url,
        cancel_url=saving.cancel_url, locale=consent.locale, embedded=saving.embedded,
    )  # fmt: skip


def _payer(saving: Saving) -> Payer:
    """Return the payer always in the same words, so that a repeated request is the first one."""
    return Payer(
        reference=str(saving.customer_account_id), name=saving.payer_name,
        email=saving.payer_email, gateway_payer=saving.gateway_payer,
    )  # fmt: skip
