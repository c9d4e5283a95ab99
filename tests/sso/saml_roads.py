"""Ways to a SAML provider and back, as a browser goes them."""

from __future__ import annotations

import base64
import html
import re
import zlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from lxml import etree

from quittance.sso.models import IdentityProvider
from quittance.sso.providers import Wanted, claim_domain, keep_provider
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.sso.roads import DOMAIN, prove
from tests.sso.saml_idp import Asked, SamlIdp


def provider(idp: SamlIdp, **different: Any) -> IdentityProvider:
    """A SAML provider of Harborline's people that is in use, with a proven domain."""
    domain = different.pop("domain", DOMAIN)
    facts: dict[str, Any] = {
        "name": "Contoso", "for_staff": False, "kind": "saml", "issuer": "", "client_id": "",
        "metadata": idp.metadata(), "customers": [HARBORLINE], "roles": {"payers": "pay"},
    }  # fmt: skip
    made = keep_provider(None, Wanted(**(facts | different)))
    prove(claim_domain(made.pk, domain))
    return made


def go(client: Client, email: str = f"wanda@{DOMAIN}", then: str = "") -> Asked:
    """Press "Sign in with your company"; return what the browser takes to the provider."""
    answer = client.post("/sign-in/company", {"email": email, "then": then})
    assert answer.status_code == 200, answer.content.decode()
    found = re.search(r'class="btn btn-primary[^"]*" href="([^"]+)"', answer.content.decode())
    assert found
    return asked_by(html.unescape(found[1]))


def asked_by(address: str) -> Asked:
    """What the browser takes to the provider by this address."""
    query = parse_qs(urlsplit(address).query)
    root = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15))
    return Asked(
        question_id=root.get("ID"), relay=query["RelayState"][0],
        acs=root.get("AssertionConsumerServiceURL"), entity_id=root[0].text,
    )  # fmt: skip


def bring(door: Door, client: Client, answer: str, relay: str) -> Any:
    """Come back as browsers do: a form from elsewhere has no cookie, the page after it has."""
    form = {"SAMLResponse": answer, "RelayState": relay}
    path = "/sign-in/company/saml"
    led = Client(headers={"host": door.host}, enforce_csrf_checks=True).post(path, form)
    assert (led.status_code, led["Location"]) == (303, "/sign-in/company/back")
    assert not led.cookies
    return client.get(led["Location"])


def there_and_back(door: Door, client: Client, idp: SamlIdp, **more: str) -> Any:
    """Go there, be vouched for, come back."""
    asked = go(client, **more)
    return bring(door, client, idp.answer(asked), asked.relay)
