"""The eight ways to wrap a signed part (XSW1 to XSW8) of "On Breaking SAML", and some more.

Each takes a response that its provider has signed and hides what was signed beside an assertion of
the attacker, who is signed in there as Wanda and wants to be the boss.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from lxml import etree

from quittance.sso.strangers_xml import DS, SAML, SAMLP

BOSS = "boss@contoso.test"
_NS = {"samlp": SAMLP, "saml": SAML, "ds": DS}


def _assertion(root: Any) -> Any:
    return root.find("saml:Assertion", _NS)


def _signature(element: Any) -> Any:
    return element.find("ds:Signature", _NS)


def _unsigned(element: Any) -> Any:
    copy = deepcopy(element)
    if _signature(copy) is not None:
        copy.remove(_signature(copy))
    return copy


def be_the_boss(assertion: Any, *, id_: str = "_evil") -> Any:
    """Have it speak of the boss."""
    assertion.set("ID", id_)
    assertion.find("saml:Subject/saml:NameID", _NS).text = "key-of-the-boss"
    for value in assertion.iterfind(".//saml:AttributeValue", _NS):
        value.text = BOSS if "@" in (value.text or "") else value.text
    return assertion


def xsw1(root: Any) -> None:
    """The signed response inside of the signature that the false one bears."""
    signed, signature = _unsigned(root), _signature(root)
    root.set("ID", "_false")
    be_the_boss(_assertion(root))
    signature.append(signed)


def xsw2(root: Any) -> None:
    """The signed response beside a signature that is detached from it."""
    signed, signature = _unsigned(root), _signature(root)
    root.set("ID", "_false")
    be_the_boss(_assertion(root))
    signature.addprevious(signed)


def xsw3(root: Any) -> None:
    """A false assertion before the signed one."""
    _assertion(root).addprevious(be_the_boss(_unsigned(_assertion(root))))


def xsw4(root: Any) -> None:
    """The signed assertion inside of the false one."""
    signed = _assertion(root)
    false = be_the_boss(_unsigned(signed))
    root.replace(signed, false)
    false.append(signed)


def xsw5(root: Any) -> None:
    """The false assertion bears the signature; the signed one stands behind it."""
    signed = _unsigned(_assertion(root))
    be_the_boss(_assertion(root))
    root.append(signed)


def xsw6(root: Any) -> None:
    """The same, with the signed one inside of the signature."""
    signed = _unsigned(_assertion(root))
    be_the_boss(_assertion(root))
    _signature(_assertion(root)).append(signed)


def xsw7(root: Any) -> None:
    """A false assertion where a schema lets anything stand."""
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    extensions.append(be_the_boss(_unsigned(_assertion(root)), id_=_assertion(root).get("ID")))
    root.find("saml:Issuer", _NS).addnext(extensions)


def xsw8(root: Any) -> None:
    """The signed assertion in an object of the signature that the false one bears."""
    signed = _unsigned(_assertion(root))
    be_the_boss(_assertion(root), id_=signed.get("ID"))
    box = etree.SubElement(_signature(_assertion(root)), f"{{{DS}}}Object")
    box.append(signed)


def xsw8_by_another_id(root: Any) -> None:
    """The same where the false one has an id of its own."""
    xsw8(root)
    _assertion(root).set("ID", "_evil")


def an_object(root: Any) -> None:
    """Anything at all in the signature beside what it needs."""
    etree.SubElement(_signature(_assertion(root)), f"{{{DS}}}Object")


def two_responses(root: Any) -> None:
    """A whole signed response inside of a false one."""
    signed = deepcopy(root)
    be_the_boss(_assertion(root))
    root.append(signed)


def two_references(root: Any) -> None:
    """A second part that the signature claims to be of."""
    reference = _signature(_assertion(root)).find("ds:SignedInfo/ds:Reference", _NS)
    reference.addnext(deepcopy(reference))


def of_the_whole(root: Any) -> None:
    """A signature of whatever document it stands in."""
    _signature(_assertion(root)).find("ds:SignedInfo/ds:Reference", _NS).set("URI", "")


def by_a_program(root: Any) -> None:
    """A transform that runs a program of the sender's over what is signed."""
    transforms = _signature(_assertion(root)).find(".//ds:Transforms", _NS)
    program = etree.SubElement(transforms, f"{{{DS}}}Transform")
    program.set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")


def _method(root: Any, name: str) -> Any:
    return next(_signature(_assertion(root)).iter(f"{{{DS}}}{name}"))


def by_sha1(root: Any) -> None:
    """The algorithm that two documents can be made to share."""
    _method(root, "SignatureMethod").set("Algorithm", f"{DS}rsa-sha1")


def digested_by_sha1(root: Any) -> None:
    """The same of what is signed."""
    _method(root, "DigestMethod").set("Algorithm", f"{DS}sha1")


def by_a_shared_secret(root: Any) -> None:
    """The certificate, which everybody knows, taken for a secret."""
    _method(root, "SignatureMethod").set("Algorithm", f"{DS}hmac-sha1")


def with_comments_left(root: Any) -> None:
    """A form in which comments count, or do not, as it pleases."""
    way = _method(root, "CanonicalizationMethod")
    way.set("Algorithm", f"{way.get('Algorithm')}WithComments")


def of_another_part(root: Any) -> None:
    """A signature of the response in the assertion's place."""
    _method(root, "Reference").set("URI", "#_response")


def one_id_twice(root: Any) -> None:
    """Two parts with one id, by another spelling."""
    root.find("samlp:Status", _NS).set("Id", _assertion(root).get("ID"))


def signed_twice(root: Any) -> None:
    """Two signatures, of which one may be looked at and the other believed."""
    _signature(_assertion(root)).addnext(deepcopy(_signature(_assertion(root))))


def signed_elsewhere(root: Any) -> None:
    """A signature deeper in the assertion."""
    _assertion(root).find("saml:Subject", _NS).append(_signature(_assertion(root)))


def not_signed(root: Any) -> None:
    """Nothing that says it is signed."""
    _assertion(root).remove(_signature(_assertion(root)))


def encrypted(root: Any) -> None:
    """What is not read here."""
    _assertion(root).tag = f"{{{SAML}}}EncryptedAssertion"


def without_a_digest(root: Any) -> None:
    """A signature that is not whole."""
    value = _method(root, "DigestValue")
    value.getparent().remove(value)


def without_what_is_signed(root: Any) -> None:
    """A signature of nothing."""
    info = _method(root, "SignedInfo")
    info.getparent().remove(info)


# What is done, what the provider has signed, and by which words of ours the form is refused.
_ONE, _BOTH = ("Assertion",), ("Assertion", "Response")
WRAPPED = {
    "XSW1": (xsw1, _BOTH, "not one assertion"), "XSW2": (xsw2, _BOTH, "not one assertion"),
    "XSW3": (xsw3, _ONE, "not one assertion"), "XSW4": (xsw4, _ONE, "not one assertion"),
    "XSW5": (xsw5, _ONE, "not one assertion"), "XSW6": (xsw6, _ONE, "not one assertion"),
    "XSW7": (xsw7, _ONE, "have one id"), "XSW8": (xsw8, _ONE, "have one id"),
    "XSW8 with another id": (xsw8_by_another_id, _ONE, "not one assertion"),
    "an object in the signature": (an_object, _ONE, "parts that none needs"),
    "a response in a response": (two_responses, _ONE, "have one id"),
    "two parts under one signature": (two_references, _ONE, "not of one part"),
    "a signature of nothing in particular": (of_the_whole, _ONE, "of another part"),
    "a signature of another part": (of_another_part, _ONE, "of another part"),
    "a program that transforms": (by_a_program, _ONE, "another way than SAML's"),
    "signed by SHA-1": (by_sha1, _ONE, "rsa-sha1"),
    "digested by SHA-1": (digested_by_sha1, _ONE, "sha1"),
    "a shared secret": (by_a_shared_secret, _ONE, "hmac-sha1"),
    "a form with comments": (with_comments_left, _ONE, "it is signed by"),
    "one id twice": (one_id_twice, _ONE, "have one id"),
    "two signatures": (signed_twice, _ONE, "more than once"),
    "a signature elsewhere": (signed_elsewhere, _ONE, "where none may"),
    "no signature": (not_signed, _ONE, "is not signed"),
    "an encrypted assertion": (encrypted, _ONE, "is encrypted"),
    "a signature that is not whole": (without_a_digest, _ONE, "not whole"),
    "a signature without what is signed": (without_what_is_signed, _ONE, "no SignedInfo"),
}  # fmt: skip
