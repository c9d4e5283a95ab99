"""SAML metadata: what a provider says of itself, and what we say of ourselves.

Source: SAML 2.0 Metadata. An end of a certificate is shown and not enforced: in metadata it is no
more than the wrapping of a key (SAML V2.0 Metadata Interoperability Profile, section 2.6.1).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree  # type: ignore[import-untyped]

from quittance.connections.reach import check_address, new_client
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.httpclient.client import send
from quittance.sso.saml import Ours
from quittance.sso.strangers_xml import (
    BY_POST,
    BY_REDIRECT,
    DS,
    MD,
    SAMLP,
    NotReadable,
    read_xml,
    text_of,
)

MOST_BYTES: Final = 256 * 1024
MOST_CERTIFICATES: Final = 4
_PATIENCE_SECONDS: Final = 8
_LEAST_BITS: Final = {RSAPublicKey: 2048, EllipticCurvePublicKey: 256}
_PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


class NotMetadata(RuleBroken):
    """This is not the SAML metadata of one identity provider. Nothing was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a provider says of itself. ``certificates``: PEM."""

    issuer: str
    sign_on_url: str
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One that a provider signs with, as an administrator sees it."""

    fingerprint: str  # SHA-256, as providers show it
    ends_at: datetime
    is_over: bool


def told_at(address: str) -> Told:
    """Ask for the metadata at an address. Raises ``NotMetadata`` and ``OutsideError``."""
    check_address(address.partition("?")[0], name="Address of the metadata")
    with new_client(timeout_seconds=_PATIENCE_SECONDS) as http:
        found = send(http, http.build_request("GET", httpx.URL(address)), most_bytes=MOST_BYTES)
    return told_by(found.content)


def told_by(raw: bytes) -> Told:
    """Read metadata. Raises ``NotMetadata``, and ``Misconfigured`` for a forbidden address."""
    if len(raw) > MOST_BYTES:
        raise NotMetadata("The metadata are longer than 256 KB. Nothing was kept.")
    try:
        root = read_xml(raw.strip(), comments=True)
        one, role = _provider(root)
        issuer = (one.get("entityID") or "").strip()
        doors = role.findall(f"{{{MD}}}SingleSignOnService")
        door = next((x.get("Location") for x in doors if x.get("Binding") == BY_REDIRECT), "")
        keys = [x for x in role.findall(f"{{{MD}}}KeyDescriptor") if x.get("use") != "encryption"]
        certificates = [
            _pem(text_of(each))
            for key in keys
            for each in key.iterfind(f".//{{{DS}}}X509Certificate")
        ]
    except NotReadable as error:
        raise NotMetadata from error
    if not issuer or not door or len(issuer) > 500 or len(door) > 500:
        raise NotMetadata("It names no issuer, or no address for HTTP-Redirect. Nothing was kept.")
    if role.get("WantAuthnRequestsSigned") in {"true", "1"}:
        raise NotMetadata("It wants requests that are signed; ours are not. Nothing was kept.")
    check_address(door.partition("?")[0], name="The address that it names")
    return Told(issuer=issuer, sign_on_url=door, certificates=joined(certificates))


def joined(pems: Iterable[str]) -> tuple[str, ...]:
    """Return each certificate once. Raises ``NotMetadata`` for none, and for too many."""
    found = tuple(dict.fromkeys(pems))
    if not 0 < len(found) <= MOST_CERTIFICATES:
        raise NotMetadata(
            f"It must have one to {MOST_CERTIFICATES} certificates to sign with. Nothing was kept."
        )
    return found


def split(kept: str) -> Sequence[str]:
    """Return the certificates that are kept one after the other, each as PEM."""
    found = x509.load_pem_x509_certificates(kept.encode()) if kept else []
    return [each.public_bytes(Encoding.PEM).decode() for each in found]


def shown(kept: str) -> Sequence[Certificate]:
    """Return the kept certificates as an administrator sees them, the last to end first."""
    found = [
        Certificate(
            fingerprint=each.fingerprint(SHA256()).hex(":").upper(),
            ends_at=each.not_valid_after_utc, is_over=each.not_valid_after_utc <= clock.now(),
        )
        for each in (x509.load_pem_x509_certificates(kept.encode()) if kept else [])
    ]  # fmt: skip
    return sorted(found, key=lambda each: each.ends_at, reverse=True)


def ours_told(ours: Ours) -> bytes:
    """Return our own metadata, for the people who set a provider up."""
    root = etree.Element(f"{{{MD}}}EntityDescriptor", {"entityID": ours.entity_id}, {"md": MD})
    role = etree.SubElement(
        root, f"{{{MD}}}SPSSODescriptor",
        {
            "AuthnRequestsSigned": "false", "WantAssertionsSigned": "true",
            "protocolSupportEnumeration": SAMLP,
        },
    )  # fmt: skip
    etree.SubElement(role, f"{{{MD}}}NameIDFormat").text = _PERSISTENT
    etree.SubElement(
        role, f"{{{MD}}}AssertionConsumerService",
        {"Binding": BY_POST, "Location": ours.acs, "index": "0", "isDefault": "true"},
    )  # fmt: skip
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def _provider(root: Any) -> tuple[Any, Any]:
    ones = list(root.iter(f"{{{MD}}}EntityDescriptor"))
    found = [(one, role) for one in ones for role in one.findall(f"{{{MD}}}IDPSSODescriptor")]
    if len(found) != 1:
        raise NotMetadata
    return found[0]


def _pem(text: str) -> str:
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
        found = x509.load_der_x509_certificate(der)
        key = found.public_key()
    except (binascii.Error, ValueError, TypeError) as error:
        raise NotMetadata("One of its certificates cannot be read. Nothing was kept.") from error
    bits = getattr(key, "key_size", 0)
    if not any(isinstance(key, kind) and bits >= least for kind, least in _LEAST_BITS.items()):
        raise NotMetadata(
            "A key of its certificates is too weak: RSA of 2048 bits or more, or an elliptic"
            " curve of 256. Nothing was kept."
        )
    return found.public_bytes(Encoding.PEM).decode()
