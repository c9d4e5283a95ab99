"""Keeps a gateway's messages about methods, once each; what they mean is asked of the gateway."""

from __future__ import annotations

from typing import Final

from quittance.connections.models import GatewayAccount
from quittance.core import clock
from quittance.core.errors import Refused
from quittance.gateways.saved import MethodEvent
from quittance.tenancy.rows import writing
from quittance.wallet.jobs import wake_method, wake_saving
from quittance.wallet.models import KeptMethod, MethodMessage, Saving

_LONGEST_ID: Final = 100
_LONGEST_NAME: Final = 200


def keep_method_event(gateway_account: GatewayAccount, event: MethodEvent) -> bool:
    """Keep a verified event and have what it is about looked at soon; ``False``: it was kept.

    Call it outside of any transaction, working for all of the organization. One about something
    that we do not know is kept and wakes nobody. Raises ``Refused`` for ids longer than any we
    keep.
    """
    names = max(len(event.gateway_saving), len(event.gateway_method))
    if len(event.event_id) > _LONGEST_ID or names > _LONGEST_NAME:
        raise Refused("The webhook is signed, but its ids are longer than any we keep.")
    with writing():
        _, is_new = MethodMessage.objects.get_or_create(
            gateway_account=gateway_account, event_id=event.event_id,
            defaults={
                "news": event.news.value, "kind": event.kind[:60], "code": event.code[:40],
                "gateway_saving": event.gateway_saving, "gateway_method": event.gateway_method,
            },
        )  # fmt: skip
        if is_new:
            _wake(gateway_account, event)
    return is_new


def _wake(gateway_account: GatewayAccount, event: MethodEvent) -> None:
    """The job may be lost, the row may not: what is to be done stands in ``next_at``."""
    if event.gateway_saving:
        savings = Saving.objects.filter(
            gateway_account=gateway_account, gateway_saving=event.gateway_saving
        )
        for saving_id in savings.values_list("pk", flat=True):
            savings.update(next_at=clock.now())
            wake_saving(saving_id)
    if event.gateway_method:
        methods = KeptMethod.objects.filter(
            gateway_account=gateway_account, gateway_method=event.gateway_method
        ).exclude(status=KeptMethod.Status.ENDED)
        for method_id in methods.values_list("pk", flat=True):
            methods.update(next_at=clock.now())
            wake_method(method_id)
