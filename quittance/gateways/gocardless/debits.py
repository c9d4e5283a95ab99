"""Which debit stands behind a payment of ours, and what happened to it."""

from __future__ import annotations

from quittance.core.errors import Refused
from quittance.gateways.gocardless import shapes
from quittance.gateways.gocardless.calls import Calls
from quittance.gateways.gocardless.translate import REQUEST
from quittance.httpclient.answers import part


def debit_of_request(calls: Calls, asked: shapes.BillingRequest) -> shapes.Payment | None:
    """Return the debit that we made when the payer had agreed, if we did."""
    mandate = asked.links.mandate_request_mandate
    if asked.status != "fulfilled" or not mandate:
        return None
    debits = calls.all("payments", shapes.Payment, mandate=mandate)
    return next((each for each in debits if each.metadata.get(REQUEST) == asked.id), None)


def debit_of(calls: Calls, gateway_object: str) -> shapes.Payment | None:
    """Return the debit of a payment; ``None`` when there is none yet. Raises ``Refused``."""
    id_ = part(gateway_object)
    if gateway_object.startswith("PM"):
        return calls.read("payments", f"/payments/{id_}", shapes.Payment)
    kind = "billing_requests"
    return debit_of_request(calls, calls.read(kind, f"/{kind}/{id_}", shapes.BillingRequest))


def taken(calls: Calls, gateway_object: str) -> shapes.Payment:
    """Return the debit of a payment. Raises ``Refused`` when nothing was debited."""
    said = debit_of(calls, gateway_object)
    if said is None:
        raise Refused("Nothing was debited for this yet.", gateway_object=gateway_object)
    return said


def object_of(said: shapes.Payment) -> str:
    """Return the id by which we know the payment of a debit."""
    return said.metadata.get(REQUEST) or said.id


def history(calls: Calls, **about: str) -> list[shapes.Event]:
    """Return what happened to one thing, the earliest first."""
    told = calls.all("events", shapes.Event, **about)
    told.reverse()  # of two at one moment the list has the later one first
    return sorted(told, key=lambda each: each.created_at)
