"""SAML 2.0: the browser brings an assertion that a provider has signed, to a question of ours.

Sources: SAML 2.0 Core, sections 2.4 and 3.4; SAML 2.0 Profiles, section 4.1.4 (Web Browser SSO).
The package python3-saml looks at the schema and has xmlsec reckon the signatures; what it lets pass
where something is missing is looked at again here. Only what we asked for is read: an assertion
that a provider sends of itself answers nothing.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from lxml import etree  # type: ignore[import-untyped]
from onelogin.saml2.response import OneLogin_Saml2_Response  # type: ignore[import-untyped]
from onelogin.saml2.settings import OneLogin_Saml2_Settings  # type: ignore[import-untyped]
from onelogin.saml2.utils import OneLogin_Saml2_Utils  # type: ignore[import-untyped]

from quittance.core import clock
from quittance.sso.asserted import vouched_by
from quittance.sso.signed import the_assertion
from quittance.sso.strangers_xml import BY_POST, BY_REDIRECT, SAML, SAMLP, NotReadable, read_xml
from quittance.sso.vouched import NotVouched, Vouched

MOST_BYTES: Final = 128 * 1024  # of a response, as base64
_SKEW: Final = timedelta(seconds=60)
_OLDEST: Final = timedelta(minutes=10)  # a question of ours lives no longer
_BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_ISSUER_ENTITY: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Our addresses, as a provider knows them."""

    entity_id: str
    acs: str  # where its browser brings the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """A provider, as an administrator has set it up. ``certificates``: PEM."""

    issuer: str
    sign_on_url: str
    certificates: Sequence[str]
    groups_claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an assertion says; ``good_until``: so long it must not come again."""

    vouched: Vouched
    assertion_id: str
    good_until: datetime


def ask(ours: Ours, theirs: Theirs, *, relay: str) -> tuple[str, str]:
    """Return where to send the browser, and the id of the question.

    No format of the name is asked for: several providers refuse what they are not set up for.
    """
    question_id = f"_{secrets.token_hex(20)}"
    root = etree.Element(
        f"{{{SAMLP}}}AuthnRequest",
        {
            "ID": question_id, "Version": "2.0", "Destination": theirs.sign_on_url,
            "IssueInstant": f"{clock.now():%Y-%m-%dT%H:%M:%SZ}", "ProtocolBinding": BY_POST,
            "AssertionConsumerServiceURL": ours.acs,
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )  # fmt: skip
    etree.SubElement(root, f"{{{SAML}}}Issuer").text = ours.entity_id
    packed = OneLogin_Saml2_Utils.deflate_and_base64_encode(etree.tostring(root))
    joint = "&" if "?" in theirs.sign_on_url else "?"
    query = urlencode({"SAMLRequest": packed, "RelayState": relay})
    return f"{theirs.sign_on_url}{joint}{query}", question_id


def answer(ours: Ours, theirs: Theirs, *, question_id: str, sent: bytes) -> Said:
    """Return for whom the provider vouches, by what the browser brought, as base64.

    Raises ``NotVouched``.
    """
    try:
        raw = base64.b64decode(b"".join(sent.split()), validate=True)
        response = read_xml(raw)
        the_assertion(response)
        _check_signatures(raw, ours, theirs)
        return _read(response, ours, theirs, question_id)
    except (NotReadable, binascii.Error) as error:
        problem = getattr(error, "facts", {}).get("problem") or "it is no base64"
        raise NotVouched(problem=str(problem)) from error


def _check_signatures(raw: bytes, ours: Ours, theirs: Theirs) -> None:
    """Have the package look at schema, signatures, audience, times and the rest that it knows."""
    settings = OneLogin_Saml2_Settings(_settings(ours, theirs))
    found = OneLogin_Saml2_Response(settings, base64.b64encode(raw).decode())
    here = urlsplit(ours.acs)
    request = {
        "http_host": here.netloc, "script_name": here.path,
        "https": "on" if here.scheme == "https" else "off",
    }  # fmt: skip
    if not found.is_valid(request):
        raise NotVouched(problem=f"its response: {found.get_error()}")


def _settings(ours: Ours, theirs: Theirs) -> dict[str, Any]:
    return {
        "strict": True,
        "sp": {
            "entityId": ours.entity_id,
            "assertionConsumerService": {"url": ours.acs, "binding": BY_POST},
        },
        "idp": {
            "entityId": theirs.issuer,
            "singleSignOnService": {"url": theirs.sign_on_url, "binding": BY_REDIRECT},
            "x509certMulti": {"signing": list(theirs.certificates)},
        },
        "security": {
            "wantAssertionsSigned": True, "rejectDeprecatedAlgorithm": True,
            "wantAttributeStatement": False, "requestedAuthnContext": False,
            "allowSingleLabelDomains": True, "allowRepeatAttributeName": True,
        },
    }  # fmt: skip


def _read(response: Any, ours: Ours, theirs: Theirs, question_id: str) -> Said:
    """Return what a response says whose signatures are right: it is theirs, for us, good now."""
    assertion = the_assertion(response)
    if response.get("Destination") != ours.acs or response.get("InResponseTo") != question_id:
        raise NotVouched(problem="the response is for another place, or answers another question")
    _check_issuers(response, assertion, theirs)
    subject = _only(assertion, "Subject")
    ends = [_confirmed_until(subject, ours, question_id), _conditions_until(assertion, ours)]
    issued = _moment(assertion, "IssueInstant")
    now = clock.now()
    if issued is None or not now - _OLDEST - _SKEW < issued < now + _SKEW:
        raise NotVouched(problem="its assertion was not issued just now")
    _only(assertion, "AuthnStatement")
    return Said(
        vouched=vouched_by(
            _only(subject, "NameID"), assertion.findall(f"{{{SAML}}}AttributeStatement"),
            issuer=theirs.issuer, us=ours.entity_id, groups_claim=theirs.groups_claim,
        ),
        assertion_id=assertion.get("ID"), good_until=max(ends) + _SKEW,
    )  # fmt: skip


def _check_issuers(response: Any, assertion: Any, theirs: Theirs) -> None:
    named = [*response.findall(f"{{{SAML}}}Issuer"), _only(assertion, "Issuer")]
    for each in named:
        if each.text != theirs.issuer or each.get("Format", _ISSUER_ENTITY) != _ISSUER_ENTITY:
            raise NotVouched(problem="another issuer answers")


def _confirmed_until(subject: Any, ours: Ours, question_id: str) -> datetime:
    """Return until when the bearer may be let in who brings it here. Profiles, section 4.1.4.2."""
    for each in subject.findall(f"{{{SAML}}}SubjectConfirmation"):
        facts = each.find(f"{{{SAML}}}SubjectConfirmationData")
        if each.get("Method") != _BEARER or facts is None or facts.get("NotBefore"):
            continue
        until = _moment(facts, "NotOnOrAfter")
        if (
            facts.get("Recipient") == ours.acs
            and facts.get("InResponseTo") == question_id
            and until is not None
            and until > clock.now() - _SKEW
        ):
            return until
    raise NotVouched(problem="it confirms no bearer who comes here, now, with this answer")


def _conditions_until(assertion: Any, ours: Ours) -> datetime:
    conditions, now = _only(assertion, "Conditions"), clock.now()
    begin, until = _moment(conditions, "NotBefore"), _moment(conditions, "NotOnOrAfter")
    if (begin and begin > now + _SKEW) or until is None or until <= now - _SKEW:
        raise NotVouched(problem="its assertion is not good now")
    audiences = [
        [each.text for each in one.findall(f"{{{SAML}}}Audience")]
        for one in conditions.findall(f"{{{SAML}}}AudienceRestriction")
    ]
    if not audiences or not all(ours.entity_id in each for each in audiences):
        raise NotVouched(problem="its assertion is for another party")
    return until


def _moment(element: Any, name: str) -> datetime | None:
    said: Mapping[str, str] = element.attrib
    if name not in said:
        return None
    try:
        found = datetime.fromisoformat(said[name])
    except ValueError as error:
        raise NotVouched(problem=f"{name} is no moment") from error
    if found.utcoffset() is None:
        raise NotVouched(problem=f"{name} is in no zone")
    return found


def _only(parent: Any, name: str) -> Any:
    found = parent.findall(f"{{{SAML}}}{name}")
    if len(found) != 1:
        raise NotVouched(problem=f"it has not one {name}")
    return found[0]
