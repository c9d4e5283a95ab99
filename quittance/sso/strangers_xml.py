"""Reads XML that a stranger may have written: elements, attributes and text, and nothing else.

A document type could have entities in it that grow without end or name files of ours; a comment
inside of a name makes two readers see two names (CVE-2017-11427 and its like). So neither is read.
"""

from __future__ import annotations

from typing import Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from lxml import etree  # type: ignore[import-untyped]

from quittance.core.errors import RuleBroken

SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
BY_POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
BY_REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


class NotReadable(RuleBroken):
    """This is no XML that can be read here. Nothing was kept."""


def read_xml(raw: bytes, *, comments: bool = False) -> Any:
    """Return the root element.

    ``comments``: they may be there, and are left out; else one refuses the whole. Raises
    ``NotReadable``, also for a document type, an entity or a processing instruction.
    """
    try:
        fromstring(raw, forbid_dtd=True)
        root = etree.fromstring(raw, _parser(leave_out=comments))
    except (DefusedXmlException, ParseError, etree.XMLSyntaxError, ValueError, LookupError) as no:
        raise NotReadable(problem=f"its XML: {type(no).__name__}") from no
    if any(not isinstance(each.tag, str) for each in root.iter()):
        raise NotReadable(problem="its XML has comments, or instructions to programs")
    return root


def text_of(element: Any) -> str:
    """Return what an element says that has text in it and nothing else. Raises ``NotReadable``."""
    if len(element):
        raise NotReadable(problem=f"something stands inside of {etree.QName(element).localname}")
    return element.text or ""


def _parser(*, leave_out: bool) -> Any:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=leave_out, remove_pis=leave_out,
    )  # fmt: skip
