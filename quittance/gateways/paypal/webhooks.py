"""Webhooks: whether PayPal signed them, and what they are about.

The signature is checked here, with the certificate that the message names, and not by asking
PayPal's own ``verify-webhook-signature``: that call costs a round trip for each message while
PayPal waits, its limits become ours, and it compares the event after it was read and written anew,
which is not always what was signed. The certificate is fetched once, from PayPal's own API host
only and over TLS, so whoever could forge it could as well answer the other call.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from quittance.core.errors import OutcomeUnknown, Refused
from quittance.core.origins import origin_of
from quittance.gateways.base import WebhookEvent
from quittance.gateways.paypal.calls import Calls, later
from quittance.gateways.paypal.credentials import Credentials
from quittance.gateways.paypal.reports import Reports
from quittance.gateways.paypal.shapes import Link, Related, Text, link_in
from quittance.gateways.saved import MethodEvent, MethodNews

_NAMES: Final = ("id", "time", "sig")
_ALGORITHM: Final = "SHA256withRSA"
_WINDOW: Final = timedelta(seconds=300)
_CERTIFICATES: Final = 20  # kept at most; PayPal has one or two at a time
_ORDER, _DISPUTE = "CHECKOUT.ORDER.", "CUSTOMER.DISPUTE."
_MONEY: Final = ("PAYMENT.CAPTURE.", "PAYMENT.REFUND.")


class Disputed(msgspec.Struct, frozen=True):
    """A transaction that somebody complained of."""

    seller_transaction_id: str = ""


class Resource(msgspec.Struct, frozen=True):
    """What an event is about, as far as we read it: what it is now is asked."""

    id: str = ""
    supplementary_data: Related = Related()
    disputed_transactions: list[Disputed] = msgspec.field(default_factory=list)
    links: list[Link] = msgspec.field(default_factory=list)


class Event(msgspec.Struct, frozen=True):
    """A webhook's body."""

    id: Text
    event_type: Text
    resource: Resource = Resource()


class Inbox:
    """Checks and reads one account's webhooks; remembers the certificates."""

    def __init__(self, credentials: Credentials, calls: Calls, reports: Reports) -> None:
        self._credentials = credentials
        self._calls = calls
        self._reports = reports
        self._keys: dict[str, tuple[x509.Certificate, rsa.RSAPublicKey]] = {}

    def read(self, headers: Mapping[str, str], body: bytes) -> list[WebhookEvent]:
        """Check, then say which payment it is about. Raises ``Refused``, or ``Unavailable``."""
        said = self._checked(headers, body)
        order_id = self._order_of(said)
        if not order_id:
            return []
        return [WebhookEvent(event_id=said.id, gateway_object=order_id, kind=said.event_type)]

    def read_methods(self, headers: Mapping[str, str], body: bytes) -> list[MethodEvent]:
        """Check, then say which kept account it is about. Raises as ``read``."""
        said = self._checked(headers, body)
        if said.event_type != "VAULT.PAYMENT-TOKEN.DELETED" or not said.resource.id:
            return []
        event = MethodEvent(
            event_id=said.id, news=MethodNews.GONE, gateway_method=said.resource.id,
            kind=said.event_type,
        )  # fmt: skip
        return [event]

    def _order_of(self, said: Event) -> str:
        resource = said.resource
        if said.event_type.startswith(_ORDER):
            return resource.id
        if said.event_type.startswith(_DISPUTE):
            ids = [one.seller_transaction_id for one in resource.disputed_transactions]
            return self._reports.payment_of(ids[0]) if ids and ids[0] else ""
        if not said.event_type.startswith(_MONEY):
            return ""
        if resource.supplementary_data.related_ids.order_id:
            return resource.supplementary_data.related_ids.order_id
        kind, _, id_ = link_in(resource.links, "up").rpartition("/")
        if kind.endswith("/orders"):
            return id_
        return self._reports.payment_of(id_ if kind.endswith("/captures") else resource.id)

    def _checked(self, headers: Mapping[str, str], body: bytes) -> Event:
        lower = {name.lower(): value for name, value in headers.items()}
        transmission, time, signature = (lower.get(f"paypal-transmission-{n}", "") for n in _NAMES)
        if lower.get("paypal-auth-algo") != _ALGORITHM or not _is_fresh(time):
            raise Refused("The webhook is not signed, or not now.")
        key = self._key(lower.get("paypal-cert-url", ""))
        tail = zlib.crc32(body)
        for webhook_id in self._credentials.webhook_ids:
            if _signed(key, signature, f"{transmission}|{time}|{webhook_id}|{tail}"):
                break
        else:
            raise Refused("The webhook's signature is not right.")
        try:
            return msgspec.json.decode(body, type=Event)
        except (msgspec.MsgspecError, ValueError) as error:
            raise Refused("The webhook is signed, but it can not be read.") from error

    def _key(self, url: str) -> rsa.RSAPublicKey:
        """Return the key of a certificate that PayPal itself holds ready. Raises ``Refused``."""
        origin = origin_of(url)
        if origin is None or not self._credentials.may_hold_certificates(origin):
            raise Refused("The webhook names a certificate that is not PayPal's.")
        if url not in self._keys:
            if len(self._keys) >= _CERTIFICATES:
                self._keys.clear()
            self._keys[url] = self._fetched(url)
        certificate, key = self._keys[url]
        now = datetime.now(UTC)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise Refused("The webhook's certificate is not valid now.")
        return key

    def _fetched(self, url: str) -> tuple[x509.Certificate, rsa.RSAPublicKey]:
        """Fetch a chain; its first certificate is the one that signs.

        Who issued it is not looked at: PayPal's own host, over TLS, says that it is PayPal's.
        """
        try:
            chain = x509.load_pem_x509_certificates(self._calls.fetch(url))
            key = chain[0].public_key()
        except (ValueError, IndexError) as error:
            raise Refused("The webhook's certificate can not be read.") from error
        except OutcomeUnknown as error:
            raise later(error) from error
        if not isinstance(key, rsa.RSAPublicKey):
            raise Refused("The webhook's certificate has another kind of key.")
        return chain[0], key


def _is_fresh(time: str) -> bool:
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return False
    return moment.tzinfo is not None and abs(datetime.now(UTC) - moment) <= _WINDOW


def _signed(key: rsa.RSAPublicKey, signature: str, said: str) -> bool:
    try:
        mark = base64.b64decode(signature, validate=True)
        key.verify(mark, said.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True
