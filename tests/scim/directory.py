"""A company's directory as it calls us, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from quittance.core import clock
from quittance.identity.models import User
from quittance.sso.models import IdentityProvider, ProviderDomain
from quittance.sso.providers import Wanted, claim_domain, keep_provider
from quittance.sso.tokens import make_token
from quittance.tenancy.rows import reading, writing
from tests import described
from tests.ground import HARBORLINE
from tests.portal.doors import Door

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


@dataclass
class Directory:
    """One connection, and what it is asked with."""

    provider: IdentityProvider
    http: httpx.Client
    domain: str

    def join(self, name: str = "wanda", **different: Any) -> dict[str, Any]:
        """Have somebody join."""
        answer = self.http.post("/Users", json=self.said(name, **different))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def said(self, name: str = "wanda", **different: Any) -> dict[str, Any]:
        """A person as directories send one."""
        address = f"{name}@{self.domain}"
        return {
            "schemas": [USER], "userName": address, "externalId": f"ext-{name}",
            "displayName": name.title(), "active": True,
            "emails": [{"value": address, "type": "work", "primary": True}], **different,
        }  # fmt: skip

    def patch(self, kind: str, row: str, *steps: dict[str, Any], **headers: str) -> httpx.Response:
        """Change a row by these operations."""
        body = {"schemas": [PATCH], "Operations": list(steps)}
        return self.http.patch(f"/{kind}/{row}", json=body, headers=headers)

    def group(self, name: str, *members: str) -> dict[str, Any]:
        """Make a group of these people."""
        said = {
            "schemas": [GROUP], "displayName": name, "members": [{"value": m} for m in members]
        }  # fmt: skip
        answer = self.http.post("/Groups", json=said)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def leaves(self, row: str) -> httpx.Response:
        """Have somebody leave as Okta says it."""
        return self.patch("Users", row, {"op": "replace", "value": {"active": False}})


@contextmanager
def connected(
    door: Door, port: int, *, domain: str = "contoso.test", **different: Any
) -> Iterator[Directory]:
    """A connection with a proven domain, and its directory with a token."""
    facts: dict[str, Any] = {
        "name": domain, "for_staff": False, "issuer": f"https://{domain}", "client_id": "portal",
        "secret": "a secret of the client", "customers": [HARBORLINE],
        "roles": {"": "view", "payers": "pay", "bosses": "administer", "approvers": "approve"},
    }  # fmt: skip
    made = keep_provider(None, Wanted(**(facts | different)))
    row = claim_domain(made.pk, domain)
    with writing():
        ProviderDomain.objects.filter(pk=row.pk).update(proven_at=clock.now())
    with a_client(door, port, made, make_token(made.pk)) as http:
        yield Directory(made, http, domain)


@contextmanager
def a_client(
    door: Door, port: int, provider: IdentityProvider, token: str
) -> Iterator[httpx.Client]:
    """What calls with a token."""
    headers = {"host": door.host, "authorization": f"Bearer {token}"}
    base = f"http://127.0.0.1:{port}/scim/v2/{provider.pk}"
    seen = {"response": [is_described]}  # every answer of every test here
    with httpx.Client(
        base_url=base, headers=headers, trust_env=False, timeout=30, event_hooks=seen
    ) as http:
        yield http


def is_described(answer: httpx.Response) -> None:
    """Look whether an answer is one that openapi.yaml allows."""
    answer.read()
    asked = answer.request
    unlike = described.unlike(
        asked.method, asked.url.path, answer.status_code, answer.headers, answer.content
    )
    assert unlike == [], answer.text[:500]


def user(email: str) -> User:
    """Who has this address here."""
    with reading():
        return User.objects.get(email=email)
