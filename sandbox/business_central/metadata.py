"""Writes ``$metadata``: the entity types and sets as an OData schema."""

from __future__ import annotations

from functools import cache
from xml.sax.saxutils import quoteattr

from sandbox.business_central.facts import Entity, entities
from sandbox.business_central.shapes import SHAPES


@cache
def document() -> str:
    """The schema of every entity that this sandbox carries."""
    types = "".join(_type(entity) for entity in entities().values())
    sets = "".join(
        f"<EntitySet Name={quoteattr(entity.set)} EntityType="
        f"{quoteattr('Microsoft.NAV.' + entity.name)}/>"
        for entity in entities().values()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
        '<edmx:DataServices><Schema Namespace="Microsoft.NAV"'
        ' xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f'{types}<EntityContainer Name="default">{sets}</EntityContainer>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )


def _type(entity: Entity) -> str:
    properties = "".join(
        f"<Property Name={quoteattr(field.name)} Type={quoteattr('Edm.' + field.type)}"
        + (f' MaxLength="{field.max_length}"' if field.max_length else "")
        + "/>"
        for field in entity.fields.values()
    )
    ways = "".join(
        f"<NavigationProperty Name={quoteattr(name)} Type={quoteattr(_target(link.set, link.many))}"
        "/>"
        for name, link in SHAPES[entity.set].links.items()
    )
    key = f"<Key><PropertyRef Name={quoteattr(entity.key)}/></Key>"
    return f"<EntityType Name={quoteattr(entity.name)}>{key}{properties}{ways}</EntityType>"


def _target(entity_set: str, many: bool) -> str:
    name = f"Microsoft.NAV.{entities()[entity_set].name}"
    return f"Collection({name})" if many else name
