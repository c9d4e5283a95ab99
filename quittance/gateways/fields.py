"""The gateway's own fields on our page: a number typed there goes to the gateway and not to us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What one page needs to show them. Made anew for each page, never kept, never logged."""

    script: str  # the address of the gateway's own script; its origin is in ``Capabilities``
    public_key: str  # whose account it is; no secret
    client_token: str = field(repr=False)  # good for this one payment or saving
    options: Mapping[str, str] = field(default_factory=dict)  # for the module, as it likes


@runtime_checkable
class EmbedsFields(Protocol):
    """An optional deed: to pay or to save without leaving our page.

    Ask with ``PaymentRequest.embedded`` or ``SaveRequest.embedded``; what is made is ``OPEN`` and
    has no ``redirect_url``. Then the page shows the fields, as often as it is loaded, and
    ``read_payment`` or ``read_saving`` says what the payer did: the browser's word is never
    believed. What the bank wants to ask, the script shows, or leads to and back to ``return_url``.
    """

    def fields_module(self) -> str:
        """Return our small ES module for these fields; the page loads it from our own origin.

        It exports ``mount(place, facts)``: ``place`` is an element, ``facts`` are those of
        ``Fields``, with ``return_url`` and ``locale``. It resolves, when the fields can be typed
        in, to ``{confirm}``; ``confirm()`` resolves to ``{}`` when the payer is done here, or to
        ``{error}``, a sentence of the gateway for the payer. It loads ``facts.script`` itself.
        """

    def fields_inventory(self) -> str:
        """Return what the fields bring along to our page, as a reviewed file of the adapter says.

        It is TOML: ``module`` and its ``sha256``, ``owner``, ``purpose``, ``source``, and the
        origins ``script``, ``frame``, ``connect``, ``image`` of every real account. A page that
        comes with anything else is an alert (PCI DSS 4.0.1, 6.4.3).
        """

    def fields_of_payment(self, gateway_object: str) -> Fields:
        """Return what shows the fields of an open payment. Raises ``Refused`` when it is not."""

    def fields_of_saving(self, gateway_saving: str) -> Fields:
        """Return what shows the fields of an open saving. Raises ``Refused`` when it is not."""
