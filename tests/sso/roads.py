"""Ways to a provider and back, as a browser goes them."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from quittance.core import clock
from quittance.sso.models import IdentityProvider, ProviderDomain
from quittance.sso.providers import Wanted, claim_domain, keep_provider
from quittance.tenancy.rows import writing
from tests.ground import HARBORLINE
from tests.sso.liar import CLIENT, SECRET, Liar

DOMAIN = "contoso.test"


def provider(liar: Liar, **different: Any) -> IdentityProvider:
    """A provider of Harborline's people that is in use, with a proven domain."""
    domain = different.pop("domain", DOMAIN)
    facts: dict[str, Any] = {
        "name": "Contoso", "for_staff": False, "issuer": liar.issuer, "client_id": CLIENT,
        "secret": SECRET, "customers": [HARBORLINE], "roles": {"payers": "pay"},
    }  # fmt: skip
    made = keep_provider(None, Wanted(**(facts | different)))
    if domain:
        prove(claim_domain(made.pk, domain))
    return made


def prove(domain: ProviderDomain) -> None:
    """As if the record had been seen."""
    with writing():
        ProviderDomain.objects.filter(pk=domain.pk).update(proven_at=clock.now())


def go(client: Client, email: str = f"wanda@{DOMAIN}", then: str = "") -> dict[str, str]:
    """Press "Sign in with your company"; return what the browser takes to the provider."""
    answer = client.post("/sign-in/company", {"email": email, "then": then})
    assert answer.status_code == 200, answer.content.decode()
    found = re.search(r'class="btn btn-primary[^"]*" href="([^"]+)"', answer.content.decode())
    assert found
    query = parse_qs(urlsplit(html.unescape(found[1])).query)
    return {name: values[0] for name, values in query.items()}


def come_back(client: Client, **sent: str) -> Any:
    """Come back with an answer."""
    return client.get("/sign-in/company/back", sent)


def there_and_back(client: Client, liar: Liar, **sent: str) -> Any:
    """Go there, be vouched for, come back."""
    asked = go(client)
    liar.nonce = asked["nonce"]
    return come_back(client, **({"code": "code-1", "state": asked["state"]} | sent))
