"""Reads the form of an identity provider, and writes it again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from quittance.receivables.models import CustomerAccount
from quittance.sso.metadata import MOST_BYTES
from quittance.sso.models import IdentityProvider
from quittance.sso.providers import Wanted

ROWS: Final = 6  # groups that the form asks for
_MOST_CUSTOMERS: Final = 200


def typed(sent: Any, *, kind: str) -> Wanted:
    """Return what was typed for a provider of this ``kind``; the secret comes back to nobody."""

    def text(name: str, most: int) -> str:
        return str(sent.get(name, "")).replace("\0", "").strip()[:most]

    groups = [each.replace("\0", "").strip()[:200] for each in sent.getlist("group")[:ROWS]]
    given = list(zip(groups, sent.getlist("role"), strict=False))
    roles = {group: role[:20] for group, role in given if group and role}
    if text("everybody", 20):
        roles[""] = text("everybody", 20)
    return Wanted(
        name=text("name", 100), for_staff=sent.get("side") == "staff",
        kind=kind, metadata=text("metadata", MOST_BYTES), metadata_url=text("metadata_url", 500),
        keep_certificates="keep_certificates" in sent,
        issuer=text("issuer", 500), client_id=text("client_id", 200), secret=text("secret", 500),
        groups_claim=text("groups_claim", 100), links_by_mail="links_by_mail" in sent,
        required="required" in sent, is_active="is_active" in sent,
        customers=re.split(r"[\s,;]+", text("customers", 4000))[:_MOST_CUSTOMERS]
        if text("customers", 4000) else (),
        roles=roles,
    )  # fmt: skip


def wanted_of(provider: IdentityProvider) -> Wanted:
    """Return a provider as it is kept, in a transaction of the caller."""
    ids = provider.accounts.values("customer_account_id")
    numbers = CustomerAccount.objects.filter(pk__in=ids).order_by("number")
    return Wanted(
        name=provider.name, for_staff=provider.for_staff, kind=provider.kind,
        issuer=provider.issuer, client_id=provider.client_id, groups_claim=provider.groups_claim,
        links_by_mail=provider.links_by_mail, required=provider.required,
        is_active=provider.is_active,
        customers=list(dict.fromkeys(numbers.values_list("number", flat=True))),
        roles=dict(provider.roles.order_by("group").values_list("group", "role")),
    )  # fmt: skip


def rows_of(wanted: Wanted) -> Sequence[tuple[str, str]]:
    """Return the rows of groups that the form shows, empty ones behind."""
    there = [(group, role) for group, role in wanted.roles.items() if group]
    return [*there, *([("", "")] * (ROWS - len(there)))]
