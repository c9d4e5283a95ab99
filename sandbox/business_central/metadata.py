"""Writes ``$metadata``: entity types, ways between them, bound actions and sets, as a schema."""

from __future__ import annotations

from functools import cache
from xml.sax.saxutils import quoteattr

from sandbox.business_central.facts import Entity, Field, Way, entities, way

_NAMESPACE = "Microsoft.NAV"
_TOP = ("companies", "subscriptions")


@cache
def document() -> str:
    """The schema of every entity that this sandbox carries."""
    every = list(entities().values())
    types = "".join(_type(entity) for entity in every)
    actions = "".join(_action(entity, name) for entity in every for name in entity.actions)
    sets = "".join(_set(entity) for entity in every)
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
        f'<edmx:DataServices><Schema Namespace="{_NAMESPACE}"'
        ' xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f'{types}{actions}<EntityContainer Name="default">{sets}</EntityContainer>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )


def ways(entity: Entity) -> list[Way]:
    """The navigation properties that this sandbox follows; a company leads to every set."""
    if entity.set == "companies":
        below = (each for each in entities().values() if each.set not in _TOP)
        return [Way(name=each.set, set=each.set, many=True) for each in below]
    return [found for name in entity.navigation if (found := way(entity, name)) is not None]


def _type(entity: Entity) -> str:
    properties = "".join(_property(entity, field) for field in entity.fields.values())
    below = "".join(
        f"<NavigationProperty Name={quoteattr(each.name)} Type={quoteattr(_target(each))}"
        + ("" if each.many else ' Nullable="true"')
        + (' ContainsTarget="true"/>' if _is_part(entity, each) else "/>")
        for each in ways(entity)
    )
    key = f"<Key><PropertyRef Name={quoteattr(entity.key)}/></Key>"
    return f"<EntityType Name={quoteattr(entity.name)}>{key}{properties}{below}</EntityType>"


def _property(entity: Entity, field: Field) -> str:
    length = f' MaxLength="{field.max_length}"' if field.max_length else ""
    nullable = ' Nullable="false"' if field.name == entity.key else ""
    scale = ' Scale="Variable"' if field.type == "Decimal" else ""
    kind = quoteattr("Edm." + field.type)
    return f"<Property Name={quoteattr(field.name)} Type={kind}{nullable}{length}{scale}/>"


def _is_part(entity: Entity, each: Way) -> bool:
    """Whether the records belong to this one; else it leads to something beside it."""
    return entity.set == "companies" or each.parent == entity.key


def _target(each: Way) -> str:
    name = f"{_NAMESPACE}.{entities()[each.set].name}"
    return f"Collection({name})" if each.many else name


def _action(entity: Entity, name: str) -> str:
    return (
        f'<Action Name={quoteattr(name.rpartition(".")[2])} IsBound="true">'
        f'<Parameter Name="bindingParameter" Type="{_NAMESPACE}.{entity.name}"/></Action>'
    )


def _set(entity: Entity) -> str:
    bindings = "".join(
        f"<NavigationPropertyBinding Path={quoteattr(each.name)} Target={quoteattr(each.set)}/>"
        for each in ways(entity)
        if not _is_part(entity, each)
    )
    kind = quoteattr(f"{_NAMESPACE}.{entity.name}")
    return f"<EntitySet Name={quoteattr(entity.set)} EntityType={kind}>{bindings}</EntitySet>"
