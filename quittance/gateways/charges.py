"""Charges of a saved method: by the payer's click, or by ours under his agreement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from quittance.core.money import Money
from quittance.gateways.base import Agreement, GatewayPayment


class StartedBy(StrEnum):
    """Who starts a charge. Networks and the law on strong authentication ask. Source: features 5.3.

    A charge that the payer starts may be asked to authenticate, for he is there; one that we start
    must rest on an agreement that was made with authentication, and names its beginning.
    """

    PAYER = "payer"  # he is on our page now (customer-initiated, CIT)
    SELLER = "seller"  # he is not there (merchant-initiated, MIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """What we ask for. ``reference`` is our own id and the idempotency key."""

    reference: str
    gateway_method: str
    gateway_payer: str
    amount: Money
    description: str
    started_by: StartedBy
    agreement: Agreement  # what the payer agreed to when it was saved
    initial_reference: str = ""  # of ``SavedMethod``: where the agreement began
    gateway_mandate: str = ""  # for a bank debit
    return_url: str = ""  # where authentication leads back to; needed when the payer starts it
    locale: str = "en"


@runtime_checkable
class ChargesSavedMethods(Protocol):
    """An optional deed: money is taken from a saved method, in two steps.

    The first makes the gateway's object, the second moves money; between them our caller commits
    the object's id, so that a lost answer is always found by ``read_payment``. A gateway without
    such an object charges in the first step already: then its ``find_payment`` must see the payment
    at once, or it is not accepted for charges that we start.

    What comes of it is a payment as any other:

    * ``SUCCEEDED`` or ``PROCESSING``; ``FAILED`` with a ``reason``: a decline is no error;
    * ``OPEN`` with a ``redirect_url``: the payer started it, and his bank asks him something;
    * ``FAILED`` with the reason ``authentication_required``: we started it, and his bank asks for
      him. It is over at the gateway too, and not a decline: bring him back with a new payment, and
      do not try again without him.
    * ``FAILED`` with the reason ``method_gone``: removed, closed, or its mandate ended (or
      ``Refused`` already, where the gateway says so when it is prepared).
    """

    def prepare_charge(self, request: ChargeRequest) -> GatewayPayment:
        """Make the gateway's object: ``OPEN`` and ``waits_for_us``; or beyond, with one step only.

        Sends ``request.reference`` as the idempotency key. Raises: ``Refused``, ``Misconfigured``,
        ``Unavailable`` (surely not made), ``OutcomeUnknown`` (``find_payment`` tells).
        """

    def charge(self, gateway_object: str, request: ChargeRequest) -> GatewayPayment:
        """Take the money, once, however often asked; one that is beyond that is only read.

        ``request`` is that of ``prepare_charge``. Raises: ``Refused``, ``Misconfigured``,
        ``Unavailable`` (surely not taken), ``OutcomeUnknown`` (``read_payment`` tells).
        """
