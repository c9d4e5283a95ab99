"""Finds the organization and the legal entity that a command is about."""

from __future__ import annotations

import zoneinfo
from uuid import UUID

from quittance.core.errors import RuleBroken
from quittance.erp.connecting import Choice
from quittance.project.terminal import NotAnswered, Terminal
from quittance.tenancy.hosts import find_organization, organization_ids
from quittance.tenancy.models import LegalEntity, Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for


class Unclear(RuleBroken):
    """A command was not told enough, or something that cannot be."""


def organization(told: str, terminal: Terminal) -> UUID:
    """Return the organization by its id or one of its hosts; the only one needs no telling."""
    if told:
        return _named(told)
    found = organization_ids()
    if len(found) == 1:
        return found[0]
    if not found:
        raise Unclear("There is no organization yet. See docs/how-to/add-an-organization.md.")
    offered = [Choice(value=str(each), label=_name(each)) for each in found]
    try:
        return _named(terminal.choose("Organization", offered))
    except NotAnswered:
        known = "; ".join(f"{each.value} {each.label}" for each in offered)
        raise Unclear(f"Say which with --organization (an id or a host): {known}.") from None


def legal_entity(told: str, terminal: Terminal) -> LegalEntity | None:
    """Return the legal entity called so; ``None``: it is to be made."""
    with reading():
        found = list(LegalEntity.objects.order_by("name"))
    if not told and len(found) == 1:
        return found[0]
    if not told and found:
        offered = [Choice(value=each.name, label=each.currency) for each in found]
        try:
            told = terminal.choose("Legal entity", offered)
        except NotAnswered:
            known = "; ".join(each.name for each in found)
            raise Unclear(f"Say which with --legal-entity: {known}.") from None
    return next((each for each in found if each.name == told), None)


def new_legal_entity(name: str, zone: str, currency: str, terminal: Terminal) -> LegalEntity:
    """Make a legal entity. Its zone decides which day it is: it is asked for if it is not told."""
    try:
        name = name or terminal.ask("Name of the new legal entity")
        zone = zone or terminal.ask("Time zone of its books", default="UTC")
    except NotAnswered:
        raise Unclear(
            "This organization has no such legal entity. Give --legal-entity NAME and --zone, such "
            "as America/Chicago, to make it."
        ) from None
    if zone not in zoneinfo.available_timezones():
        raise Unclear(f"There is no time zone {zone!r}. Write one like America/Chicago.")
    with writing():
        return LegalEntity.objects.create(name=name, zone=zone, currency=currency)


def _named(told: str) -> UUID:
    known = organization_ids()
    by_host = find_organization(told.lower())
    if by_host:
        return by_host[0]
    for each in known:
        if str(each) == told.lower():
            return each
    raise Unclear(f"There is no organization {told!r}: give its id or one of its hosts.")


def _name(organization_id: UUID) -> str:
    with working_for(organization_id, actor="operator"), reading():
        return Organization.objects.get().name
