"""A SAML identity provider that signs real assertions by xmlsec, and lies as a test wants."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from quittance.core import clock
from quittance.sso.strangers_xml import DS, MD, SAML, SAMLP

ISSUER = "https://login.contoso.com/saml"
SIGN_ON = "https://login.contoso.com/saml/sign-in?tenant=7"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_NS = {"samlp": SAMLP, "saml": SAML}


@dataclass(frozen=True)
class Pair:
    """A key and its certificate."""

    key: bytes
    certificate: x509.Certificate

    @property
    def in_xml(self) -> str:
        """The certificate as metadata have it."""
        return base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()


@cache
def pair(name: str, *, bits: int = 2048, days: int = 900) -> Pair:
    """A key of that name, made once for all tests."""
    key = rsa.generate_private_key(65537, bits)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1000)).not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(pem, made)


@dataclass(frozen=True)
class Asked:
    """What the browser took there."""

    question_id: str
    relay: str
    acs: str
    entity_id: str


@dataclass
class SamlIdp:
    """What it answers. ``before`` changes what is not signed yet, ``after`` what is."""

    pair: Pair = field(default_factory=lambda: pair("contoso"))
    issuer: str = ISSUER
    facts: dict[str, Any] = field(default_factory=dict)  # over the honest ones; None: left out
    attributes: dict[str, list[str]] = field(default_factory=dict)
    before: Callable[[Any], None] = lambda _: None
    after: Callable[[Any], None] = lambda _: None
    rewritten: Callable[[bytes], bytes] = lambda raw: raw
    signs: tuple[str, ...] = ("Assertion",)
    method: Any = xmlsec.Transform.RSA_SHA256
    digest: Any = xmlsec.Transform.SHA256

    def metadata(self, *pairs: Pair, **more: str) -> str:
        """What it says of itself; certificates of ``pairs``, or its own."""
        keys = "".join(
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data>'
            f"<ds:X509Certificate>{each.in_xml}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            "</md:KeyDescriptor>"
            for each in pairs or (self.pair,)
        )
        door = more.pop("door", SIGN_ON)
        words = "".join(f' {name}="{value}"' for name, value in more.items())
        return (
            f'<?xml version="1.0"?><!-- of Contoso --><md:EntityDescriptor xmlns:md="{MD}" '
            f'entityID="{self.issuer}"><md:IDPSSODescriptor{words} '
            f'protocolSupportEnumeration="{SAMLP}">{keys}'
            '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
            f'Location="{door}"/></md:IDPSSODescriptor></md:EntityDescriptor>'
        )

    def honest(self, asked: Asked) -> dict[str, Any]:
        """What is true of Wanda, in answer to this question."""
        now = clock.now()
        return {
            "id": f"_a-{asked.question_id}", "issuer": self.issuer, "issued": now,
            "name_id": "key-of-wanda", "format": PERSISTENT, "name_qualifier": None,
            "in_response_to": asked.question_id, "confirms": asked.question_id,
            "destination": asked.acs, "recipient": asked.acs, "audience": asked.entity_id,
            "not_before": now - timedelta(seconds=10), "until": now + timedelta(minutes=5),
            "confirmed_until": now + timedelta(minutes=5), "status": "Success",
            "method": "urn:oasis:names:tc:SAML:2.0:cm:bearer",
        }  # fmt: skip

    def answer(self, asked: Asked) -> str:
        """A response in base64, signed where it signs."""
        root = self._response({**self.honest(asked), **self.facts})
        self.before(root)
        for name in self.signs:
            self._sign(root if name == "Response" else root.find("saml:Assertion", _NS))
        root = etree.fromstring(etree.tostring(root))  # lxml finds little of what xmlsec wrote
        self.after(root)
        return base64.b64encode(self.rewritten(etree.tostring(root))).decode()

    def but(self, **different: Any) -> SamlIdp:
        """The same with something else."""
        return replace(self, **different)

    def _response(self, facts: dict[str, Any]) -> Any:
        root = _part(
            None, "samlp:Response", ID="_response", Version="2.0", IssueInstant=facts["issued"],
            InResponseTo=facts["in_response_to"], Destination=facts["destination"],
        )  # fmt: skip
        _part(root, "saml:Issuer", facts["issuer"])
        code = f"urn:oasis:names:tc:SAML:2.0:status:{facts['status']}"
        _part(_part(root, "samlp:Status"), "samlp:StatusCode", Value=code)
        one = _part(
            root, "saml:Assertion", ID=facts["id"], Version="2.0", IssueInstant=facts["issued"]
        )
        _part(one, "saml:Issuer", facts["issuer"])
        subject = _part(one, "saml:Subject")
        _part(subject, "saml:NameID", facts["name_id"], Format=facts["format"],
              NameQualifier=facts["name_qualifier"])  # fmt: skip
        _part(
            _part(subject, "saml:SubjectConfirmation", Method=facts["method"]),
            "saml:SubjectConfirmationData", InResponseTo=facts["confirms"],
            Recipient=facts["recipient"], NotOnOrAfter=facts["confirmed_until"],
        )  # fmt: skip
        conditions = _part(one, "saml:Conditions", NotBefore=facts["not_before"],
                           NotOnOrAfter=facts["until"])  # fmt: skip
        if facts["audience"]:
            _part(_part(conditions, "saml:AudienceRestriction"), "saml:Audience", facts["audience"])
        context = _part(_part(one, "saml:AuthnStatement", AuthnInstant=facts["issued"]),
                        "saml:AuthnContext")  # fmt: skip
        _part(
            context, "saml:AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
        )
        self._attributes(one)
        return root

    def _attributes(self, assertion: Any) -> None:
        statement = _part(assertion, "saml:AttributeStatement")
        honest = {"email": ["wanda@contoso.test"], "displayName": ["Wanda Contoso"],
                  "groups": ["payers"]}  # fmt: skip
        for name, values in {**honest, **self.attributes}.items():
            if not values:
                continue
            one = _part(statement, "saml:Attribute", Name=name)
            for value in values:
                _part(one, "saml:AttributeValue", value)

    def _sign(self, element: Any) -> None:
        signature = xmlsec.template.create(
            element, xmlsec.Transform.EXCL_C14N, self.method, ns="ds"
        )
        element.find("saml:Issuer", _NS).addnext(signature)
        reference = xmlsec.template.add_reference(
            signature, self.digest, uri=f"#{element.get('ID')}"
        )
        xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
        xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
        xmlsec.tree.add_ids(element, ["ID"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self.pair.key, xmlsec.KeyFormat.PEM)
        context.sign(signature)


def _part(parent: Any, name: str, text: str | None = None, **attributes: Any) -> Any:
    prefix, _, local = name.partition(":")
    said = {
        key: f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
        for key, value in attributes.items()
        if value is not None
    }
    tag = f"{{{_NS[prefix]}}}{local}"
    made = etree.Element(tag, said, _NS) if parent is None else etree.SubElement(parent, tag, said)
    made.text = text
    return made
