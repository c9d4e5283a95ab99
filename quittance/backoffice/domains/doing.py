"""Does with a domain what another person confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist

from quittance.backoffice.domains.asking import remember
from quittance.connections.change import WithWord
from quittance.core.errors import RuleBroken
from quittance.sso import providers
from quittance.tenancy.domains import Found, check_domain, claim_domain, release_domain
from quittance.tenancy.models import DomainClaim
from quittance.tenancy.rows import reading


class NotSeen(RuleBroken):
    """The text is not in the DNS, or the domain is another's or given up. Nothing was changed."""


def do_about_domain(row_id: UUID, content: Mapping[str, str], word: WithWord) -> None:
    """Do it. Raises ``NotSeen``, what the act raises, and ``Unavailable`` of a silent DNS."""
    try:
        _do(row_id, content, word)
    except ObjectDoesNotExist:
        raise NotSeen from None


def _do(row_id: UUID, content: Mapping[str, str], word: WithWord) -> None:
    act = content["act"]
    if act == "prove mail":
        providers.prove_domain(row_id, with_word=word)
        return
    if act == "release mail":
        providers.give_domain_up(row_id, with_word=word)
        return
    with reading():
        claim = DomainClaim.objects.get(pk=row_id)
    if act == "claim":
        wanted = content["for_portal"] == "yes"
        claim_domain(content["domain"], for_portal=wanted, with_word=word)
        remember("domain claimed", claim)
    elif act == "release":
        release_domain(row_id, with_word=word)
        remember("domain released", claim)
    elif check_domain(row_id, with_word=word) is Found.PROVEN:
        remember("domain looked at", claim, found=str(Found.PROVEN))
    else:
        raise NotSeen
