"""Tokens of directories are made and taken back where single sign-on is set up."""

from __future__ import annotations

import re

import httpx
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.tenancy.rows import reading
from tests.portal.doors import Door
from tests.scim.directory import Directory


def boss(door: Door) -> Client:
    return door.signed_in(email="ines@example.test", role="administrator")


def test_a_token_is_shown_once_works_and_is_taken_back(
    contoso: Directory, door: Door, server: int
) -> None:
    client, page = boss(door), f"/office/single-sign-on/{contoso.provider.pk}"
    shown = client.post(f"{page}/tokens").content.decode()
    token, base = (
        re.search(rf'id="{name}"[^>]*value="([^"]+)"', shown) for name in ("token", "base")
    )
    assert token
    assert base
    assert base[1].endswith(f"/scim/v2/{contoso.provider.pk}")

    def status() -> int:
        where = f"http://127.0.0.1:{server}{httpx.URL(base[1]).path}/Users"
        proof = {"host": door.host, "authorization": f"Bearer {token[1]}"}
        return httpx.get(where, headers=proof).status_code

    assert status() == 200
    again = client.get(page).content.decode()
    assert token[1] not in again
    assert again.count("Take it back") == 2
    assert "last used" in again
    for row in set(re.findall(r"tokens/([0-9a-f-]{36})/take-back", again)):
        client.post(f"{page}/tokens/{row}/take-back")

    assert status() == 401
    with reading():
        what = list(AuditEvent.objects.values_list("what", flat=True))
    assert what.count("directory token made") == 2
    assert what.count("directory token taken back") == 2


def test_a_third_token_is_refused_in_words(contoso: Directory, door: Door) -> None:
    client, page = boss(door), f"/office/single-sign-on/{contoso.provider.pk}/tokens"
    client.post(page)

    answer = client.post(page)

    assert answer.status_code == 422
    assert "two tokens already" in answer.content.decode()


def test_a_token_wants_the_permission_and_a_fresh_proof(contoso: Directory, door: Door) -> None:
    page = f"/office/single-sign-on/{contoso.provider.pk}/tokens"
    manager = door.signed_in(email="sam@example.test", role="manager")
    client = boss(door)
    session = client.session
    session["proved"] = clock.now().timestamp() - 301
    session.save()

    assert manager.post(page).status_code == 404
    answer = client.post(page)
    assert answer.status_code == 303
    assert answer["Location"].startswith("/security/prove")
