"""The whole road through a provider that others wrote: the package oidc-provider-mock."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from quittance.identity.models import User
from quittance.sso.providers import Wanted
from quittance.tenancy.rows import reading
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.sso.liar import CLIENT, SECRET
from tests.sso.roads import DOMAIN, claim_domain, keep_provider, prove


@pytest.fixture(scope="module")
def others() -> Iterator[str]:
    """A provider of others, as a process of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://localhost:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(f"{address}/jwks", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        running.terminate()
        running.wait(20)


@pytest.mark.slow
def test_a_person_goes_to_a_provider_that_others_wrote_and_comes_back_signed_in(
    door: Door, others: str
) -> None:
    email = f"rosa@{DOMAIN}"
    claims = {"email": email, "email_verified": True, "name": "Rosa Contoso", "groups": ["payers"]}
    httpx.put(f"{others}/users/rosa", json=claims, trust_env=False).raise_for_status()
    made = keep_provider(
        None,
        Wanted(
            name="Contoso", for_staff=False, issuer=others, client_id=CLIENT, secret=SECRET,
            customers=[HARBORLINE], roles={"payers": "pay"},
        ),
    )  # fmt: skip
    prove(claim_domain(made.pk, DOMAIN))
    client = door.client()

    page = client.post("/sign-in/company", {"email": email, "then": "/invoices"}).content.decode()
    address = page.partition('rel="noreferrer"')[0].rpartition('href="')[2].partition('"')[0]
    sent = httpx.post(address.replace("&amp;", "&"), data={"sub": "rosa"}, trust_env=False)
    back = httpx.URL(sent.headers["Location"])
    answer = client.get(back.path, dict(back.params))

    assert (answer.status_code, answer["Location"]) == (303, "/invoices")
    assert "Rosa Contoso" in client.get("/profile").content.decode()
    with reading():
        assert User.objects.get(email=email).staff_role == ""
