"""Every lie of a SAML provider, and of who stands between: none is believed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import xmlsec
from lxml import etree

from quittance.core import clock
from quittance.sso import saml
from quittance.sso.metadata import told_by
from quittance.sso.saml import Ours, Said, Theirs
from quittance.sso.signed import the_assertion
from quittance.sso.strangers_xml import SAML, read_xml
from quittance.sso.vouched import NotVouched
from tests.sso.saml_idp import Asked, SamlIdp, pair
from tests.sso.wrapping import WRAPPED

TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
MAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
GROUPS_LINK = "http://schemas.microsoft.com/claims/groups.link"
OURS = Ours(entity_id="https://portal.test/metadata", acs="https://portal.test/saml")
ASKED = Asked("_question-1", "", OURS.acs, OURS.entity_id)


def read(idp: SamlIdp) -> Said:
    """Have an answer read as that of Contoso's provider, who signs with the key of that name."""
    told = told_by(SamlIdp().metadata(pair("next"), pair("contoso")).encode())
    theirs = Theirs(
        issuer=told.issuer, sign_on_url=told.sign_on_url, certificates=told.certificates,
        groups_claim="groups",
    )  # fmt: skip
    sent = idp.answer(ASKED).encode()
    return saml.answer(OURS, theirs, question_id=ASKED.question_id, sent=sent)


def test_an_honest_provider_is_believed() -> None:
    said = read(SamlIdp())

    assert (said.vouched.subject, said.vouched.email) == ("key-of-wanda", "wanda@contoso.test")
    assert (said.vouched.name, said.vouched.groups) == ("Wanda Contoso", {"payers"})
    assert not said.vouched.mail_seen
    assert clock.now() + timedelta(minutes=5) < said.good_until


@pytest.mark.parametrize(
    "honest",
    [
        {"signs": ("Assertion", "Response")},
        {"method": xmlsec.Transform.RSA_SHA512, "digest": xmlsec.Transform.SHA512},
        {"facts": {"format": MAIL_FORMAT, "name_id": "wanda@contoso.test"}},
        {"facts": {"format": MAIL_FORMAT, "name_id": "w@contoso.test"},
         "attributes": {"email": []}},
        {"facts": {"name_id": "Wändas Schlüssel"}},
        {"facts": {"format": None}},
    ],
)  # fmt: skip
def test_providers_differ_in_what_they_sign_and_in_how_they_name_people(
    honest: dict[str, Any],
) -> None:
    assert read(SamlIdp(**honest)).vouched.email.endswith("@contoso.test")


def _without(path: str) -> dict[str, Any]:
    def take_out(root: Any) -> None:
        for each in root.xpath(f"//saml:{path}", namespaces={"saml": SAML}):
            each.getparent().remove(each)

    return {"before": take_out}


def _changed_after_signing(root: Any) -> None:
    root.find(f".//{{{SAML}}}NameID").text = "key-of-the-boss"


def _comment_in_the_mail(root: Any) -> None:
    for value in root.iter(f"{{{SAML}}}AttributeValue"):
        if value.text == "boss@contoso.test.evil.test":
            value.text = "boss@contoso.test"
            value.append(etree.Comment(" "))
            value[0].tail = ".evil.test"


def _comment_in_the_name(root: Any) -> None:
    name = root.find(f".//{{{SAML}}}NameID")
    name.text = "key-of-the-boss"
    name.append(etree.Comment(" "))
    name[0].tail = "-not"


def _element_in_the_name(root: Any) -> None:
    name = root.find(f".//{{{SAML}}}NameID")
    etree.SubElement(name, "x").tail = "-not"


def _instruction_in_the_name(root: Any) -> None:
    name = root.find(f".//{{{SAML}}}NameID")
    name.append(etree.ProcessingInstruction("x"))


def _with_entities(raw: bytes) -> bytes:
    return b'<!DOCTYPE a [<!ENTITY w SYSTEM "file:///etc/passwd">]>' + raw.replace(
        b">key-of-wanda<", b">&w;<"
    )


def _that_grows(raw: bytes) -> bytes:
    inner = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE a [<!ENTITY a0 "ha">{inner}]>'.encode() + raw.replace(
        b">key-of-wanda<", b">&a11;<"
    )


def _facts(**facts: Any) -> dict[str, Any]:
    return {"facts": facts}


NOW = clock.now
ELSEWHERE = "https://portal.other.test/sign-in/company/saml"
# What is said or done, and by which words of ours it is refused: so that it is this that fails.
LIES: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "no signature": (lambda: {"signs": ()}, "not signed"),
    "only the response is signed": (lambda: {"signs": ("Response",)}, "not signed"),
    "another key": (lambda: {"pair": pair("somebody else")}, "ignature validation failed"),
    "another response key": (
        lambda: {"pair": pair("somebody else"), "signs": ("Assertion", "Response")},
        "ignature validation failed",
    ),
    "signed by SHA-1": (lambda: {"method": xmlsec.Transform.RSA_SHA1}, "rsa-sha1"),
    "digested by SHA-1": (lambda: {"digest": xmlsec.Transform.SHA1}, "xmldsig#sha1"),
    "changed after signing": (
        lambda: {"after": _changed_after_signing}, "ignature validation failed",
    ),
    "another issuer": (lambda: _facts(issuer="https://login.other.test"), "issuer"),
    "another audience": (lambda: _facts(audience="https://other.test"), "not a valid audience"),
    "no audience": (lambda: _facts(audience=None), "for another party"),
    "another destination": (lambda: _facts(destination=ELSEWHERE), "received at"),
    "no destination": (lambda: _facts(destination=None), "another place"),
    "another recipient": (lambda: _facts(recipient=ELSEWHERE), "SubjectConfirmation"),
    "no recipient": (lambda: _facts(recipient=None), "confirms no bearer"),
    "another question": (lambda: _facts(in_response_to="_x", confirms="_x"), "another question"),
    "another question confirmed": (lambda: _facts(confirms="_x"), "SubjectConfirmation"),
    "no question": (lambda: _facts(in_response_to=None, confirms=None), "another question"),
    "no question confirmed": (lambda: _facts(confirms=None), "confirms no bearer"),
    "a holder of a key": (
        lambda: _facts(method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"),
        "SubjectConfirmation",
    ),
    "over": (lambda: _facts(until=NOW() - timedelta(seconds=70)), "not good now"),
    "over for the bearer": (
        lambda: _facts(confirmed_until=NOW() - timedelta(seconds=70)), "SubjectConfirmation",
    ),
    "without an end": (lambda: _facts(until=None), "not good now"),
    "without an end for the bearer": (lambda: _facts(confirmed_until=None), "confirms no bearer"),
    "not yet": (lambda: _facts(not_before=NOW() + timedelta(seconds=70)), "not good now"),
    "issued long ago": (lambda: _facts(issued=NOW() - timedelta(minutes=12)), "just now"),
    "to be issued": (lambda: _facts(issued=NOW() + timedelta(minutes=2)), "just now"),
    "a refusal": (lambda: _facts(status="Responder"), "not Success"),
    "a name for once": (lambda: _facts(format=TRANSIENT), "not the same each time"),
    "another party's name": (lambda: _facts(name_qualifier="https://x.test"), "another party's"),
    "an empty name": (lambda: _facts(name_id=""), "cannot be kept"),
    "a name with blanks around it": (lambda: _facts(name_id=" key "), "cannot be kept"),
    "no name": (lambda: _without("NameID"), "not one NameID"),
    "no subject": (lambda: _without("Subject"), "response"),
    "no conditions": (lambda: _without("Conditions"), "Conditions"),
    "no word of a sign-in": (lambda: _without("AuthnStatement"), "AuthnStatement"),
    "a comment in the name": (lambda: {"after": _comment_in_the_name}, "comments"),
    "a comment in the address": (
        lambda: {
            "attributes": {"email": ["boss@contoso.test.evil.test"]},
            "after": _comment_in_the_mail,
        },
        "comments",
    ),
    "an element in the name": (lambda: {"before": _element_in_the_name}, "response"),
    "an instruction in the name": (lambda: {"after": _instruction_in_the_name}, "instructions"),
    "an entity that reads a file": (lambda: {"rewritten": _with_entities}, "its XML"),
    "entities that grow": (lambda: {"rewritten": _that_grows}, "its XML"),
    "no XML": (lambda: {"rewritten": lambda _: b"Hello"}, "its XML"),
    "another document": (lambda: {"rewritten": lambda _: b"<a/>"}, "no SAML response"),
    "several addresses": (
        lambda: {"attributes": {"mail": ["boss@contoso.test"]}}, "several addresses",
    ),
    "no address": (lambda: {"attributes": {"email": []}}, "no address"),
    "groups elsewhere": (
        lambda: {"attributes": {"groups": [], GROUPS_LINK: ["https://graph.test"]}}, "elsewhere",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_no_lie_is_believed_and_each_is_refused_for_what_it_is(lie: str) -> None:
    said, why = LIES[lie]

    with pytest.raises(NotVouched) as refused:
        read(SamlIdp(**said()))

    assert why in str(refused.value.facts["problem"])


@pytest.mark.parametrize("way", WRAPPED)
def test_a_signed_part_that_is_wrapped_into_something_else_vouches_for_nobody(way: str) -> None:
    after, signs, _why = WRAPPED[way]
    assert read(SamlIdp(signs=signs)).vouched.subject == "key-of-wanda"

    with pytest.raises(NotVouched):
        read(SamlIdp(signs=signs, after=after))


@pytest.mark.parametrize("way", WRAPPED)
def test_what_is_signed_in_another_form_is_refused_before_anything_is_reckoned(way: str) -> None:
    """By our own look at the form: xmlsec would run transforms first."""
    after, signs, why = WRAPPED[way]
    raw = base64.b64decode(SamlIdp(signs=signs, after=after).answer(ASKED))

    with pytest.raises(NotVouched) as refused:
        the_assertion(read_xml(raw))

    assert why in str(refused.value.facts["problem"])


@pytest.mark.parametrize("sent", [b"", b"!", b"\xff", b"PGEvPg", b"PGE+"])
def test_what_is_no_base64_of_xml_is_refused(sent: bytes) -> None:
    theirs = Theirs(issuer="i", sign_on_url="https://x.test", certificates=(), groups_claim="g")

    with pytest.raises(NotVouched):
        saml.answer(OURS, theirs, question_id="_q", sent=sent)
