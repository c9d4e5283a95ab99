"""What may be signed in a SAML response, and how: looked at before any signature is reckoned.

Who wraps a signed part into another document hopes that one program reckons the signature over
it, and another reads the part beside it. Here there is one place where a signed assertion may be,
and one way to sign it. Sources: SAML 2.0 Core, section 5.4; Somorovsky et al., "On Breaking SAML",
USENIX Security 2012 (its eight ways to wrap, XSW1 to XSW8).
"""

from __future__ import annotations

from typing import Any, Final

from lxml import etree  # type: ignore[import-untyped]

from quittance.sso.strangers_xml import DS, SAML, SAMLP
from quittance.sso.vouched import NotVouched

_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED: Final = f"{DS}enveloped-signature"
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_SIGNED_BY: Final = frozenset(
    f"{_MORE}{key}-sha{bits}" for key in ("rsa", "ecdsa") for bits in (256, 384, 512)
)
_DIGESTS: Final = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        f"{_MORE}sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)


def the_assertion(response: Any) -> Any:
    """Return the one assertion of a response, which stands where it must and says it is signed.

    Whether the signature is right is for xmlsec to say. Raises ``NotVouched``.
    """
    if response.tag != f"{{{SAMLP}}}Response":
        raise NotVouched(problem="it is no SAML response")
    _check_ids(response)
    found = list(response.iter(f"{{{SAML}}}Assertion", f"{{{SAML}}}EncryptedAssertion"))
    if len(found) != 1 or found[0].getparent() is not response:
        raise NotVouched(problem="it has not one assertion, in its place")
    (assertion,) = found
    if assertion.tag != f"{{{SAML}}}Assertion":
        raise NotVouched(problem="its assertion is encrypted, which is not read here")
    signatures = list(response.iter(f"{{{DS}}}Signature"))
    for each in signatures:
        if each.getparent() is not response and each.getparent() is not assertion:
            raise NotVouched(problem="a signature stands where none may")
        _check_signature(each)
    owners = [each.getparent() for each in signatures]
    if owners.count(assertion) != 1 or owners.count(response) > 1:
        raise NotVouched(problem="its assertion is not signed, or more than once")
    return assertion


def _check_ids(response: Any) -> None:
    """See that no two elements have the same id, by any attribute that a program takes for one."""
    ids = [
        value
        for element in response.iter()
        for name, value in element.attrib.items()
        if etree.QName(name).localname.lower() == "id"
    ]
    if len(ids) != len(set(ids)):
        raise NotVouched(problem="two of its parts have one id")


def _check_signature(signature: Any) -> None:
    info, *others = _children(signature, "SignedInfo")
    if [each.tag for each in others] not in (
        [f"{{{DS}}}SignatureValue"],
        [f"{{{DS}}}SignatureValue", f"{{{DS}}}KeyInfo"],
    ):
        raise NotVouched(problem="its signature has parts that none needs")
    canonical, *rest = _children(info, "CanonicalizationMethod")
    if len(rest) != 2 or [each.tag for each in rest] != [
        f"{{{DS}}}SignatureMethod",
        f"{{{DS}}}Reference",
    ]:
        raise NotVouched(problem="its signature is not of one part")
    method, reference = rest
    if canonical.get("Algorithm") != _EXCLUSIVE or method.get("Algorithm") not in _SIGNED_BY:
        raise NotVouched(problem=f"it is signed by {method.get('Algorithm', '')[-60:]}")
    _check_reference(reference, signature.getparent())


def _check_reference(reference: Any, owner: Any) -> None:
    if not owner.get("ID") or reference.get("URI") != f"#{owner.get('ID')}":
        raise NotVouched(problem="a signature is of another part than that in which it stands")
    transforms, *rest = _children(reference, "Transforms")
    if [each.get("Algorithm") for each in transforms] not in (
        [_ENVELOPED],
        [_ENVELOPED, _EXCLUSIVE],
    ):
        raise NotVouched(problem="what is signed is transformed in another way than SAML's")
    if [each.tag for each in rest] != [f"{{{DS}}}DigestMethod", f"{{{DS}}}DigestValue"]:
        raise NotVouched(problem="its signature is not whole")
    if rest[0].get("Algorithm") not in _DIGESTS:
        raise NotVouched(problem=f"it is digested by {rest[0].get('Algorithm', '')[-60:]}")


def _children(element: Any, first: str) -> list[Any]:
    children = list(element)
    if not children or children[0].tag != f"{{{DS}}}{first}":
        raise NotVouched(problem=f"its signature has no {first} in its place")
    return children
